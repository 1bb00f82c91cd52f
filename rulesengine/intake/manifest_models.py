"""The shape of facts.yaml, and its mistakes in words that a finance person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from rulesengine.diagnostics import did_you_mean
from rulesengine.model.quick_dataclass import dataclass

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a manifest, and at which path of keys."""

    path: tuple[str | int, ...]
    message: str
    hint: str = ""


def _as_column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _as_flag(value: Any) -> Any:
    return {"true": True, "yes": True, "false": False, "no": False}.get(value, value)


def _as_text(value: Any) -> Any:
    return "" if value is None else value


def _as_mapping(value: Any) -> Any:
    return {} if value is None else value


Text = Annotated[str, BeforeValidator(_as_text)]


class _Model(BaseModel):
    # Deferred: models are put together once, as parts of the whole, when a manifest is first read.
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, populate_by_name=False, defer_build=True
    )


class ColumnEntry(_Model):
    """`field: column`, or `field: {column: …, map: …}`."""

    column: str = ""
    constant: Text | None = None
    format: str | None = None
    map: dict[str, Text] = {}
    spelt: Literal["ratio", "percent"] | None = Field(None, alias="as")
    currency: str = ""
    separator: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    time: Literal["drop"] | None = None


Columns = Annotated[ColumnEntry, BeforeValidator(_as_column)]


class Entry(_Model):
    """What all entries have; some options are allowed only in some blocks."""

    file: Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1)]
    format: Literal["csv", "jsonl", "parquet", "yaml"] | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1, pattern=r'[^"\r\n]')] = ","
    columns: Annotated[dict[str, Columns], BeforeValidator(_as_mapping)] = {}

    @property
    def distinct(self) -> bool:
        """Whether a payee may have many rows that agree."""
        return False

    @property
    def start(self) -> ColumnEntry | None:
        """The column with the date from which a row of a history holds."""
        return None

    @property
    def period_format(self) -> str | None:
        """How a quota's period is written, where it is a date."""
        return None

    @property
    def is_wide(self) -> bool:
        """Whether, of rates, each currency has a column of its own."""
        return False

    @property
    def missing(self) -> tuple[str, ...]:
        """What, in wide rates, stands where there is no rate."""
        return ()


class PayeeEntry(Entry):
    """An entry below `payees`."""

    distinct_: Annotated[bool, BeforeValidator(_as_flag)] = Field(False, alias="distinct")
    from_: Columns | None = Field(None, alias="from")

    @property
    def distinct(self) -> bool:
        """Whether a payee may have many rows that agree."""
        return self.distinct_

    @property
    def start(self) -> ColumnEntry | None:
        """The column with the date from which a row of a history holds."""
        return self.from_


class QuotaEntry(Entry):
    """An entry below `quotas`."""

    layout: str | None = Field(None, alias="period_format")

    @property
    def period_format(self) -> str | None:
        """How a quota's period is written, where it is a date."""
        return self.layout


class RatesEntry(Entry):
    """An entry below `rates`."""

    layout: Literal["long", "wide"] = "long"
    missing_: Annotated[list[str], BeforeValidator(_as_list)] = Field([], alias="missing")

    @property
    def is_wide(self) -> bool:
        """Whether each currency has a column of its own."""
        return self.layout == "wide"

    @property
    def missing(self) -> tuple[str, ...]:
        """What stands where there is no rate."""
        return tuple(self.missing_)


class Manifest(_Model):
    """A whole facts.yaml."""

    root: str = ""
    facts: Annotated[dict[str, Entry], BeforeValidator(_as_mapping)] = {}
    payees: Annotated[dict[str, PayeeEntry], BeforeValidator(_as_mapping)] = {}
    quotas: Annotated[dict[str, QuotaEntry], BeforeValidator(_as_mapping)] = {}
    rates: Annotated[dict[str, RatesEntry], BeforeValidator(_as_mapping)] = {}


def read_manifest(content: Any) -> Manifest | list[Mistake]:
    """Return the manifest that a YAML text holds, or all its mistakes."""
    try:
        return Manifest.model_validate({} if content is None else content)
    except ValidationError as error:
        return [_mistake(details) for details in error.errors(include_url=False)]


def _mistake(details: ErrorDetails) -> Mistake:
    path = details["loc"]
    last = str(path[-1]) if path else "the manifest"
    context = details.get("ctx", {})
    match details["type"]:
        case "extra_forbidden":
            keys = _keys_at(path[:-1])
            hint = did_you_mean(last, keys) or "known are " + ", ".join(f"`{key}`" for key in keys)
            return Mistake(path, f"unknown key `{last}`", hint)
        case "missing":
            return Mistake(path, f"`{last}` is missing", f"say `{last}: …`")
        case "literal_error":
            expected = str(context.get("expected", "another word")).replace("'", "`")
            return Mistake(path, f"`{last}` must be {expected}")
        case "dict_type" if last == "columns":
            return Mistake(path, "`columns` must say field and column, such as `amount: NetAmount`")
        case "dict_type" if last == "map":
            return Mistake(path, "`map` must say spelling and value, such as `GTXPro: GTX Pro`")
        case "model_type" | "model_attributes_type" if "columns" in path or last == "from":
            return Mistake(path, f"`{last}` must be a column, or options such as `column: NetAmount`")
        case "dict_type" | "model_type" | "model_attributes_type":
            return Mistake(path, f"{_quoted(last)} must hold keys, such as `file: deals.csv`")
        case "list_type" | "too_short":
            return Mistake(path, f"`{last}` must be the name of a file, or a list of names")
        case "bool_type":
            return Mistake(path, f"`{last}` must be true or false")
        case "string_too_long" | "string_too_short":
            return Mistake(path, f"`{last}` must be one character")
        case "string_pattern_mismatch":
            return Mistake(path, f"`{last}` cannot be a quote or a line end")
        case _:
            return Mistake(path, f"{_quoted(last)} must be a text")


def _quoted(name: str) -> str:
    return name if name == "the manifest" else f"`{name}`"


def _keys_at(path: tuple[str | int, ...]) -> list[str]:
    """Return the keys that a manifest may have below a path."""
    if not path:
        return _names(Manifest)
    if len(path) > 2:
        return _names(ColumnEntry)
    models: dict[str, type[Entry]] = {"payees": PayeeEntry, "quotas": QuotaEntry, "rates": RatesEntry}
    return _names(models.get(str(path[0]), Entry))


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]

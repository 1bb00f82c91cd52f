"""What the passes hand on: everything that is known about the plan so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from rulesengine.diagnostics import Span
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.schema import QuotaShape, RatesShape, RecordKind, Role
from rulesengine.model.types import Type
from rulesengine.plan import nodes
from rulesengine.plan.header import Header
from rulesengine.plan.names import Catalog
from rulesengine.plan.problems import Problems
from rulesengine.plan.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInfo:
    """A field of a record kind, declared by `field` or `derive`."""

    kind: str
    name: str
    type: Type
    is_optional: bool
    is_derived: bool
    declared: Span
    is_ratio: bool = False
    """Derived as money divided by money, so that it is a number and not a percentage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindInfo:
    """A record kind with all its fields, by name."""

    name: str
    role: Role
    declared: Span
    fields: Mapping[str, FieldInfo | None]
    """None for a field whose line is mistaken, which has been reported."""
    derives: frozenset[str]
    """Names of derived fields, also while they are not lowered yet."""
    record: RecordKind
    is_whole: bool
    """Has its key, and its event date if it is a fact kind."""

    @property
    def credited(self) -> str | None:
        """Name of the field that says who is credited."""
        return next((field.name for field in self.record.fields if field.is_credited), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaKeyInfo:
    """A key of a quota: a field (or the key itself, without names) of a payee or of the row."""

    root: nodes.Root
    kind: str
    names: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaInfo:
    """A quota: its shape, and where a rule reads its keys."""

    shape: QuotaShape
    keys: tuple[QuotaKeyInfo, ...]
    declared: Span


Guard = tuple[nodes.Root, tuple[str, ...]]
"""A path that is known not to be missing."""

Count = tuple[str, str]
"""Kind and field."""


@dataclass(frozen=True, slots=True)
class FactRows:
    """Which rows of a fact kind count, in what order, and what that says of optional values."""

    conditions: tuple[nodes.Condition, ...]
    order_by: nodes.FieldRead | None
    guards: frozenset[Guard]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Handed from pass to pass. A later pass returns it with more in it, never changed.

    In the maps of blocks, None stands for a block whose mistake has been reported.
    """

    problems: Problems
    texts: Texts
    header: Header
    catalog: Catalog
    kinds: Mapping[str, KindInfo | None] = field(default_factory=dict)
    fact_rows: Mapping[str, FactRows] = field(default_factory=dict)
    quotas: Mapping[str, QuotaInfo | None] = field(default_factory=dict)
    rates: Mapping[str, RatesShape | None] = field(default_factory=dict)
    tables: Mapping[str, nodes.Table | None] = field(default_factory=dict)
    measures: Mapping[str, nodes.Measure | None] = field(default_factory=dict)
    counts: set[Count] = field(default_factory=set)
    """Fields used as numbers of parts or months; filled while rules are lowered."""
    codes: set[Count] = field(default_factory=set)
    """Fields that say the currency of amounts, or of a payee; filled likewise."""

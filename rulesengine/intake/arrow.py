"""Parquet and data frames: typed columns, with floats refused as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rulesengine.intake.moments import DAY_NS, day_of, time_of
from rulesengine.intake.tables import Cells, Table, Unopened
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.types import (
    DateType,
    FlagType,
    MoneyType,
    NumberType,
    PercentType,
    TextListType,
    TextType,
    Type,
)

_UNITS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
"""Nanoseconds of the units that times are counted in."""


@dataclass(frozen=True, slots=True)
class ArrowTable:
    """A table whose columns have types of their own."""

    columns: tuple[str, ...]
    data: Any
    """pyarrow.Table."""

    def rows(self, wanted: tuple[str, ...]) -> Iterator[Cells]:
        """Turn the wanted columns, and no others, into Python values."""
        import pyarrow as pa

        lists = []
        for name in wanted:
            column = self.data.column(self.columns.index(name))
            try:
                lists.append(_values(column))
            except (ValueError, OverflowError, pa.ArrowException) as error:
                raise Unopened(f"column `{name}` cannot be read: {error}") from None
        if not lists:
            return iter([()] * self.data.num_rows)
        return zip(*lists, strict=True)

    def misfit(self, column: str, type: Type, is_mapped: bool) -> str:
        """Compare the column's type with the field's; only text, and nulls, fit everywhere."""
        found = self.data.schema.field(self.columns.index(column)).type
        return _misfit(found, type, is_mapped)


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """A Parquet file of which only the wanted columns are read, when rows are asked for.

    A file may be damaged where nobody looks: the intake in SQL reads no other columns either.
    """

    columns: tuple[str, ...]
    shape: Any
    """pyarrow.Schema."""
    source: bytes | Path

    def rows(self, wanted: tuple[str, ...]) -> Iterator[Cells]:
        """Turn the wanted columns, and no others, into Python values.

        Raises:
            Unopened: one of them is damaged.
        """
        names = [self.shape.names[self.columns.index(name)] for name in wanted]
        with _damage_told():
            data = _parquet_file(self.source).read(columns=names)
        return _table(data).rows(wanted)

    def misfit(self, column: str, type: Type, is_mapped: bool) -> str:
        """Compare the column's type with the field's; only text, and nulls, fit everywhere."""
        return _misfit(self.shape.field(self.columns.index(column)).type, type, is_mapped)


def parquet_table(source: bytes | Path) -> ParquetTable:
    """Open a Parquet file, no row of it read.

    Raises:
        Unopened: it is none, or its description of itself is damaged.
    """
    with _damage_told():
        shape = _parquet_file(source).schema_arrow
    return ParquetTable(tuple(str(name).strip() for name in shape.names), shape, source)


def _parquet_file(source: bytes | Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # Old files count times in a way that reaches past the years that nanoseconds do; DuckDB reads them so.
    return pq.ParquetFile(
        pa.BufferReader(source) if isinstance(source, bytes) else source, coerce_int96_timestamp_unit="us"
    )


@contextmanager
def _damage_told() -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Unopened(f"this is not Parquet that can be read: {str(error).splitlines()[0]}") from None


def frame_table(frame: Any) -> Table | None:
    """Read an Arrow table, pandas or Polars frame or DuckDB relation; None if it is none of these.

    They are told by what they can do, so that none of these libraries is imported for it.
    """
    is_pandas = hasattr(frame, "iloc") and hasattr(frame, "columns")
    if not is_pandas and not any(hasattr(frame, way) for way in ("__arrow_c_stream__", "to_arrow", "arrow")):
        return None
    import pyarrow as pa

    try:
        if is_pandas:
            return _table(pa.Table.from_pandas(frame, preserve_index=False))
        if isinstance(frame, pa.Table):
            return _table(frame)
        if hasattr(frame, "__arrow_c_stream__"):
            return _table(pa.RecordBatchReader.from_stream(frame).read_all())
        found = frame.to_arrow() if hasattr(frame, "to_arrow") else frame.arrow()
        return _table(found if isinstance(found, pa.Table) else found.read_all())
    except (pa.ArrowException, AttributeError, TypeError, ValueError) as error:
        raise Unopened(f"the table cannot be turned into Arrow: {str(error).splitlines()[0]}") from None


def _values(column: Any) -> list[object]:
    """Return a column as Python values, a day or time that Python has none for as one of ours."""
    import pyarrow as pa
    import pyarrow.types as at

    type = column.type
    if not (at.is_date(type) or (at.is_timestamp(type) and type.tz is None)):
        return list(column.to_pylist())
    try:
        # Nanoseconds have no Python value without pandas; the cast fails where it would lose some.
        return list((column.cast(pa.timestamp("us")) if at.is_timestamp(type) else column).to_pylist())
    except (ValueError, OverflowError, pa.ArrowException):
        found = column.cast(pa.int32() if at.is_date32(type) else pa.int64()).to_pylist()
    if at.is_date32(type):
        return [None if days is None else day_of(days) for days in found]
    if at.is_date64(type):
        return [None if count is None else day_of(count * _UNITS["ms"] // DAY_NS) for count in found]
    return [None if count is None else time_of(count * _UNITS[type.unit]) for count in found]


def _table(data: Any) -> ArrowTable:
    return ArrowTable(tuple(str(name).strip() for name in data.column_names), data)


def _misfit(found: Any, type: Type, is_mapped: bool) -> str:
    import pyarrow.types as at

    if at.is_dictionary(found):
        found = found.value_type
    if at.is_null(found) or at.is_string(found) or at.is_large_string(found) or at.is_string_view(found):
        return ""
    if at.is_floating(found):
        return f"{found} is a float, which is not exact; store decimals, integers or text"
    match type:
        case MoneyType() | NumberType() | PercentType():
            fits = at.is_integer(found) or at.is_decimal(found)
        case DateType():
            if at.is_timestamp(found) and found.tz is not None:
                return f"{found} has a time zone, so that its day is not certain; store dates"
            fits = at.is_date(found) or at.is_timestamp(found)
        case FlagType():
            fits = at.is_boolean(found) or (is_mapped and at.is_integer(found))
        case TextListType():
            fits = at.is_list(found) or at.is_large_list(found)
            if fits:
                return _misfit(found.value_type, TextType(), is_mapped)
        case _:
            fits = at.is_integer(found) or (is_mapped and at.is_boolean(found))
    return "" if fits else f"{found} is no {type}"

"""Files of rows that come piece by piece: the bytes depend on the rows alone, however they come."""

from __future__ import annotations

from pathlib import Path
from weakref import WeakSet

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from rulesengine.diagnostics import InternalError
from rulesengine.statements.by_sql.part_files import write_parts

SCHEMA = pa.schema(
    [
        ("line_id", pa.string()),
        ("payee", pa.string()),
        ("rule", pa.string()),
        ("step", pa.int32()),
        ("window", pa.string()),
    ]
)
ROWS = pa.table(
    {
        "line_id": [f"L-{n}" for n in range(100)],
        "payee": [f"P{n // 10}" for n in range(100)],
        "rule": ["growth", None, "share", "share"] * 25,
        "step": pa.array(range(100), pa.int32()),
        "window": [None] * 100,
    },
    schema=SCHEMA,
)


def written(folder: Path, rows: pa.Table, sizes: list[int], piece: int) -> list[bytes]:
    folder.mkdir()
    files = {folder / f"{number}.parquet": size for number, size in enumerate(sizes)}
    pieces = rows.combine_chunks().to_batches(max_chunksize=piece)
    assert write_parts(folder, SCHEMA, {}, files, pieces) == rows.num_rows
    return [file.read_bytes() for file in files]


def test_bytes_depend_on_the_rows_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rulesengine.statements.by_sql.part_files.GROUP_ROWS", 16)
    coded = pa.table(
        {
            # A type that has other texts too, in another order.
            each: pa.DictionaryArray.from_arrays(
                pa.array([codes.get(value.as_py()) for value in ROWS.column(each)], pa.int8()),
                pa.array(list(codes)),
            )
            if each in ("payee", "rule")
            else ROWS.column(each)
            for each in ROWS.column_names
            for codes in [{f"P{n}": 10 - n for n in range(10, -1, -1)} | {"share": 11, "growth": 12}]
        }
    )
    sizes = [30, 40, 30]
    first = written(tmp_path / "one", ROWS, sizes, 100)
    assert written(tmp_path / "two", ROWS, sizes, 7) == first
    assert written(tmp_path / "three", coded, sizes, 9) == first
    constant = {"window": pa.scalar(None, pa.string())}
    (tmp_path / "four").mkdir()
    files = {tmp_path / "four" / f"{n}.parquet": size for n, size in enumerate(sizes)}
    write_parts(tmp_path, SCHEMA, constant, files, ROWS.drop_columns(["window"]).to_batches())
    assert [file.read_bytes() for file in files] == first
    write_parts(tmp_path, SCHEMA, {}, files, ROWS.to_batches(), coded=False)
    assert [file.read_bytes() for file in files] == first
    assert pa.concat_tables(parquet.read_table(file) for file in files).equals(ROWS)


@pytest.mark.parametrize("size", [99, 101])
def test_other_rows_than_were_counted_are_a_bug(size: int, tmp_path: Path) -> None:
    with pytest.raises(InternalError, match="other rows"):
        write_parts(tmp_path, SCHEMA, {}, {tmp_path / "one.parquet": size}, ROWS.to_batches())


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    assert write_parts(tmp_path, SCHEMA, {}, {tmp_path / "one.parquet": 0}, []) == 0
    assert parquet.read_schema(tmp_path / "one.parquet").equals(SCHEMA)


def test_files_that_are_written_are_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten million deals are thousands of files: what each kept would add up to a gigabyte."""
    alive: WeakSet[parquet.ParquetWriter] = WeakSet()
    most = 0

    class Counted(parquet.ParquetWriter):
        def __init__(self, *arguments: object, **named: object) -> None:
            nonlocal most
            super().__init__(*arguments, **named)
            alive.add(self)
            most = max(most, len(alive))

    monkeypatch.setattr(parquet, "ParquetWriter", Counted)
    files = {tmp_path / f"{number}.parquet": 1 for number in range(100)}
    write_parts(tmp_path, SCHEMA, {}, files, ROWS.to_batches(max_chunksize=10))
    assert 0 < most < 10

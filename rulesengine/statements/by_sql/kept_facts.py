"""The facts that a run kept, so that a later run can tell which have changed since.

    kept/facts.json        columns of the facts; digests of what else the run read, and of what it wrote
    kept/KIND.parquet      the rows of a fact kind that were taken, in the order of their files

Numbers are integers there, as the engine had them; `facts.json` says their scale. The same facts make the
same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulesengine.model.schema import RecordKind, Schema
from rulesengine.model.stored_book import FILE, ROW, StoredBook, StoredColumn, StoredTable
from rulesengine.statements.by_sql.digests import digest_of_json, digests_of_files
from rulesengine.statements.by_sql.part_files import GROUP_ROWS, write_parts
from rulesengine.statements.by_sql.sql import name, text
from rulesengine.statements.run_folder import RENDERED, RunFolder

if TYPE_CHECKING:
    import duckdb

FOLDER = "kept"
_DOCUMENT = "facts.json"
_FORMAT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFacts:
    """What a run folder says of the facts of its run."""

    files: Mapping[str, Path]
    """By fact kind."""
    tables: Mapping[str, StoredTable]
    """By fact kind; their names are those that they had."""
    others: Mapping[str, str]
    """A hash of each table that is no table of facts."""
    written: Mapping[str, str]
    """The digest of each file of the run with rows, by its name in the run folder, as it was written."""
    document: str
    """The digest of what run.json said."""

    def changed_file(self, run: RunFolder) -> str:
        """Return the name of a file that is not what the run wrote, empty if there is none."""
        if _digest_of_run(run.document) != self.document:
            return "run.json"
        try:
            found = digests_of_files(run.path)
        except OSError as error:
            return Path(str(error.filename)).name
        names = sorted(found.keys() | self.written.keys())
        return next((each for each in names if found.get(each) != self.written.get(each)), "")


def keep_facts(
    connection: duckdb.DuckDBPyConnection,
    run: Path,
    book: StoredBook,
    schema: Schema,
    others: Mapping[str, str],
    said: Mapping[str, Any],
) -> None:
    """Write the facts of a run into its folder, where all its tables are.

    Args:
        connection: to the database that has the tables of the book.
        run: the folder.
        book: what there is.
        schema: of the plan.
        others: from `hashes_of_others`.
        said: what run.json will say.
    """
    folder = run / FOLDER
    folder.mkdir()
    (usual,) = _row(connection, "SELECT current_setting('preserve_insertion_order')")
    # Rows stand in one order whatever threads there are, so that the bytes are the same.
    connection.execute("SET preserve_insertion_order = true")
    for kind, table in book.facts.items():
        asked = ", ".join(_written(table.columns[each]) for each in fields_of(schema.kinds[kind]))
        target = folder / f"{kind}.parquet"
        rows = connection.sql(f"SELECT {asked} FROM {name(table.name)}").to_arrow_reader(GROUP_ROWS)
        write_parts(target, rows.schema, {}, {target: table.rows}, rows, coded=False)
    connection.execute(f"SET preserve_insertion_order = {str(usual).lower()}")
    document = {
        "format": _FORMAT,
        "facts": {kind: _as_json(table, schema.kinds[kind]) for kind, table in sorted(book.facts.items())},
        "others": dict(sorted(others.items())),
        "written": digests_of_files(run),
        "document": _digest_of_run(said),
    }
    whole = {**document, "sha256": digest_of_json(document)}
    written = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    (folder / _DOCUMENT).write_text(written, encoding="utf-8", newline="")


def read_kept(run: Path) -> KeptFacts | None:
    """Return what a run folder kept of its facts, None if that was nothing, or cannot be read.

    Whether its files are what they were is not known by then: `KeptFacts.changed_file`.
    """
    folder = run / FOLDER
    try:
        document: dict[str, Any] = json.loads((folder / _DOCUMENT).read_text(encoding="utf-8"))
        told = document.pop("sha256")
        if document["format"] != _FORMAT or told != digest_of_json(document):
            return None
        tables = {kind: _from_json(found) for kind, found in document["facts"].items()}
        return KeptFacts(
            files={kind: folder / f"{kind}.parquet" for kind in tables},
            tables=tables,
            others=document["others"],
            written=document["written"],
            document=document["document"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def load_kept(connection: duckdb.DuckDBPyConnection, kept: KeptFacts) -> Mapping[str, StoredTable]:
    """Return the facts of before as tables of the database, by kind; they are read where they stand.

    Columns that say in which file a row stood are there, and empty: nobody asks that of a row of before.
    """
    tables = {}
    for kind, table in kept.tables.items():
        view = f"was_{table.name}"
        connection.execute(
            f"CREATE OR REPLACE VIEW {name(view)} AS"
            f" SELECT '' AS {name(FILE)}, 0::BIGINT AS {name(ROW)}, *"
            f" FROM read_parquet({text(str(kept.files[kind]))})"
        )
        tables[kind] = StoredTable(name=view, rows=table.rows, columns=table.columns)
    return tables


def hashes_of_others(connection: duckdb.DuckDBPyConnection, book: StoredBook) -> dict[str, str]:
    """Return a hash of every table that is no table of facts, by name, whatever order its rows are in."""
    tables = [*book.payees.values(), *book.histories.values(), *book.quotas.values(), *book.rates.values()]
    return {table.name: _hash(connection, table) for table in tables}


def fields_of(kind: RecordKind) -> tuple[str, ...]:
    """Return the fields of a kind in order."""
    return tuple(field.name for field in kind.fields)


def _digest_of_run(said: Mapping[str, Any]) -> str:
    # Pages may be written later, and run.json says then that they are there.
    return digest_of_json({key: value for key, value in said.items() if key not in ("format", RENDERED)})


def _hash(connection: duckdb.DuckDBPyConnection, table: StoredTable) -> str:
    described = connection.execute(f"DESCRIBE {name(table.name)}").fetchall()
    names = [found[0] for found in described if found[0] not in (FILE, ROW)]
    # Each value with its length before it, so that no two rows have the same text.
    values = ", ".join(
        f"coalesce(length({each}::VARCHAR) || ':' || {each}::VARCHAR, '-')" for each in map(name, names)
    )
    # Sums of 256-bit hashes, of which 32 bits at a time are added up: an order would need a sort.
    parts = ", ".join(
        f"coalesce(sum(('0x' || substr(h, {8 * place + 1}, 8))::UBIGINT), 0)::VARCHAR" for place in range(8)
    )
    found = _row(
        connection,
        f"SELECT count(*)::VARCHAR, {parts}"
        f" FROM (SELECT sha256(concat({values})) AS h FROM {name(table.name)})",
    )
    scales = [f"{each} {column.scale} {column.most}" for each, column in sorted(table.columns.items())]
    words = [*found, *names, *scales, str(table.is_since_ever)]
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()


def _written(column: StoredColumn) -> str:
    quoted = name(column.name)
    # Parquet has no integers of 128 bits; DuckDB would write them as binary fractions.
    return f"CAST({quoted} AS DECIMAL(38,0)) AS {quoted}" if column.is_wide else quoted


def _as_json(table: StoredTable, kind: RecordKind) -> dict[str, Any]:
    known = [table.columns[each] for each in fields_of(kind)]
    return {
        "table": table.name,
        "rows": table.rows,
        "columns": [
            {
                "name": each.name,
                "scale": each.scale,
                "most": str(each.most),
                "has_nulls": each.has_nulls,
                "is_empty": each.is_empty,
            }
            for each in known
        ],
    }


def _from_json(found: Mapping[str, Any]) -> StoredTable:
    known = [
        StoredColumn(
            name=each["name"],
            scale=int(each["scale"]),
            most=int(each["most"]),
            has_nulls=bool(each["has_nulls"]),
            is_empty=bool(each["is_empty"]),
        )
        for each in found["columns"]
    ]
    return StoredTable(
        name=str(found["table"]), rows=int(found["rows"]), columns={each.name: each for each in known}
    )


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    (row,) = connection.execute(query).fetchall()
    return tuple(row)

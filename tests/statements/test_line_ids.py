"""A line that is there twice stops the run, however many lines there are."""

from __future__ import annotations

import duckdb
import pytest

from rulesengine.diagnostics import InternalError
from rulesengine.statements.by_sql import lines
from rulesengine.statements.by_sql.lookups import CENSUS


@pytest.mark.parametrize("most", [1, 10_000], ids=["a sixteenth at a time", "all together"])
def test_one_line_that_is_there_twice_is_found(most, monkeypatch):
    monkeypatch.setattr(lines, "_MOST_IDS", most)
    with duckdb.connect() as connection:
        connection.execute("create table lines as select sha256(i::varchar) as line_id from range(500) r(i)")
        connection.execute(f"create table {CENSUS} as select 500 as rows")
        lines.check_ids(connection)
        connection.execute("insert into lines select sha256('77')")
        with pytest.raises(InternalError):
            lines.check_ids(connection)

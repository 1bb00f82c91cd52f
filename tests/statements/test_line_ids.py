"""A line that is there twice stops the run, however many lines there are."""

from __future__ import annotations

import duckdb
import pytest

from rulesengine.diagnostics import InternalError
from rulesengine.statements.by_sql import lines


@pytest.mark.parametrize("count", [0, 1, 500, 300_000])
def test_one_line_that_is_there_twice_is_found(count):
    with duckdb.connect(config={"preserve_insertion_order": "false"}) as connection:
        query = f"select sha256(i::varchar) as line_id from range({count}) r(i)"
        connection.execute(f"create table lines as {query}")
        lines.check_ids(connection)
        connection.execute("insert into lines select sha256('77') from range(2)")
        with pytest.raises(InternalError):
            lines.check_ids(connection)


def test_ids_are_held_together_as_numbers_that_rise():
    """Gathering millions of texts is only for where that does not tell."""
    asked = []

    class Asked:
        def __init__(self, connection):
            self.connection = connection

        def execute(self, query):
            asked.append(query)
            return self.connection.execute(query)

    with duckdb.connect(config={"preserve_insertion_order": "false"}) as connection:
        connection.execute(
            "create table lines as select sha256(i::varchar) as line_id from range(300000) r(i)"
        )
        lines.check_ids(Asked(connection))
    assert len(asked) == 1

"""What is sent to a database: one statement for each table, with the stages that it reads written into it.

A stage that is not kept has a name and no table. As a view it would be planned when it is made and again
in everything that reads it, and so on down the road; inside the statement it is planned once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rulesengine.engines.sql.dialect import Dialect
from rulesengine.engines.sql.relations import Body, Recursion, Stage, sources


class Statements:
    """The statements of a pipeline in one dialect."""

    def __init__(self, stages: Sequence[Stage], dialect: Dialect) -> None:
        self.dialect = dialect
        self._stages = {stage.name: stage for stage in stages}
        self._places = {stage.name: place for place, stage in enumerate(stages)}
        self._texts: dict[str, str] = {}

    def tables(self) -> Iterator[tuple[Stage, str]]:
        """Yield the stages that are kept, each with the statement that makes its table, in order."""
        for stage in self._stages.values():
            if stage.is_kept:
                yield stage, self.dialect.table(stage.name, self.query(stage.body))

    def rows_of(self, names: Sequence[str], asked: str = "*") -> str:
        """Return the query for the rows of several stages with the same columns, or for some of these."""
        rows = "\nunion all\n".join(f"select {asked} from {self.dialect.identifier(name)}" for name in names)
        return _with(self._written_in(names)) + rows

    def query(self, body: Body) -> str:
        """Return the query of a stage, with those that it reads."""
        written = self._written_in(sources(body))
        if isinstance(body, Recursion):
            written.append(self.dialect.recursion(body))
            return _with(written, "with recursive") + self.dialect.found_by(body)
        return _with(written) + self.dialect.body(body)

    def _written_in(self, names: Iterable[str]) -> list[str]:
        """Return the stages behind some names up to those that are tables, as they stand in a `with`."""
        found: set[str] = set()
        todo = list(names)
        while todo:
            stage = self._stages.get(todo.pop())
            if stage is not None and not stage.is_kept and stage.name not in found:
                found.add(stage.name)
                todo += sources(stage.body)
        return [self._written(name) for name in sorted(found, key=self._places.__getitem__)]

    def _written(self, name: str) -> str:
        if name not in self._texts:
            body = self.dialect.body(self._stages[name].body)
            self._texts[name] = self.dialect.written_in(name, body)
        return self._texts[name]


def _with(written: Sequence[str], word: str = "with") -> str:
    return f"{word} " + ",\n".join(written) + "\n" if written else ""

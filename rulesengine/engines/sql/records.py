"""Reading a record that is found by its key: a payee, a fact that another refers to."""

from __future__ import annotations

from rulesengine.engines.sql.expressions import Expr
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.values import Plain, Value
from rulesengine.plan import nodes


def record_reads(kind: str, key: Expr, reads: Reads) -> Reads:
    """Return what reads the record of a kind that has a key, where paths with root ROW start from it."""
    return RecordReads(
        compilation=reads.compilation,
        source=reads.source,
        prefix="",
        day=reads.day,
        kind=kind,
        payee_kind=reads.payee_kind,
        payee=reads.payee,
        record=key,
        problems=reads.problems,
        guards=reads.guards,
    )


class RecordReads(Reads):
    """Reads a record that is found by its key."""

    __slots__ = ("record",)

    def __init__(self, *, record: Expr, **given: object) -> None:
        super().__init__(**given)  # type: ignore[arg-type]
        self.record = record

    def own_key(self) -> Expr:
        """Return the key that the record is found by."""
        return self.record

    def _of_row(self, read: nodes.FieldRead) -> Value:
        return self._follow(self.kind, self.record, read.names) if read.names else Plain(self.record)

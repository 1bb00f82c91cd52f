"""Which derived fields of a record may have other values on other days."""

from __future__ import annotations

from rulesengine.engines.field_reads import reads_of
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.model.types import RecordType
from rulesengine.plan import nodes


def changes_with_days(compilation: Compilation, kind: str, derived: nodes.Derived) -> bool:
    """Return whether a derived field reads what changes, a history field of a payee."""
    expressions = (derived.expression, derived.least, derived.most)
    return any(
        _is_dated(compilation, kind, read)
        for expression in expressions
        if expression is not None
        for read in reads_of(expression)
    )


def _is_dated(compilation: Compilation, kind: str, read: nodes.FieldRead) -> bool:
    for name in read.names:
        for derived in compilation.plan.derived.get(kind, ()):
            if derived.name == name:
                return changes_with_days(compilation, kind, derived)
        declared = compilation.kind(kind).field(name)
        if declared is None or declared.is_history:
            return True
        if isinstance(declared.type, RecordType):
            kind = declared.type.kind
    return False

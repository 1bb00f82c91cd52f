"""How the parts of intake tell each other that a value or a row cannot be taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from rulesengine.intake.rows import Row
from rulesengine.model.book import Reject

VALUE_LENGTH = 80
"""Longer values are shortened in rejects, so that a stray paragraph does not fill a terminal."""


class BadValue(Exception):
    """A value that cannot be taken; the row it stands in is rejected."""

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"{code}: {reason}")


class BadCount(BadValue):
    """A number that cannot be a number of parts or months; a row that undoes another may have it."""

    def __init__(self, reason: str, value: Decimal) -> None:
        self.value = value
        super().__init__("R1102", reason)


def shorten(value: object) -> str:
    """Return a value as text of at most `VALUE_LENGTH` characters, on one line."""
    text = "" if value is None else str(value)
    text = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 1] + "…"


@dataclass(slots=True)
class Rejects:
    """Collects the reasons why rows were not taken; a row may have several."""

    reasons: list[Reject] = field(default_factory=list)

    def add(
        self,
        kind: str,
        row: Row,
        code: str,
        reason: str,
        *,
        field: str = "",
        value: object = "",
    ) -> None:
        """Note a reason and mark the row as rejected."""
        row.is_alive = False
        self.reasons.append(
            Reject(
                kind=kind,
                file=row.file,
                row=row.number,
                key=shorten(row.shown_key),
                field=field,
                value=shorten(value),
                code=code,
                reason=reason,
            )
        )

    def in_order(self) -> tuple[Reject, ...]:
        """Return every reason once, by kind, file, row and field."""

        def position(reject: Reject) -> tuple[str, str, int, str, str, str]:
            return (reject.kind, reject.file, reject.row, reject.field, reject.code, reject.reason)

        return tuple(sorted(dict.fromkeys(self.reasons), key=position))

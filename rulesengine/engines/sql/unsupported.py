"""What the batch engine refuses: a clause that it cannot carry out yet, named with its place."""

from __future__ import annotations

from rulesengine.diagnostics import Diagnostic, Rejected, Span
from rulesengine.engines.refused import UNSUPPORTED

HINT = "the reference engine carries it out: `--engine reference`"


def unsupported(what: str, origin: Span | None = None, rule: str = "") -> Rejected:
    """Return the refusal of a clause (docs/engines.md lists them)."""
    of = f"rule `{rule}`: " if rule else ""
    message = f"{of}the batch engine does not carry out {what}"
    return Rejected([Diagnostic(code=UNSUPPORTED, message=message, span=origin, hint=HINT)])

"""The words of the plan as they were written, for explanations."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rulesengine.diagnostics import Span

# A comment inside a clause that runs over several lines is no part of it; a `#` in quotes is.
_COMMENT = re.compile(r'("[^"\n]*")|#[^\n]*')


class Texts:
    """Cuts spans out of the sources."""

    __slots__ = ("_lines",)

    def __init__(self, sources: Mapping[str, str]) -> None:
        # Only "\n" ends a line for the parser, so `splitlines` would count differently.
        self._lines = {path: text.split("\n") for path, text in sources.items()}

    def of(self, span: Span) -> str:
        """Return the text of a span on one line: comments dropped, blanks made single."""
        lines = self._lines[span.file]
        if span.line == span.end_line:
            return " ".join(lines[span.line - 1][span.column - 1 : span.end_column - 1].split())
        first = lines[span.line - 1][span.column - 1 :]
        last = lines[span.end_line - 1][: span.end_column - 1]
        text = "\n".join([first, *lines[span.line : span.end_line - 1], last])
        return " ".join(_COMMENT.sub(lambda match: match[1] or "", text).split())

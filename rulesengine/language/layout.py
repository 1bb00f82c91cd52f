"""Lines of a file and the comments that go with them, wherever a formatter moves them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rulesengine.language import syntax

Position = tuple[int, int]
"""Line and column, from 1."""

_BEHIND = "  "  # between a line and the comment behind it


@dataclass(slots=True)
class Entry:
    """A clause, a block, or the first line of a block: its lines, its place in the source, its comments."""

    start: Position
    end: Position
    lines: list[str]
    before: list[syntax.Comment] = field(default_factory=list)
    behind: list[syntax.Comment] = field(default_factory=list)

    @classmethod
    def of(cls, node: syntax.Node, lines: list[str]) -> Entry:
        """Return the entry of a node."""
        span = node.span
        return cls((span.line, span.column), (span.end_line, span.end_column), lines)

    def written(self) -> list[str]:
        """Return the lines with their comments."""
        return [comment.text for comment in self.before] + self.body()

    def body(self) -> list[str]:
        """Return the lines with the comment behind them; where there are several, the others go before."""
        texts = [comment.text for comment in self.behind]
        lines = texts[:-1] + self.lines
        if texts:
            lines[-1] += _BEHIND + texts[-1]
        return lines


class Comments:
    """The comments of a file that no entry has yet."""

    def __init__(self, comments: Iterable[syntax.Comment]) -> None:
        self._left = list(comments)
        self._at = [(comment.span.line, comment.span.column) for comment in self._left]

    def take(self, within: Entry) -> list[syntax.Comment]:
        """Return the comments inside an entry, each only once."""
        first, last = bisect_left(self._at, within.start), bisect_left(self._at, within.end)
        taken = self._left[first:last]
        del self._left[first:last], self._at[first:last]
        return taken

    def hand_out(self, entries: Sequence[Entry], within: Entry | None = None) -> list[str]:
        """Give each comment to the entry that it stands before or behind.

        Args:
            entries: in the order of the source.
            within: hands out the comments inside it only; else all that are left.

        Returns:
            The comments behind the last entry, for the end of the block; for the end of the file,
            with an empty text where a blank line parts them.
        """
        if within is None:
            comments, self._left, self._at = self._left, [], []
        else:
            comments = self.take(within)
        starts, ends = [entry.start for entry in entries], [entry.end for entry in entries]
        foot: list[syntax.Comment] = []
        for comment in comments:
            at = (comment.span.line, comment.span.column)
            above, below = bisect_right(starts, at) - 1, bisect_right(ends, at)
            if not comment.alone and above >= 0:
                entries[above].behind.append(comment)
            elif below < len(entries):
                entries[below].before.append(comment)
            else:
                foot.append(comment)
        return with_blank_lines(foot, None) if within is None else [comment.text for comment in foot]


def with_blank_lines(comments: list[syntax.Comment], line: int | None) -> list[str]:
    """Return comments, with an empty text where the source has blank lines between them or before `line`."""
    texts: list[str] = []
    for index, comment in enumerate(comments):
        texts.append(comment.text)
        next_line = comments[index + 1].span.line if index + 1 < len(comments) else line
        if next_line is not None and next_line - comment.span.line > 1:
            texts.append("")
    return texts


def join_blocks(entries: Sequence[Entry], foot: list[str]) -> str:
    """Return the text of a file: its blocks with one blank line between them, and the comments at its end."""
    parts = [[*with_blank_lines(entry.before, entry.start[0]), *entry.body()] for entry in entries]
    if foot:
        parts.append(foot)
    return "\n\n".join("\n".join(part) for part in parts) + "\n" if parts else ""

"""Statements for a terminal or a mail: plain text, all amounts in one column."""

from __future__ import annotations

from rulesengine.model.quick_dataclass import dataclass
from rulesengine.statements.assemble import Entry, RuleGroup, Statement
from rulesengine.statements.balances import TITLE
from rulesengine.statements.besides import NO_PAY, OTHER_PAY, Besides
from rulesengine.statements.columns import LEFT, RIGHT, aligned, clean, width
from rulesengine.statements.numbers import money

ID_LENGTH = 10
"""So many characters of a line's id are shown; `explain` takes them for the line."""
_LEAST_WIDTH = 72


@dataclass(frozen=True, slots=True)
class _Layout:
    """Widths that all groups of a statement share, so that its amounts stand in one column."""

    ids: int
    facts: int
    amounts: int
    currency: str
    rounds_alike: bool
    """Whether the header says how all rules round."""

    @property
    def amounts_at(self) -> int:
        return 2 + self.ids + self.facts + 2 + len("2026-01-01") + 2

    def amount_line(self, left: str, right: str) -> str:
        """A text on the left, an amount in the column of amounts."""
        gap = self.amounts_at + self.amounts - width(left) - width(right)
        return left + " " * max(gap, 2) + right


def render_text(statement: Statement, with_ids: bool = False) -> str:
    """Return the statement as text, lines grouped by rule, ending with the total.

    Args:
        statement: any statement.
        with_ids: begin each line with the start of its id.
    """
    layout = _layout(statement, with_ids)
    total = money(statement.total, statement.currency)
    blocks = [_header(statement)]
    blocks += [_group(group, layout) for group in statement.groups]
    if statement.prizes:
        blocks.append(["Prizes", *(row for group in statement.prizes for row in _prizes(group, layout))])
    blocks.append(
        [layout.amount_line(f"Total {statement.currency}", total), layout.amount_line("", "=" * len(total))]
    )
    balances = statement.balances.sentences(statement.currency)
    if balances:
        blocks.append([TITLE, *aligned([(f"  {name}", text) for name, text in balances], (LEFT, LEFT))])
    blocks += [_group(group, layout) for group in statement.memos]
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks) + "\n"


def render_besides(besides: Besides, currency: str, why: str = "") -> str:
    """Return what there is besides a payee's statements as text; empty if there is nothing.

    Args:
        besides: of the payee.
        currency: of the statement; amounts of rules in another one name it.
        why: a sentence on where more is said of rows that earned nothing.
    """
    blocks = []
    if besides.other_pay:
        cells = [
            (
                f"  {pay.rule.name}",
                pay.due,
                f"{pay.lines:,} line{'s' * (pay.lines > 1)}",
                money(pay.amount, pay.rule.currency),
                pay.rule.currency if pay.rule.currency != currency else "",
                "memo, not paid" * pay.rule.is_memo,
            )
            for pay in besides.other_pay
        ]
        blocks.append([OTHER_PAY, *aligned(cells, (LEFT, LEFT, RIGHT, RIGHT, LEFT, LEFT))])
    if besides.no_pay:
        rows = [
            (f"  {none.rule.name}", f"{none.rows:,} row{'s' * (none.rows > 1)}", none.sentence)
            for none in besides.no_pay
        ]
        blocks.append([NO_PAY, *aligned(rows, (LEFT, RIGHT, LEFT)), *([why] if why else [])])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n" * bool(blocks)


def _layout(statement: Statement, with_ids: bool) -> _Layout:
    groups = (*statement.groups, *statement.prizes, *statement.memos)
    amounts = [
        money(amount, group.currency)
        for group in groups
        for amount in (group.subtotal, *(entry.line.settles for entry in group.entries))
    ]
    return _Layout(
        ids=ID_LENGTH + 2 if with_ids else 0,
        facts=max((width(_fact(entry)) for group in groups for entry in group.entries), default=0),
        amounts=max(map(len, [*amounts, money(statement.total, statement.currency)])),
        currency=statement.currency,
        rounds_alike=bool(statement.rounding),
    )


def _header(statement: Statement) -> list[str]:
    payee = f"{clean(statement.payee)} ({statement.payee_kind})"
    days = f"{statement.days.start} through {statement.days.end}, {statement.currency}"
    return [
        _ends(clean(statement.title), f"Statement {statement.period}"),
        _ends(payee, days),
        _ends(statement.rounding, f"facts through {statement.through}"),
    ]


def _ends(left: str, right: str) -> str:
    gap = _LEAST_WIDTH - width(left) - width(right)
    return left + " " * max(gap, 2) + right


def _group(group: RuleGroup, layout: _Layout) -> list[str]:
    rule = group.rule
    title = f"{rule.title} ({rule.name})" if rule.title else rule.name
    memo = ", memo: shown, not paid" if rule.is_memo else ""
    currency = f", in {group.currency}" if group.currency != layout.currency else ""
    block = [
        f"{clean(title)}{memo}{currency}",
        f"  {rule.method if layout.rounds_alike else rule.choices}",
        *(_row(entry, layout) for entry in group.entries),
    ]
    if len(group.entries) > 1:
        subtotal = money(group.subtotal, group.currency)
        block += [layout.amount_line("", "-" * len(subtotal)), layout.amount_line("", subtotal)]
    return block


def _row(entry: Entry, layout: _Layout) -> str:
    amount = money(entry.line.settles, entry.line.shown_in).rjust(layout.amounts)
    return f"{_start(entry, layout)}{amount}  {clean(entry.trace)}"


def _prizes(group: RuleGroup, layout: _Layout) -> list[str]:
    return [f"{_start(entry, layout)}{clean(entry.trace)} ({group.rule.name})" for entry in group.entries]


def _start(entry: Entry, layout: _Layout) -> str:
    shown = f"{entry.line_id[:ID_LENGTH]}  " if layout.ids else ""
    fact = _fact(entry) + " " * (layout.facts - width(_fact(entry)))
    payable = str(entry.line.payable_on) if entry.line.payable_on else "waits".ljust(10)
    return f"  {shown}{fact}  {payable}  "


def _fact(entry: Entry) -> str:
    return clean(entry.line.fact_id) or "-"

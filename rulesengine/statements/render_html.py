"""Statements as one self-contained page for each payee, to be read on a screen or printed.

The template is ours and is still run in a sandbox with autoescape on: every text of the page may
come from somebody's file. A page loads nothing and runs no script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files

from jinja2 import FunctionLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from rulesengine.engines.results import STATEMENT
from rulesengine.statements.assemble import Entry, RuleGroup, Statement
from rulesengine.statements.balances import TITLE as BALANCES
from rulesengine.statements.besides import NO_PAY, OTHER_PAY, Besides
from rulesengine.statements.columns import clean, width
from rulesengine.statements.numbers import money
from rulesengine.statements.render_text import ID_LENGTH

_TEMPLATE = "statement.html"
_UNBROKEN = re.compile(r"\b\d{4}-[A-Z0-9]{1,3}(?:-[A-Z0-9]{1,2})?\b|(?<![^\s(])-\d[\d,.]*…?|`\w+`")
"""Labels of windows, dates, and numbers below zero: a hyphen in them is no place to break a line.
And names that stand between marks."""
_MOST_OF_A_FACT = 18
Row = tuple[str, str, str, str, str, Markup, str, str, str]
"""Id, its short form, fact, payable date, earned date if that is another, how, total, note, amount."""


def render_html(statements: Sequence[Statement], besides: Besides | None = None) -> str:
    """Return one page with the statements of one payee, in the order given; at least one.

    Args:
        statements: all of the same payee.
        besides: what else there is to say to the payee, below the last statement.
    """
    first = statements[0]
    return _template().render(
        statements=statements,
        payee=clean(first.payee),
        payee_kind=first.payee_kind,
        title=clean(first.title),
        besides=besides or Besides(),
    )


@cache
def _template() -> Template:
    environment = ImmutableSandboxedEnvironment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(_source),
    )
    environment.filters["amount"] = _amount
    environment.filters["clean"] = clean
    environment.filters["rows"] = _rows
    environment.filters["widths"] = _widths
    environment.filters["unbroken"] = _unbroken
    environment.globals["titles"] = {"other_pay": OTHER_PAY, "no_pay": NO_PAY, "balances": BALANCES}
    return environment.get_template(_TEMPLATE)


def _source(name: str) -> str:
    folder = files("rulesengine.statements") / "templates"
    return (folder / name).read_text(encoding="utf-8")


def _rows(group: RuleGroup, currency: str) -> Iterator[Row]:
    """The cells of each line as plain texts: in a sandbox every attribute that is read is judged
    first, which for a long statement costs more than all the rest."""
    for entry in group.entries:
        line = entry.line
        notes = [f"corrects {line.corrects[:ID_LENGTH]}"] if line.corrects else []
        word = "from line" if line.rule == STATEMENT else "on line"
        notes += [f"{word} {line.from_line[:ID_LENGTH]}"] if line.from_line else []
        how, _, total = _halves(entry)
        yield (
            entry.line_id,
            entry.line_id[:ID_LENGTH],
            clean(line.fact_id) or "–",
            str(line.payable_on),
            str(line.earned_on) if line.earned_on != line.payable_on else "",
            _unbroken(how),
            _unbroken(total and f"total {total}"),
            ", ".join(notes),
            _amount(line.settles, currency),
        )


def _halves(entry: Entry) -> tuple[str, str, str]:
    """Return how a line came about, and apart from it how the total moved, where that ends it."""
    text = clean(entry.trace)
    return text.partition("; total ") if entry.line.whole is None else (text, "", "")


def _unbroken(text: str) -> Markup:
    """Return a text as HTML: names as code, no number and no label broken over two lines."""
    out, end = Markup(""), 0
    for found in _UNBROKEN.finditer(text):
        out += escape(text[end : found.start()]) + _word(found[0])
        end = found.end()
    return (out + escape(text[end:])).replace(" %", "\u00a0%")


def _word(word: str) -> Markup:
    if word.startswith("`"):
        return Markup("<code>{}</code>").format(word.strip("`"))
    return Markup("<span>{}</span>").format(word.replace("-", "−") if word.startswith("-") else word)


def _widths(statement: Statement) -> tuple[int, int]:
    """Return how many digits wide the columns of facts and amounts are, alike in all its tables."""
    groups = (*statement.groups, *statement.prizes, *statement.memos)
    facts = (width(clean(entry.line.fact_id)) for group in groups for entry in group.entries)
    longest = max(
        len(_amount(amount, group.currency))
        for group in groups
        for amount in (group.subtotal, *(entry.line.settles for entry in group.entries))
    )
    return min(max(facts), _MOST_OF_A_FACT), longest


def _amount(value: Decimal, currency: str) -> str:
    """An amount with a true minus sign; never broken over two lines."""
    return money(value, currency).replace("-", "−")

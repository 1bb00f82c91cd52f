"""Statements as one self-contained page for each payee, to be read on a screen or printed.

The template is ours and is still run in a sandbox with autoescape on: every text of the page may
come from somebody's file. A page loads nothing and runs no script.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files

from jinja2 import FunctionLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from rulesengine.statements.assemble import RuleGroup, Statement
from rulesengine.statements.columns import clean
from rulesengine.statements.numbers import money
from rulesengine.statements.render_text import ID_LENGTH, KINDS

_TEMPLATE = "statement.html"
Row = tuple[str, str, str, str, str, str]
"""Id, fact, payable date, trace, note, amount."""


def render_html(statements: Sequence[Statement]) -> str:
    """Return one page with the statements of one payee, in the order given; at least one."""
    first = statements[0]
    payee, title = clean(first.payee), clean(first.title)
    return _template().render(statements=statements, payee=payee, payee_kind=first.payee_kind, title=title)


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
    environment.globals["kinds"] = dict(KINDS)
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
        notes += [f"on line {line.from_line[:ID_LENGTH]}"] if line.from_line else []
        yield (
            entry.line_id,
            clean(line.fact_id) or "–",
            str(line.payable_on),
            clean(entry.trace),
            ", ".join(notes),
            _amount(line.amount, currency),
        )


def _amount(value: Decimal, currency: str) -> str:
    """An amount with a true minus sign; never broken over two lines."""
    return money(value, currency).replace("-", "−")

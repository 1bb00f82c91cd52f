"""Makes `docs/conformance.md`: how other people's rows are said and compared, and which are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.vectors.rows import REPOSITORY, Row

REPORT = REPOSITORY / "docs" / "conformance.md"

_HEAD = """# Conformance

{passed} of {all} rows from the test suites of other people's tools pass, and {refused} are refused by
name. The rows come from billing engines, modules of ERP systems, marketplace and affiliate software,
projects for sales compensation, instalment schedules of public funding, and libraries for money. They
are not part of this repository: they lie in `shared/vectors` beside it, and without that folder the
suite is skipped.

`make conformance` runs them, together with the published examples of the [gallery](gallery.md), and
prints this table and what fails. It ends with 1 where anything fails, where less than {least} percent of
the rows pass, or less than {published} of the examples.

**How a row is said.** A row has its rule as data (`kind`, `terms`), what happened (`facts`), and the
figures that its source gives (`expected`). A translator for its kind, in `tests/vectors/kinds/`, writes
a plan in the language and tables of facts. `load_plan` and `evaluate` do the rest, and every expected
figure must stand on a statement or a line.

- A translator computes nothing. It moves the point of a percentage (`0.05` is `5%`) and chooses dates
  where the source has none. A sum, a difference or a share is a `derive` or a clause of the plan.
- Nothing of a row is left out: the tests fail where a term or a fact was never looked at.
- Amounts in whole minor units are yen, which has none smaller. A row that rounds nothing is rounded to
  nine decimals `per line`, and its lines are compared before the statement rounds to cents.
- A share, a percentage or a count that a source gives is paid as that many dollars where it follows from
  a clause.
- A row that expects `error` is refused as a plan, or its fact earns nothing under a condition that is
  named.

`python -m tests.vectors.show ID` prints the plan, the facts and the lines of a row; instead of an id the
name of a kind may be given.

## By concept

| concept | rows | passed | refused |
|---|---:|---:|---:|
"""


def report(rows: Sequence[Row], reasons: Mapping[str, str], least: int, published: int) -> str:
    """Return the page; what is not refused passes, because the tests say so."""
    refused = [row for row in rows if row.id in reasons]
    text = _HEAD.format(
        all=len(rows),
        refused=len(refused),
        passed=len(rows) - len(refused),
        least=least,
        published=published,
    )
    for concept in sorted({row.concept for row in rows}):
        own = [row for row in rows if row.concept == concept]
        out = sum(row.id in reasons for row in own)
        text += f"| {concept.replace('_', ' ')} | {len(own)} | {len(own) - out} | {out or ''} |\n"
    text += f"| all | {len(rows)} | {len(rows) - len(refused)} | {len(refused)} |\n"
    text += "\n## Refused\n\n| reason | rows |\n|---|---|\n"
    for reason in sorted({reasons[row.id] for row in refused}):
        names = ", ".join(row.id for row in refused if reasons[row.id] == reason)
        text += f"| {reason} | {names} |\n"
    return text + "\n" + _WHY


_WHY = """\
Every mode of rounding acts on the size of an amount, so that a refund in full nets to zero: a mode that
goes by the sign has no place, and nobody asks for half to the odd neighbour. Odd cents go to somebody or
to nobody; an amount is never cut to whole blocks of the weights. Months and days are those of the
calendar, which can be redone; a month of 30 days cannot. An amount has at most 18 digits before the
point. Not a payout is what a sale costs the principal per unit in stock, and what counts as a year's
bonus in a month that does not know yet how the year goes on.
"""

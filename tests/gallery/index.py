"""Writes `docs/gallery.md` from the examples: concept → plan → letter → statement."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rulesengine.letter import as_text, letter_of
from rulesengine.statements import compact_statement
from tests.gallery.examples import Example, read_example, run_example

INDEX = Path(__file__).parents[2] / "docs" / "gallery.md"

CONCEPTS = (
    "Tiers, each rate on its own part",
    "Tiers of a single deal",
    "Tiers, one rate on all of it",
    "Money once on entering a tier",
    "Quotas, thresholds and curves",
    "What the percentage is of",
    "Amounts of money and shares side by side",
    "Packages of units",
    "SPIFFs",
    "Who is paid",
    "When it is paid",
    "What is taken back",
    "What is paid out",
    "Several currencies",
)
"""The headings of the gallery, in order; each example names one."""

_BEGINNING = """# Gallery

{count} worked examples of commission, payout, rebate and fee plans, as other people published them,
said in the plan language. Each has a folder under `rules/gallery/` with the plan, its facts, and the
published amounts in `expected.csv`; the tests run them all and compare every amount. The wording is our
own. [Limits](limits.md) lists the published figures that are not compared.

For each example you see what it shows, the plan, the letter that `rulesengine show plan` makes of it, and the
statements. `make accept` writes this page.
"""


def index(folders: list[Path]) -> str:
    """Return the text of the index."""
    examples = [read_example(folder) for folder in folders]
    assert {example.concept for example in examples} <= set(CONCEPTS)
    groups = [(concept, [each for each in examples if each.concept == concept]) for concept in CONCEPTS]
    groups = [(concept, group) for concept, group in groups if group]
    return "\n".join(
        [
            _BEGINNING.format(count=len(examples)),
            *(line for concept, group in groups for line in _contents(concept, group)),
            *(line for concept, group in groups for line in _group(concept, group)),
        ]
    )


def _contents(concept: str, group: list[Example]) -> Iterator[str]:
    yield f"**{concept}**\n"
    for example in group:
        yield f"- [{example.folder.name}](#{example.folder.name}): {example.shows}"
    yield ""


def _group(concept: str, group: list[Example]) -> Iterator[str]:
    yield f"## {concept}\n"
    for example in group:
        yield from _example(example)


def _example(example: Example) -> Iterator[str]:
    run = run_example(example)
    yield f"### {example.folder.name}\n"
    yield f"{example.shows} (After {example.source}.)\n"
    yield f"```text\n{example.rules}\n```\n"
    yield "As a letter:\n"
    yield f"```text\n{as_text(letter_of(run.plan)).rstrip()}\n```\n"
    yield "The statements:\n"
    statements = "".join(map(compact_statement, run.statement_values)).rstrip()
    yield f"```text\n{statements}\n```\n"

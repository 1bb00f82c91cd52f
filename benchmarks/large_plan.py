"""(g) `rulesengine check` of a plan of 10,000 lines, and of one of 10,000 rules."""

from __future__ import annotations

from pathlib import Path

from benchmarks.harness import WORK, Results, in_turn, python, row

_HEADER = """plan large {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to 0.01 per line
}

payee partner {
  field id text key
  field tier text one of "silver", "gold"
}

fact deal {
  field id text key
  field partner partner credited
  field product text
  field amount money signed
  field closed date event
}
"""


def _share(number: int) -> str:
    return f"""
revenue_share share_{number} {{
  title "Share {number}"
  on deal
  where product is "p{number}"
  pay 8% of amount
  cap 2,000 USD per deal
}}
"""


def _tiers(number: int) -> str:
    return f"""
tiered growth_{number} {{
  title "Growth {number}"
  on deal
  where product is "p{number}" and payee.tier is "gold"
  measure sum amount per quarter by payee
  apply marginal
  tier from 0 USD pay 1%
  tier from 50,000 USD pay 2%
  tier from 100,000 USD pay 3%
}}
"""


def _flat(number: int) -> str:
    return f'\nflat fee_{number} {{\n  on deal\n  where product is "q{number}"\n  pay 5 USD per deal\n}}\n'


def _lines(wanted: int) -> str:
    parts = [_HEADER]
    lines = _HEADER.count("\n")
    number = 0
    while lines < wanted:
        parts.append(_share(number) if number % 2 else _tiers(number))
        lines += parts[-1].count("\n")
        number += 1
    return "".join(parts)


def large_plan(rounds: int) -> Results:
    """Check both plans as a user would, from starting the command to its last word."""
    lines = _written("lines", _lines(10_000))
    rules = _written("rules", _HEADER + "".join(_flat(number) for number in range(10_000)))
    found = in_turn(
        {
            "10,000 lines": python("rulesengine", "check", lines),
            "10,000 rules": python("rulesengine", "check", rules),
        },
        rounds,
    )
    return Results(
        "Large plans: parse and check",
        [
            row("10,000 lines", found["10,000 lines"]),
            row("10,000 rules", found["10,000 rules"], wanted="≤ 8 s"),
        ],
    )


def _written(name: str, text: str) -> Path:
    path = WORK / f"large_{name}.rules"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path

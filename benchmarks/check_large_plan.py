"""Prints how long `check` takes on a plan of 10,000 lines and on one of 10,000 rules."""

from __future__ import annotations

import time

from rulesengine.language.parse import parse
from rulesengine.plan.check import check_and_lower

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


def measure(title: str, text: str) -> None:
    """Print the seconds of each stage of a check."""
    started = time.perf_counter()
    tree = parse({"large.rules": text})
    parsed = time.perf_counter()
    checked = check_and_lower(tree)
    done = time.perf_counter()
    print(f"{title}: {text.count(chr(10)):,} lines, {len(checked.plan.rules):,} rules")
    print(f"  parse             {parsed - started:8.2f} s")
    print(f"  lower and check   {done - parsed:8.2f} s")
    print(f"  all               {done - started:8.2f} s, {len(checked.warnings)} warnings")


def main() -> None:
    """Measure a plan with many lines, then one with many rules."""
    parse({"small.rules": _HEADER})  # building the parser is no part of reading a plan
    measure("10,000 lines", _lines(10_000))
    measure("10,000 rules", _HEADER + "".join(_flat(number) for number in range(10_000)))


if __name__ == "__main__":
    main()

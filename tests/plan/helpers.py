"""Text in, nodes or mistakes out."""

from __future__ import annotations

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.language.parse import parse
from rulesengine.plan import Checked, check_and_lower, nodes
from rulesengine.plan.texts import Texts

HEADER = """plan example {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to 0.01 per line
}
"""

RECORDS = """
payee agent {
  field id text key
  field team text history
  field rate percent
  field fee money
  field months number
  field boss partner optional
}

payee partner {
  field id text key
  field tier text one of "silver", "gold" history
  field team text
  field rate percent
  field tags list of text
  field manager agent
  field target money optional
}

fact deal {
  field id text key
  field partner partner credited
  field helper agent optional
  field type text one of "new", "renewal"
  field amount money signed
  field mrr money optional
  field seats number
  field term number
  field margin percent
  field renewed flag
  field closed date event
  field started date optional
  field cancelled date optional
  field undoes deal optional reverses
}

fact lead {
  field id text key
  field agent agent
  field received date event
}
"""


def check(text: str) -> Checked:
    """Return the checked plan of a whole text."""
    return check_and_lower(parse({"p.rules": text}))


def plan_of(text: str, records: str = RECORDS) -> nodes.Plan:
    """Return the plan of some blocks beside a header and the usual records."""
    return check(HEADER + records + text).plan


def rule_of(clauses: str, kind: str = "revenue_share", blocks: str = "") -> nodes.Rule:
    """Return the rule `r` of some clauses, beside other blocks."""
    plan = plan_of(f"{blocks}\n{kind} r {{\n{clauses}\n}}\n")
    return next(rule for rule in plan.rules if rule.name == "r")


def condition_of(text: str) -> nodes.Condition:
    """Return the condition of a `where` line on a deal."""
    rule = rule_of(f"on deal where {text} pay 1% of amount")
    return rule.versions[0].conditions[0]


def found_in(text: str) -> tuple[Diagnostic, ...]:
    """Return the errors of a whole text, none where it passes."""
    try:
        check(text)
    except Rejected as rejected:
        return rejected.diagnostics
    return ()


def mistakes(text: str, records: str = RECORDS, header: str = HEADER) -> list[str]:
    """Return the mistakes of some blocks as `CODE "covered text": message`."""
    source = header + records + text
    texts = Texts({"p.rules": source})
    return [
        f"{d.code} {texts.of(d.span)!r}: {d.message}" if d.span else f"{d.code}: {d.message}"
        for d in found_in(source)
    ]


def mistakes_of_rule(clauses: str, kind: str = "revenue_share", blocks: str = "") -> list[str]:
    """Return the mistakes of the rule `r` of some clauses."""
    return mistakes(f"{blocks}\n{kind} r {{\n{clauses}\n}}\n")


def mistakes_of_condition(text: str) -> list[str]:
    """Return the mistakes of a `where` line on a deal."""
    return mistakes_of_rule(f"on deal where {text} pay 1% of amount")

"""Code for step 10: of rivals, one pays a payee on the row; the others give theirs back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rulesengine.engines.prepared.rule_writing import Column, Writing
from rulesengine.engines.prepared.schedule import schedule_code
from rulesengine.engines.results import Line, Part
from rulesengine.model.exact import ZERO
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Take


@dataclass(frozen=True, slots=True)
class Rival:
    """A rule of a choice, with the code of its award written already."""

    rule: nodes.Rule
    version: nodes.Version
    writing: Writing


def rivals_code(choice: nodes.Choose, rivals: Sequence[Rival]) -> None:
    """Write which rival pays each payee, what the others give back, and the dates of all their lines."""
    first = rivals[0].writing
    source = first.source
    by_name = {rival.rule.name: rival.writing.rival for rival in rivals}
    given = ", ".join(f"({name!r}, {by_name[name]})" for name in choice.among)
    take = source.value("take", choice.take, f"Take.{choice.take.name}")
    source.write(f"payers = payers_of({take}, ({given}))")
    for rival in rivals:
        writing = rival.writing
        with source.block(f"if {writing.rival}:"):
            source.write(f"award = {writing.rival}")
            source.write("paid = sum((line.amount for line in award), ZERO)")
            source.write(f"payer = payers[{writing.payee.kind!r}, {writing.payee.key}]")
            columns = {
                "window": Column(fixed=""),
                "scope": Column(f"{choice.name + ': '!r} + payer + ' pays'"),
                "measure_before": Column(),
                "measure_after": Column(),
                "measure_unit": Column(fixed=""),
                "target": Column(),
                "times": Column(),
                "exact": Column("-paid"),
                "amount": Column("-paid"),
                "step": Column("len(award)"),
            }
            with source.block(f"if payer != {rival.rule.name!r} and paid:"):
                source.write(f"award.append({writing.line(Part.CHOSEN_OTHER, choice.origin, columns)})")
            schedule_code(rival.version, writing)


# --- what the code calls ------------------------------------------------------------------------


def payers_of(take: Take, rivals: Sequence[tuple[str, Sequence[Line]]]) -> dict[tuple[str, str], str]:
    """Return for each payee the rule that pays: the first named of those that pay most, or at all.

    Args:
        take: highest or first.
        rivals: rules in the order of the choice, with their awards; empty where they earn nothing.
    """
    paid: dict[tuple[str, str], dict[str, Decimal]] = {}
    for rule, award in rivals:
        if award:
            payee = (award[0].payee_kind, award[0].payee)
            paid.setdefault(payee, {})[rule] = sum((line.amount for line in award), ZERO)
    names = [rule for rule, _ in rivals]
    return {payee: _payer(take, names, by_rule) for payee, by_rule in paid.items()}


def _payer(take: Take, names: Sequence[str], by_rule: dict[str, Decimal]) -> str:
    paying = [rule for rule in names if by_rule.get(rule, ZERO) != 0]
    if not paying:
        return names[0]
    return paying[0] if take is Take.FIRST else max(paying, key=lambda rule: by_rule[rule])

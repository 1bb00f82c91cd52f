"""Plans that say the same in other words, and facts that come to the same, pay the same.

Engines that are held against each other cannot find a fault that both have; these laws can.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal

import pytest

from rulesengine.engines.results import STATEMENT, Line
from tests.chance import Seeded
from tests.parity.makers import Made
from tests.parity.makers.values import Rows
from tests.properties.alike import (
    ON_DEAL,
    SEEDS,
    TIER,
    blocks,
    ended,
    finely,
    in_two,
    lines_of,
    name_of,
    of_rules,
    pay_the_same,
    settles,
    sums_of,
    words_of,
)

Row = dict[str, str]
NEARLY_NOTHING = Decimal("0.0000001")
_CUT_SHORT = "  (measure|budget|goal|rank|amend|for first|apply|award|effective|remainder to in_turn) "
_OF_MORE = re.compile(
    rf"(?m)^{_CUT_SHORT}|^  (cap|floor) .* per (?!deal)|per (window|band)| from first |in total"
)
"""What looks at more than one row and those that undo it."""
_LIMITED = re.compile(r"(?m)^ +(?:cap|floor|measure|take) .* by ([\w., ]+?)(?: against .*)?$")


# --- rivals, tiers and values that add nothing ---------------------------------------------------


def test_a_rival_that_never_pays_changes_nothing():
    """Also where a cap left a deal nothing, of which a refund takes back what it has let through since."""

    def with_rivals(plan: Made, chance: Seeded) -> tuple[Made, Made] | None:
        text, facts, through = plan
        if "choose" in text or "amount money" not in text:
            return None
        added = ""
        for rule in blocks(text):
            name, found = name_of(rule), ON_DEAL.search(rule)
            if name and found and not re.search(r"memo|whole|interpolated|goal|rank|in total", rule):
                rivals = [name, f"never_{name}"]
                among = "  ".join(f"among {each}" for each in (rivals if chance.flip() else rivals[::-1]))
                added += f'\nrevenue_share never_{name} {{{found[0]} where id is "none" pay 5% of amount }}\n'
                added += f"\nchoose of_{name} {{ take highest per deal  {among} }}\n"
        return (plan, (text + added, facts, through)) if added else None

    pinned = (("awarded", 235), ("deduct", 256), ("limits", 305))
    pay_the_same(with_rivals, lines_of, seeds=(*SEEDS, *pinned))


@pytest.mark.parametrize("method", ["marginal", "whole", "from_crossing", "from_next", "interpolated"])
def test_a_tier_cut_in_two_pays_what_it_paid(method):
    def cut(rule: str) -> str:
        if f"apply {method}\n" not in rule or re.search(r"per (started|full) ", rule):
            return rule
        if " once" in rule and "\n  amend " in rule:
            return rule  # a tier of an amendment is that of the rule in the same place
        only_band = method in ("whole", "interpolated")  # what is paid `once` stands while in the band
        if (
            only_band
            and " once" in rule
            and not re.search(r"(?m)^  measure .* by payee( against .*)?$", rule)
        ):
            return rule  # taken back and paid again, it goes from one payee to another
        lines = rule.split("\n")
        tiers = [(place, found) for place, line in enumerate(lines) if (found := TIER.match(line))]
        for at, (place, found) in reversed(list(enumerate(tiers))):
            is_last = at + 1 == len(tiers) or tiers[at + 1][0] != place + 1
            if method == "interpolated" and not is_last:
                continue
            least = _number(found["bound"])
            most = 2 * least + 100 if is_last else _number(tiers[at + 1][1]["bound"])
            bound = ((least + most) / 2).quantize(Decimal(1) if found["unit"] is None else Decimal("0.01"))
            if least < bound < most:
                parts = found["pay"].split(" plus ")
                kept = parts if only_band else [part for part in parts if "once" not in part]
                pay = " plus ".join(kept) or "nothing"
                lines.insert(place + 1, f"{found['start']}from {bound}{found['unit'] or ''} pay {pay}")
        return "\n".join(lines)

    def with_more_tiers(plan: Made, _: Seeded) -> tuple[Made, Made] | None:
        text, facts, through = plan
        fine = finely(text)
        if fine is None or "on earnings" in text:
            return None  # a row that is cut has more lines for other rules
        other = of_rules(fine, cut)
        return ((fine, facts, through), (other, facts, through)) if other != of_rules(fine, str) else None

    pay_the_same(with_more_tiers, sums_of, seeds=range(4 * len(SEEDS)))


def test_values_said_again_from_a_later_day_change_nothing():
    def said_again(plan: Made, chance: Seeded) -> tuple[Made, Made] | None:
        text, facts, through = plan
        grown: Rows = {}
        for kind, rows in facts.items():
            if rows and {"id", "from"} <= rows[0].keys():
                grown[kind] = [*rows, *(each for row in rows if (each := _later(row, rows, chance)))]
        return (plan, (text, {**facts, **grown}, through)) if grown else None

    pay_the_same(said_again, lines_of)


def _later(row: Row, rows: list[Row], chance: Seeded) -> Row | None:
    day = chance.one_of(["2026-01-15", "2026-02-01", "2026-02-28", "2026-03-31", "2026-05-05"])
    next_ones = [each["from"] for each in rows if each["id"] == row["id"] and each["from"] > row["from"]]
    return row | {"from": day} if row["from"] < day < min(next_ones, default="9") else None


# --- one rule said as two ------------------------------------------------------------------------


def test_a_condition_and_its_opposite_pay_what_the_rule_pays():
    def condition(rule: str, text: str, facts: Rows, chance: Seeded) -> str:
        deals = facts.get("deal", [])
        amounts = [row["amount"] for row in deals if not row.get("amount", "-").startswith("-")]
        days = [row["closed"] for row in deals if row.get("closed")]
        if "  on earnings" in rule and "clawback" not in text:
            return f"earning > {chance.one_of(['0.50', '2.50', '10'])} USD"
        if not ON_DEAL.search(rule) or not amounts or not days:
            return ""
        return chance.one_of([f"amount >= {chance.one_of(amounts)} USD", f"closed < {chance.one_of(days)}"])

    def by_a_condition(plan: Made, chance: Seeded) -> tuple[Made, Made] | None:
        text, facts, through = plan
        fine = finely(text)
        if fine is None or "choose" in text:
            return None
        other = fine
        for rule in _of_single_rows(fine):
            if asked := condition(rule, text, facts, chance):
                other = in_two(other, rule, f"where {asked}", f"where not ({asked})")
        return ((fine, facts, through), (other, facts, through)) if other != fine else None

    pay_the_same(by_a_condition, sums_of)


def test_an_amendment_is_a_rule_that_ends_and_one_that_begins():
    """Where each row is looked at by itself; what undoes a row belongs to the rule of that row."""

    def amended(plan: Made, chance: Seeded) -> tuple[Made, Made] | None:
        text, facts, through = plan
        fine = finely(text)
        if fine is None or "choose" in text:
            return None
        one = two = fine
        for rule in _of_single_rows(fine):
            pays = [line for line in rule.splitlines() if line.startswith("  pay ")]
            if len(pays) != 1 or rule.startswith("spiff") or not ON_DEAL.search(rule):
                continue
            pay = re.sub(r"[\d.]+(?=%| USD)", lambda found: f"{Decimal(found[0]) / 2 + 1}", pays[0])
            day, eve = chance.one_of([("02-15", "02-14"), ("03-01", "02-28"), ("02-01", "01-31")])
            one = one.replace(rule, ended(rule, f"amend from 2026-{day} {{ {pay} }}"))
            ends, begins = f"2026-01-01 through 2026-{eve}", f"2026-{day} through 2026-12-31"
            both = in_two(rule, rule, f"effective from {ends}", f"effective from {begins}")
            first, second = both.split("\n\n", 1)
            two = two.replace(rule, f"{first}\n\n{second.replace(pays[0], pay)}")
        return ((one, facts, through), (two, facts, through)) if one != two else None

    pay_the_same(amended, sums_of)


def test_a_rule_for_some_payees_and_one_for_all_others_pay_what_one_pays():
    def for_some(plan: Made, _: Seeded) -> tuple[Made, Made] | None:
        text, facts, through = plan
        kinds = re.findall(r"(?m)^payee (\w+) ", text)
        keys = sorted({row["id"] for kind in kinds for row in facts.get(kind, ())})
        if "choose" in text or settles(text) or len(keys) < 2 or re.search(r'["\\]', "".join(keys)):
            return None
        asked = "payee.id is one of " + ", ".join(f'"{key}"' for key in (*keys[::2], "nobody"))
        shared = "remainder|award|rank|budget|amend|goal|for first|from first"
        other = text
        for rule in blocks(text):
            is_named = re.search(r"\n  measure (?!sum|count|max)", rule)
            is_alone = name_of(rule) and f"earnings of {name_of(rule)}" not in text
            if is_alone and not is_named and _is_by_payee(rule) and not re.search(shared, rule):
                other = in_two(other, rule, f"where {asked}", f"where not ({asked})")
        return (plan, (other, facts, through)) if other != text else None

    pay_the_same(for_some, lines_of)


def test_a_rule_of_one_quarter_and_one_of_the_others_pay_what_one_pays():
    """Where nothing undoes a row of another quarter, and no window is longer."""
    longer = (
        "in_turn|rank|budget|amend|goal|for first|from first|window|effective|in total|on earn|award"
        r"|per (lifetime|plan|year|half|week)\b|per \w+ (from|before)|\n  measure (?!sum|count|max)| at "
    )

    def by_quarter(plan: Made, _: Seeded) -> tuple[Made, Made] | None:
        text, facts, through = plan
        if "choose" in text or settles(text) or "fiscal" in text:
            return None
        kept = {row["id"] for row in facts.get("deal", ()) if not row.get("undoes")}
        without = {
            kind: [row for row in rows if not row.get("undoes") and row.get("deal", "") in {"", *kept}]
            for kind, rows in facts.items()
        }
        other = text
        for rule in blocks(text):
            is_used = f"earnings of {name_of(rule)}" in text
            if name_of(rule) and ON_DEAL.search(rule) and not is_used and not re.search(longer, rule):
                first, others = "2026-01-01 through 2026-03-31", "2026-04-01 through 2026-12-31"
                other = in_two(other, rule, f"effective from {first}", f"effective from {others}")
        return ((text, without, through), (other, without, through)) if other != text else None

    pay_the_same(by_quarter, lines_of)


# --- facts that come to nothing, or to twice the same --------------------------------------------


def test_a_deal_undone_at_once_changes_no_line_of_others():
    later = r"for first|from first|in_turn|budget|contributor|ties first|\bmax\b|rank|credit each"

    def with_a_deal(plan: Made, chance: Seeded) -> tuple[Made, Made] | None:
        words = words_of(plan[0])
        if re.search(later, words) or not all(_is_by_payee(rule) for rule in blocks(words)):
            return None
        return _with_one_undone(plan, chance)

    def others(lines: tuple[Line, ...]) -> object:
        return sums_of(tuple(line for line in lines if not line.fact_id.startswith("D-0P")))

    pay_the_same(with_a_deal, others)


def test_a_deal_undone_at_once_leaves_nobody_anything():
    """Not by one rule, whoever else is paid for it and whatever total decides in which tiers."""
    drawn_on = r"(cap|floor) .* by (all|.*\.team|.*product)"

    def with_a_deal(plan: Made, chance: Seeded) -> tuple[Made, Made] | None:
        return None if re.search(drawn_on, words_of(plan[0])) else _with_one_undone(plan, chance)

    def left(lines: tuple[Line, ...]) -> object:
        paid: dict[tuple[str, str], Decimal] = {}
        for line in lines:
            if line.fact_id.startswith("D-0P") and line.rule != STATEMENT:
                key = (line.rule, line.payee)
                paid[key] = paid.get(key, Decimal(0)) + line.amount
        return {key: amount for key, amount in paid.items() if abs(amount) > NEARLY_NOTHING}

    pay_the_same(with_a_deal, left)


def _with_one_undone(plan: Made, chance: Seeded) -> tuple[Made, Made] | None:
    """Return a plan without roundings, and the same with a deal more that the next row undoes in full."""
    text, facts, through = plan
    deals = [row for row in facts.get("deal", ()) if not row.get("undoes")]
    fine = finely(text)
    if not deals or fine is None or "optional reverses" not in text or "order by" in text:
        return None
    deal = {**chance.one_of(deals), "id": "D-0P"}
    if deal.get("minutes") == "3" and "minutes + 3" in text:
        return None  # what undoes it would divide by zero
    quantities = set(re.findall(r"(?m)^  field (\w+) (?:money|number)", text)) & deal.keys()
    signed = {name: deal[name] for name in quantities - {"term"} if deal[name]}
    if any(value.startswith("-") for value in signed.values()) or deal["closed"] > through.isoformat():
        return None
    undo = {**deal, "id": "D-0P!", "undoes": "D-0P", **{name: f"-{of}" for name, of in signed.items()}}
    return (fine, facts, through), (fine, {**facts, "deal": [*facts["deal"], deal, undo]}, through)


def test_other_people_with_the_same_deals_are_paid_the_same_beside_them():
    shared = r"by all|budget|rank|in_turn|member|segment|by (product|id|units|amount|paid|closed|asked|month)"
    people = re.compile("payee|partner|rep|team|shop|desk|opener|closer|manager")
    names = ("id", "team", "desk", "shop")

    def twice(plan: Made, _: Seeded) -> tuple[Made, Made] | None:
        text, facts, through = plan
        keys = re.findall(r"(?m) by ([\w., ]+?)(?: against .*| ties .*| then .*)?$", words_of(text))
        if re.search(shared, text) or settles(text) or not all(people.search(key) for key in keys):
            return None
        known = {row[name] for rows in facts.values() for row in rows for name in names if row.get(name)}
        if any(f'"{each}"' in text for each in known) or "rates " in text:
            return None
        both = {kind: [*rows, *(_renamed(row, known) for row in rows)] for kind, rows in facts.items()}
        return plan, (text, both, through)

    def without_names(lines: tuple[Line, ...]) -> Counter[tuple[object, ...]]:
        found = Counter(
            (line.rule, line.payee.removeprefix("~"), line.fact_id.removeprefix("~"), *told)
            for line in lines
            for told in [(line.earned_on, line.part, line.part_number, line.amount, line.payable_on)]
        )
        is_twice = any(line.payee.startswith("~") for line in lines)
        return found if is_twice else found + found

    pay_the_same(twice, without_names)


def _renamed(row: Row, known: set[str]) -> Row:
    return {name: f"~{value}" if value in known else value for name, value in row.items()}


# --- how rules are told apart --------------------------------------------------------------------


def _of_single_rows(text: str) -> list[str]:
    """Return the rules that look at each row, with those that undo it, by itself, and that none builds on."""
    return [
        rule
        for rule in blocks(text)
        if name_of(rule) and not _OF_MORE.search(rule) and f"earnings of {name_of(rule)}" not in text
    ]


def _is_by_payee(rule: str) -> bool:
    return all("payee" in keys.split(", ") for keys in _LIMITED.findall(rule))


def _number(bound: str) -> Decimal:
    return Decimal(bound.replace(",", ""))

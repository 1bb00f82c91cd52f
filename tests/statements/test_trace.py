"""How a line came about: one line of words and numbers that can be redone by hand."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from rulesengine.engines.results import Line, Part, Reason
from rulesengine.statements.reasons import REASONS
from rulesengine.statements.redo import redo
from rulesengine.statements.trace import trace
from tests.statements.build import every_sort, line

D = Decimal

TRACES: list[tuple[Line, str]] = [
    (line("new_logo", Part.BASE, "D", "2400", base=D(20000), rate=D("0.12")), "20,000.00 × 12 %"),
    (line("new_logo", Part.BASE, "D", "10.00", units=D(2), rate=D(5)), "2 × 5.00"),
    (
        line("new_logo", Part.BASE, "D", "-500", units=D(-1), rate=D(500)),
        "-1 × 500.00",
    ),
    (
        line("new_logo", Part.BASE, "D", "960", base=D(12000), share=D("0.6"), rate=D("0.08")),
        "20,000.00 × 60 % share × 8 %",
    ),
    (
        line("new_logo", Part.BASE, "D", "144", base=D(1200), rate=D("0.08"), times=D("1.5")),
        "1,200.00 × 8 % × 150 %",
    ),
    (
        line("new_logo", Part.BASE, "D", "33.34", base=D("1111.17"), rate=D("0.03"), exact=D("33.3351")),
        "1,111.17 × 3 % = 33.3351, rounded",
    ),
    (
        line("new_logo", Part.BASE, "D", "33.33", base=D(1000), rate=Fraction(1, 30), exact=Fraction(100, 3)),
        "1,000.00 × 3.3333333333… % = 33.3333333333…, rounded",
    ),
    (
        line(
            "growth",
            Part.BAND,
            "D",
            "2400",
            base=D(20000),
            rate=D("0.12"),
            band_from=D(1),
            measure_before=D(80000),
            measure_after=D(120000),
            measure_unit="USD",
            target=D(100000),
            window="2026-Q1",
        ),
        "band from 100 %: 20,000.00 × 12 %; total 80,000.00 → 120,000.00 against 100,000.00 in 2026-Q1",
    ),
    (
        line(
            "growth",
            Part.BAND,
            "D",
            "30",
            units=D(3),
            rate=D(10),
            band_from=D(10),
            measure_before=D(9),
            measure_after=D(12),
            scope="team=north",
            window="plan",
        ),
        "band from 10: 3 × 10.00; total 9 → 12 over the plan, team=north",
    ),
    (
        line("growth", Part.TRUE_UP, "D", "2400", base=D(480000), rate=D("0.015"), rate_before=D("0.01")),
        "true-up: 1.5 % instead of 1 % on 480,000.00 of earlier rows",
    ),
    (
        line("growth", Part.TRUE_UP, "D", "40", units=D(40), rate=D(6), rate_before=D(5)),
        "true-up: 6.00 instead of 5.00 on 40 of earlier rows",
    ),
    (
        line("growth", Part.TRUE_UP, "D", "2400", base=D(480000), rate=D("0.005")),
        "true-up: 480,000.00 × 0.5 % for earlier rows",
    ),
    (
        line(
            "growth",
            Part.ONCE,
            "D",
            "500",
            units=D(1),
            rate=D(500),
            band_from=D(100),
            measure_before=D(99),
            measure_after=D(100),
        ),
        "band from 100 entered: 1 × 500.00; total 99 → 100",
    ),
    (
        line("growth", Part.ONCE, "D", "-500", units=D(-1), rate=D(500), band_from=D(100)),
        "band from 100 left: takes back 500.00",
    ),
    (
        line(
            "push",
            Part.GOAL,
            "D",
            "500",
            target=D(500),
            measure_before=D(499),
            measure_after=D(500),
            scope="team=north",
        ),
        "goal of 500 reached by team=north (499 → 500): 500.00",
    ),
    (
        line("push", Part.GOAL, "D", "-500", target=D(500), measure_before=D(500), measure_after=D(499)),
        "goal of 500 no longer reached (500 → 499): takes back 500.00",
    ),
    (
        line(
            "push",
            Part.PLACE,
            "",
            "1000",
            part_number=1,
            measure_after=D(123000),
            measure_unit="USD",
            fact="",
        ),
        "place 1 with 123,000.00: 1,000.00",
    ),
    (
        line("growth", Part.CAP, "D", "-1310", target=D(25000), measure_before=D(0), measure_after=D(26310)),
        "cap 25,000.00: 26,310.00 → 25,000.00",
    ),
    (
        line(
            "growth",
            Part.CAP,
            "D",
            "-1310",
            target=D(25000),
            measure_before=D(24000),
            measure_after=D(26310),
            window="2026-Q1",
        ),
        "cap 25,000.00 in 2026-Q1: total 24,000.00 → 26,310.00, held at 24,000.00 → 25,000.00",
    ),
    (
        # A refund while the total is above the cap gives back what had been withheld first.
        line(
            "growth", Part.CAP, "D", "1310", target=D(25000), measure_before=D(26310), measure_after=D(24000)
        ),
        "cap 25,000.00: total 26,310.00 → 24,000.00, held at 25,000.00 → 24,000.00",
    ),
    (
        line("growth", Part.FLOOR, "D", "60", target=D(100), measure_before=D(0), measure_after=D(40)),
        "floor 100.00: 40.00 → 100.00",
    ),
    (
        line(
            "growth", Part.FLOOR, "", "60", target=D(100), measure_before=D(40), measure_after=D(40), fact=""
        ),
        "floor 100.00: 40.00 → 100.00",
    ),
    (
        line(
            "push", Part.BUDGET, "D", "-150", target=D(10000), measure_before=D(9900), measure_after=D(10150)
        ),
        "budget 10,000.00: total 9,900.00 → 10,150.00, held at 9,900.00 → 10,000.00",
    ),
    (
        # Another award takes its place in the order: the difference of the totals is not its own.
        line("push", Part.BUDGET, "D", "-70", target=D(10000), measure_before=D(0), measure_after=D(9000)),
        "budget 10,000.00: -70.00",
    ),
    (
        line("push", Part.BUDGET, "D", "-50", base=D(250), target=D(10000), measure_after=D(12500)),
        "budget 10,000.00 in proportion: 250.00 × 10,000.00 ÷ 12,500.00 instead of 250.00",
    ),
    (
        line("push", Part.BUDGET, "D", "-66.66", base=D(100), target=D(100), measure_after=D(300)),
        "budget 100.00 in proportion: 100.00 × 100.00 ÷ 300.00 = 33.3333333333…, cut to 33.34,"
        " instead of 100.00",
    ),
    (
        line("growth", Part.CHOSEN_OTHER, "D", "-70", scope="best: launch pays"),
        "not paid: `best` pays `launch` instead",
    ),
    (
        # A refund follows the deal that it undoes.
        line("growth", Part.CHOSEN_OTHER, "D", "70", scope="best: launch pays"),
        "not taken back: `best` pays `launch` instead",
    ),
    (line("growth", Part.CHOSEN_OTHER, "D", "-70"), "not paid: another rule pays instead"),
    (
        line("new_logo", Part.BASE, "D", "450", base=D(9000), rate=D("0.05"), base_how="10,000 − 1,000"),
        "9,000.00 (10,000 − 1,000) × 5 %",
    ),
    (
        line(
            "new_logo",
            Part.BASE,
            "D",
            "270",
            base=D(5400),
            share=D("0.6"),
            rate=D("0.05"),
            base_how="10,000 − 1,000, at least 0",
        ),
        "9,000.00 (10,000 − 1,000, at least 0) × 60 % share × 5 %",
    ),
    (
        line("new_logo", Part.BASE, "D", "24", units=D(12), rate=D(2), base_how="4 × 3"),
        "12 (4 × 3) × 2.00",
    ),
    (
        line("new_logo", Part.BASE, "D", "300", units=D("0.6"), share=D("0.6"), rate=D(500)),
        "1 × 60 % share × 500.00",
    ),
    (
        line(
            "growth",
            Part.BASE,
            "D",
            "6172.84",
            units=Fraction(12345678, 60000000),
            rate=D(30000),
            base_of="quota",
            target=D(600000),
            measure_unit="USD",
            exact=D("6172.839"),
        ),
        "123,456.78 of 600,000.00 (quota) × 30,000.00 = 6,172.839, rounded",
    ),
    (
        line(
            "growth",
            Part.TRUE_UP,
            "D",
            "50",
            units=D("0.5"),
            rate=D(300),
            rate_before=D(200),
            base_of="quota",
            target=D(1000),
            measure_unit="USD",
        ),
        "true-up: 300.00 instead of 200.00 on 500.00 of 1,000.00 (quota) by earlier rows",
    ),
    (
        line("growth", Part.BAND, "D", "5", base=D(100), rate=D("0.05"), band_from=D(10), band_above=True),
        "band above 10: 100.00 × 5 %",
    ),
    (
        line(
            "growth",
            Part.BAND,
            "D",
            "5",
            base=D(100),
            rate=D("0.05"),
            band_from=D("0.95"),
            towards_next=D("0.579"),
            target=D(1000),
        ),
        "band from 95 %, 57.9 % of the way to the next: 100.00 × 5 %",
    ),
    (
        line(
            "growth",
            Part.ONCE,
            "D",
            "57900",
            base=D(57900),
            band_from=D("0.95"),
            towards_next=D("0.579"),
            target=D(1000),
        ),
        "band from 95 %, 57.9 % of the way to the next: 57,900.00 less 0.00 earned before",
    ),
    (
        line("growth", Part.ONCE, "D", "100", base=D(300), band_from=D(10000), rounded_from=D(200)),
        "band from 10,000: 300.00 less 200.00 earned before",
    ),
    (
        line(
            "growth",
            Part.ONCE,
            "D",
            "20.00",
            exact=D("20.006"),
            base=D("102.754"),
            rounded_from=D("82.748"),
            band_from=D(0),
            towards_next=D("0.51377"),
        ),
        "band from 0, 51.377 % of the way to the next: 102.754 less 82.748 earned before = 20.006, "
        "rounded in the sum 82.748 → 102.754",
    ),
    (
        line("growth", Part.BASE, "D", "1800", base=D(3100), rate=D(1), days=12, days_of=31, times=D("1.5")),
        "3,100.00 × 100 % × 12 of 31 days × 150 %",
    ),
    (
        line(
            "growth",
            Part.TRUE_UP,
            "D",
            "50",
            base=D(5000),
            rate=D("0.05"),
            rate_before=D("0.04"),
            band_from=D(0),
            towards_next=D("0.75"),
        ),
        "true-up, band from 0, 75 % of the way to the next: 5 % instead of 4 % on 5,000.00 of earlier rows",
    ),
    (
        line("growth", Part.TRUE_UP, "D", "120", base=D(160), band_from=D(1), target=D(1000)),
        "true-up: earlier rows come to 160.00 at the band from 100 %, less 40.00 earned before",
    ),
    (
        # What was earned before was paid rounded: the exact sum is not called paid.
        line("growth", Part.TRUE_UP, "D", "94.72", base=D(400), exact=D("94.7223")),
        "true-up: earlier rows come to 400.00, less 305.2777 earned before = 94.7223, rounded",
    ),
    (
        line("push", Part.GOAL, "D", "9", target=D(2), measure_after=D(3), band_above=True),
        "goal of more than 2 reached (3): 9.00",
    ),
    (line("growth", Part.TIMES, "D", "500", base=D(1000), rate=D("0.5")), "1,000.00 × 50 %"),
    (
        line(
            "launch",
            Part.INSTALMENT,
            "D",
            "102.88",
            whole=D("1234.56"),
            base=D(123456),
            rate=D("0.01"),
            part_number=3,
            part_count=12,
        ),
        "instalment 3 of 12 of 1,234.56 (123,456.00 × 1 %)",
    ),
    (
        line(
            "launch",
            Part.INSTALMENT,
            "D",
            "83.33",
            whole=D(1000),
            part_number=5,
            part_count=12,
            exact=Fraction(250, 3),
            base=D("100000.4"),
            rate=D("0.01"),
        ),
        "instalment 5 of 12 of 1,000.00 (100,000.40 × 1 % = 1,000.004, rounded): cut to 83.33",
    ),
    (
        line("push", Part.GOAL, "D", "166.67", whole=D(500), target=D(9), exact=Fraction(500, 3)),
        "one of 3 equal shares of 500.00 (goal of 9 reached: 500.00): 166.66 and 0.01 left over",
    ),
    (
        line(
            "launch",
            Part.FORFEITED,
            "D",
            "0",
            whole=D(600),
            exact=D(150),
            part_number=4,
            part_count=6,
        ),
        "forfeited from instalment 4 of 6 on: 150.00 of 600.00",
    ),
    (
        line(
            "launch",
            Part.CAP,
            "D",
            "-100",
            whole=D(-600),
            target=D(5000),
            measure_before=D(0),
            measure_after=D(5600),
            part_number=2,
            part_count=6,
        ),
        "instalment 2 of 6 of -600.00 (cap 5,000.00: 5,600.00 → 5,000.00)",
    ),
    (line("push", Part.PRIZE, "D", "0", prize="Trip", part_number=1), 'prize "Trip" for place 1'),
    (
        line(
            "push",
            Part.BASE,
            "D",
            "5",
            units=D(5),
            rate=D(1),
            counted_before=D(0),
            counted_after=D(4500),
            package=D(1000),
        ),
        "5 started packages of 1,000 (4,500) × 1.00",
    ),
    (
        line(
            "push",
            Part.BASE,
            "D",
            "-1.2",
            base=D(-120),
            rate=D("0.01"),
            share=D("0.6"),
            counted_before=D(1500),
            counted_after=D(1300),
            counted_above=D(1000),
            counted_unit="USD",
        ),
        "-200.00 (1,500.00 → 1,300.00 above 1,000.00) × 60 % share × 1 %",
    ),
    (
        line("push", Part.DEDUCT, "D", "-6", base=D(6), base_of="fee", share=D("0.6")),
        "less 10.00 × 60 % share earned by `fee`",
    ),
    (
        line(
            "push",
            Part.BASE,
            "D",
            "0.01",
            base=D("0.40"),
            rate=D("0.01"),
            exact=D("0.004"),
            rounded_from=D("0.004"),
        ),
        "0.40 × 1 % = 0.004, rounded in the sum 0.004 → 0.008",
    ),
]


@pytest.mark.parametrize(("given", "expected"), TRACES, ids=[text for _, text in TRACES])
def test_each_part_says_how_it_came_about(given: Line, expected: str) -> None:
    assert trace(given) == expected


@pytest.mark.parametrize("given", [given for given, _ in TRACES] + every_sort())
def test_what_is_shown_gives_the_exact_value(given: Line) -> None:
    is_cut_first = given.part is Part.BUDGET and given.exact == D(-70)
    assert redo(given) in (None, given.exact) or is_cut_first


def test_every_reason_has_a_sentence() -> None:
    assert set(REASONS) == set(Reason)


def test_yen_has_no_decimals_and_dinar_three() -> None:
    yen = line("new_logo", Part.BASE, "D", "120", base=D(1000), rate=D("0.12"), currency="JPY")
    dinar = line("new_logo", Part.BASE, "D", "1.5", units=D(1), rate=D("1.5"), currency="KWD")
    assert trace(yen) == "1,000 × 12 %"
    assert trace(dinar) == "1 × 1.500"


def test_the_date_of_a_line_is_not_in_its_words() -> None:
    early = line("new_logo", Part.BASE, "D", "1", base=D(1), rate=D(1))
    late = line("new_logo", Part.BASE, "D", "1", base=D(1), rate=D(1), payable_on=date(2026, 3, 1))
    assert trace(early) == trace(late)

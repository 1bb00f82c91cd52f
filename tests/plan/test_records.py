from __future__ import annotations

from decimal import Decimal

import pytest

from rulesengine.model.schema import Field, RecordKind
from rulesengine.model.types import MoneyType, RecordType, TextListType, TextType
from rulesengine.plan import nodes
from tests.plan.helpers import HEADER, check, mistakes, plan_of, rule_of


def kind(name: str, text: str = "") -> RecordKind:
    return plan_of(text).schema.kinds[name]


def field(name: str, of: str = "deal") -> Field:
    found = kind(of).field(name)
    assert found is not None
    return found


def test_fields_have_their_types_and_flags() -> None:
    assert field("partner").type == RecordType("partner") and field("partner").is_credited
    assert field("amount").type == MoneyType("USD") and field("amount").is_signed
    assert field("closed").is_event and not field("closed").is_optional
    assert field("undoes").is_reverses and field("undoes").is_optional
    assert field("tier", "partner").type == TextType(("silver", "gold"))
    assert field("tier", "partner").is_history
    assert field("tags", "partner").type == TextListType()
    assert kind("deal").key.name == "id"


def test_decimals_are_those_of_the_currency_or_nine_unless_said() -> None:
    text = """fact visit { field id text key field d date event
      field a money field b number field c percent field e money decimals 4 field f number decimals 0 }"""
    fields = {field.name: field.decimals for field in kind("visit", text).fields}
    assert fields == {"id": 0, "d": 0, "a": 2, "b": 9, "c": 9, "e": 4, "f": 0}


def test_fields_used_as_a_number_of_months_are_counts() -> None:
    plan = plan_of(
        """installments r { on deal pay 1% of amount
        split into term months starting payee.months months after closed
        remainder to first credit partner.manager }"""
    )
    counts = {
        (kind.name, field.name)
        for kind in plan.schema.kinds.values()
        for field in kind.fields
        if field.is_count
    }
    assert counts == {("deal", "term"), ("agent", "months")}


def test_a_derived_field_is_no_count_of_a_date() -> None:
    records = """payee p { field id text key }
    fact deal { field id text key field p p credited field a money field n number field d date event
      derive twice = n * 2 }"""
    text = "revenue_share r { on deal pay 1% of a hold until twice months after d }"
    assert mistakes(text, records=records) == [
        "R0407 'twice': `twice` is derived, so nothing makes sure that it is whole and above zero"
    ]


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("field x number key", "R0203 'key': `key` may stand only once"),
        ("field x text signed", "R0220 'signed': only money, numbers and percents are `signed`"),
        ("field x date decimals 2", "R0220 'decimals 2': only money, numbers and percents have decimals"),
        ("field x number decimals 10", "R0407 '10': a field has at most 9 decimals, found 10"),
        ('field x money one of "a"', "R0220 'one of \"a\"': `one of` lists texts"),
        ('field x text one of "a", "a"', 'R0302 \'"a"\': "a" is given twice'),
        ("field x text event", "R0203 'event': `event` may stand only once"),
        ("field x text credited", "R0220 'credited': `credited` must be a payee, this field is text"),
        ("field x text history", "R0220 'history': a field of a `fact` cannot be `history`"),
        ("field x visit reverses", "R0220 'reverses': a `reverses` field must be `optional`"),
        ("field x nobody", "R0301 'nobody': unknown type `nobody`"),
        ("field x r", "R0303 'r': `r` is a rule, expected a type, a payee kind or a fact kind"),
        ("field x text optional optional", "R0203 'optional': `optional` may stand only once"),
        ("field id text", "R0302 'id': `id` is already a field of this block"),
    ],
)
def test_a_field_that_cannot_be(line: str, wrong: str) -> None:
    text = f"""fact visit {{ field id text key field d date event {line} }}
    flat r {{ on deal pay 5 USD per deal }}"""
    found = mistakes(text)
    assert any(message.startswith(wrong) for message in found), found


def test_a_record_has_a_key_and_a_fact_a_date() -> None:
    assert mistakes("", records="payee p { field x text } fact f { field y text }") == [
        "R0215 'p': `p` has no `key` field",
        "R0215 'f': `f` has no `event` field",
        "R0215 'f': `f` has no `key` field",
    ]


DERIVED = """payee p { field id text key field rate percent history derive double = rate + rate }
fact deal { field id text key field p p credited field d date event
  field a money field b money optional field n number field t text
  %s }"""


def derive(lines: str) -> tuple[nodes.Derived, ...]:
    return check(HEADER + DERIVED % lines).plan.derived["deal"]


def test_a_derived_field_is_an_expression_over_the_record() -> None:
    (net,) = derive("derive net = (a - 5 USD) * 10% at least 0 USD at most a")[:1]
    match net:
        case nodes.Derived(
            name="net",
            expression=nodes.Arithmetic(operation=nodes.Operation.MULTIPLY),
            least=nodes.Constant(value=least),
            type=type_,
            may_be_missing=False,
        ):
            assert (least, type_) == (Decimal(0), MoneyType("USD"))
        case _:
            pytest.fail(str(net))


@pytest.mark.parametrize(
    ("expression", "type_"),
    [
        ("a + a", "money (USD)"),
        ("a * n", "money (USD)"),
        ("a * p.rate", "money (USD)"),
        ("a / n", "money (USD)"),
        ("a / a", "number"),
        ("n / n", "number"),
        ("n * 10%", "percent"),
        ("p.rate * p.rate", "percent"),
        ("p.rate * 2", "percent"),
        ("a / p.rate", "money (USD)"),
        ("n / p.rate", "number"),
        ("a / b * 100%", "percent"),
        ("p.rate / 2", "percent"),
        ("p.rate / p.rate", "number"),
        ("b otherwise a", "money (USD)"),
    ],
)
def test_the_unit_of_a_result(expression: str, type_: str) -> None:
    assert str(derive(f"derive x = {expression}")[0].type) == type_


def test_what_is_made_of_optional_fields_may_be_missing() -> None:
    x, y, z = derive("derive x = a + b derive y = (b otherwise 0 USD) + a derive z = x * 2")
    assert (x.may_be_missing, y.may_be_missing, z.may_be_missing) == (True, False, True)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("derive x = a - n", "R0401 'a - n': units do not fit together: `a` is money (USD), `n` is a number"),
        ("derive x = a * a", "R0401 'a * a': units do not fit together"),
        ("derive x = t + t", "R0401 't': only money, numbers and percentages can be computed, `t` is text"),
        ("derive x = a / 0", "R0407 '0': nothing can be divided by zero"),
        ("derive x = y derive y = a", "R0301 'y': `y` is not derived yet"),
        ("derive x = x", "R0301 'x': `x` is not derived yet"),
        ("derive x = p.double", "R0303 'double': `double` is derived in `p`; a `derive` uses derived fields"),
        ("derive x = payee.rate", "R0303 'payee': `payee` has no meaning here"),
        ("derive x = a at least 5", "R0401 '5': units do not fit together"),
        ("derive a = n", "R0302 'a': `a` is already a field of this block"),
    ],
)
def test_a_derived_field_that_cannot_be(line: str, wrong: str) -> None:
    found = mistakes("", records=DERIVED % line)
    assert [message[: len(wrong)] for message in found] == [wrong]


def test_rules_read_derived_fields_of_others() -> None:
    text = HEADER + DERIVED % "" + "revenue_share r { on deal pay payee.double of a where p.double > 5% }"
    rate = check(text).plan.rules[0].versions[0].rate
    assert isinstance(rate, nodes.Pay)


def test_filters_and_order_of_a_fact_kind() -> None:
    records = DERIVED % "where b is present order by b"
    plan = check(HEADER + records).plan
    assert [
        condition.text for condition in plan.filters["deal"] if not isinstance(condition, nodes.IsMissing)
    ] == ["b is present"]
    assert plan.order_by["deal"].names == ("b",)
    assert mistakes("", records=DERIVED % "order by b") == ["R0501 'b': `b` may be missing here"]


def test_a_history_field_is_read_like_any_other() -> None:
    rule = rule_of('on deal where payee.tier is "gold" pay 1% of amount')
    match rule.versions[0].conditions[0]:
        case nodes.IsOneOf(
            left=nodes.FieldRead(root=nodes.Root.PAYEE, names=("tier",), may_be_missing=False)
        ):
            pass
        case other:
            pytest.fail(str(other))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("derive q = a" + " * n" * 100, "more than 100 values are multiplied and divided"),
        ("derive q = a" + " / n" * 101, "more than 100 values are multiplied and divided"),
        (
            "derive d0 = n + n " + " ".join(f"derive d{i} = d{i - 1} * d{i - 1}" for i in range(1, 9)),
            "more than 100 values are multiplied and divided",
        ),
        (
            "derive d0 = n + n " + " ".join(f"derive d{i} = d{i - 1} + n" for i in range(1, 100)),
            "`d71` is derived from derived fields",
        ),
    ],
)
def test_a_derived_field_that_cannot_be_worked_out(lines: str, message: str) -> None:
    first, *_ = mistakes("", records=DERIVED % lines)
    assert first.startswith("R0108") and message in first


def test_a_long_sum_of_derived_fields_is_taken() -> None:
    fields = " ".join(f"derive d{i} = d{i - 1} + n" if i else "derive d0 = n + n" for i in range(70))
    assert len(derive(fields)) == 70
    assert len(derive("derive q = " + " + ".join(["a / n"] * 100))) == 1
    assert len(derive("derive q = " + " + ".join(["a"] * 301))) == 1


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ("months from d until e", "a month may be cut short at the end: does it count?"),
        ("full days from d until e", "days are whole already"),
        ("decade ends from d until e", "nothing of the calendar is called `decade`"),
        ("hours from d until e", "`hours` cannot be counted in a span of time"),
    ],
)
def test_a_span_says_what_it_counts(span: str, message: str) -> None:
    records = f"""payee p {{ field id text key }}
    fact deal {{ field id text key field p p credited field d date event field e date
      derive x = {span} }}"""
    assert mistakes("flat r { on deal pay 1 USD per deal }", records=records) == [
        f"R0244 '{span}': {message}"
    ]


def test_a_span_is_a_number_and_missing_where_its_dates_are() -> None:
    records = """payee p { field id text key }
    fact deal { field id text key field p p credited field a money field d date event field e date optional
      derive x = days from d until e }"""
    rule = "flat r { on deal PAY }"
    assert "R0501" in mistakes(rule.replace("PAY", "pay 1 USD per unit of x"), records=records)[0]
    assert mistakes(rule.replace("PAY", "pay 1 USD per unit of x otherwise 1"), records=records) == []
    assert (
        "R0401"
        in mistakes(
            rule.replace("PAY", "where x is present and x > 1 USD pay 1 USD per deal"), records=records
        )[0]
    )

from __future__ import annotations

from tests.plan.helpers import HEADER, RECORDS, found_in, mistakes, mistakes_of_condition, mistakes_of_rule


def hints(text: str) -> list[str]:
    return [diagnostic.hint for diagnostic in found_in(HEADER + RECORDS + text)]


def test_all_blocks_share_one_set_of_names() -> None:
    text = 'segment s of partner { where tier is "gold" } flat s { on deal pay 5 USD per deal }'
    assert mistakes(text) == ["R0302 's': `s` is already a segment"]


def test_a_second_block_of_a_name_is_looked_at_too() -> None:
    text = "flat r { on deal pay 5 USD per deal } flat r { on deal pay 5 USD per unit of amuont }"
    assert mistakes(text) == [
        "R0302 'r': `r` is already a rule",
        "R0301 'amuont': unknown name `amuont`; `deal` has no such field",
    ]


def test_words_of_the_language_name_no_records() -> None:
    text = "fact month { field id text key field d date event }"
    assert mistakes(text) == ["R0302 'month': `month` is a word of the language and cannot name a fact kind"]


def test_a_field_cannot_be_called_payee() -> None:
    text = "fact visit { field id text key field d date event field payee partner credited }"
    assert mistakes(text) == [
        "R0302 'payee': `payee` always means the payee who is credited and cannot name a field"
    ]


def test_the_nearest_name_is_offered() -> None:
    assert hints("flat r { on dael pay 5 USD per deal }") == ["did you mean `deal`?"]
    assert hints("flat r { on deal pay 5 USD per dael }") == ["did you mean `deal`?"]
    assert hints("flat r { on deal where amuont > 5 USD pay 5 USD per deal }") == ["did you mean `amount`?"]
    assert hints('flat r { on deal where payee.teir is "gold" pay 5 USD per deal }') == [
        "did you mean `tier`?"
    ]


def test_a_name_of_another_sort_says_what_it_is() -> None:
    gold = 'segment gold of partner { where tier is "gold" }'
    assert mistakes_of_rule("on gold pay 1% of amount", blocks=gold) == [
        "R0303 'gold': `gold` is a segment, expected a fact kind"
    ]
    assert mistakes_of_condition('agent.team is "x"') == [
        "R0303 'agent': `agent` is a payee kind, expected a field"
    ]


def test_an_unknown_source_is_reported_once() -> None:
    clauses = "on dael where x > 5 USD pay 1% of y cap 5 USD per dael hold until z"
    assert mistakes_of_rule(clauses) == ["R0301 'dael': unknown fact kind `dael`"]


def test_a_mistaken_field_is_reported_once() -> None:
    records = RECORDS.replace("field amount money signed", "field amount mony signed")
    assert mistakes("flat r { on deal where amount > 5 USD pay 5 USD per deal }", records=records) == [
        "R0301 'mony': unknown type `mony`"
    ]


def test_mistaken_blocks_are_reported_once_however_often_they_are_used() -> None:
    text = """
    table t on deal by tpye { row any gives 5% }
    quota q by partnre per quarter as money
    measure m { on deal where amuont > 5 USD take sum amount per quarter }
    revenue_share a { on deal pay t of amount }
    tiered b { on deal measure sum amount per quarter against q apply whole tier from 0% pay 1% }
    tiered c { on deal measure m apply whole tier from 0 USD pay 1% }
    """
    assert [line.split(":")[0] for line in mistakes(text)] == [
        "R0301 'tpye'",
        "R0301 'partnre'",
        "R0301 'amuont'",
    ]

"""Texts of the plan are words in all stages that they pass, and texts wherever they are read as such."""

from __future__ import annotations

from rulesengine.engines.sql.expressions import Call, Case, Cast, Column, Expr, Literal, Sort, equal, text
from rulesengine.engines.sql.few import with_words
from rulesengine.engines.sql.relations import Select, Stage, Union


def _stage(name: str, source: str, *columns: Expr, where: Expr | None = None) -> Stage:
    select = Select(tuple((f"c{at}", each) for at, each in enumerate(columns)), source, "r")
    if where is not None:
        select = Select(select.columns, source, "r", where=where)
    return Stage(name, "", select)


def _read(name: str, sort: Sort = Sort.TEXT) -> Column:
    return Column("r", name, sort)


def _columns(stage: Stage) -> dict[str, Expr]:
    assert isinstance(stage.body, Select)
    return dict(stage.body.columns)


def test_a_text_of_the_plan_is_a_word_from_where_it_is_written() -> None:
    """Through a union, another stage, and a choice; a text of the facts beside it stays a text."""
    one = Select((("c0", text("band")), ("c1", _read("name"))), "facts", "r")
    other = Select((("c0", Literal(None, Sort.TEXT)), ("c1", text("x"))), "facts", "r")
    drafts = Stage("drafts", "", Union((one, other)))
    chosen = Case(((equal(_read("c1"), text("x")), text("goal")),), _read("c0"), Sort.TEXT)
    lines = _stage("lines", "drafts", chosen, _read("c1"))
    first, last = with_words([drafts, lines], ["lines"])
    assert isinstance(first.body, Union)
    assert [dict(part.columns)["c0"].sort for part in first.body.parts] == [Sort.WORD, Sort.WORD]
    assert [dict(part.columns)["c1"].sort for part in first.body.parts] == [Sort.TEXT, Sort.TEXT]
    assert _columns(last)["c0"].sort is Sort.WORD
    assert _columns(last)["c1"] == _read("c1")


def test_what_compares_or_joins_a_word_reads_a_text() -> None:
    """It is the same text, whatever the database would make of a number beside one."""
    drafts = _stage("drafts", "facts", text("band"))
    named = Call("||", (_read("c0"), text("!")), Sort.TEXT)
    lines = _stage("lines", "drafts", _read("c0"), named, where=equal(_read("c0"), text("band")))
    _, last = with_words([drafts, lines], ["lines"])
    as_text = Cast(_read("c0", Sort.WORD), Sort.TEXT)
    assert _columns(last) == {
        "c0": _read("c0", Sort.WORD),
        "c1": Call("||", (as_text, text("!")), Sort.TEXT),
    }
    assert isinstance(last.body, Select)
    assert last.body.where == equal(as_text, text("band"))


def test_stages_that_lead_to_no_such_text_are_left_alone() -> None:
    """A text that one branch takes from the facts is none of a few."""
    drafts = _stage("drafts", "facts", Case(((_read("f", Sort.FLAG), text("a")),), _read("n"), Sort.TEXT))
    lines = _stage("lines", "drafts", _read("c0"))
    assert with_words([drafts, lines], ["lines"]) == [drafts, lines]

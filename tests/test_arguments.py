"""Arguments of the Python API that are of another sort than it takes: what is expected is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import rulesengine
from rulesengine.batch import run_folder

PROJECT = Path(__file__).parents[1] / "rulesengine" / "cli" / "new_project"
ROW = {"id": "q", "partner": "ana", "type": "new", "amount": "1200.00", "closed": "2026-03-02"}
PREPARED = rulesengine.prepare(PROJECT / "rules", facts=PROJECT / "facts")
A_ROW, A_PLAN = "a row is a mapping from fields to values", "a plan is the path of a file or folder"
FACTS, BESIDE = "facts are a path, or files and tables", "beside is a mapping from fact kinds"


def evaluate(**given: Any) -> Any:
    asked: dict[str, Any] = {"plan": PROJECT / "rules", "facts": PROJECT / "facts", "period": "2026-01"}
    return rulesengine.evaluate(**{**asked, **given})


def write(path: Any, pages: Any = "none") -> Any:
    return run_folder(PROJECT / "rules", facts=PROJECT / "facts", period="2026-01", out=path, pages=pages)


MISUSES: dict[str, tuple[Callable[..., Any], str]] = {
    "no row": (lambda pay: pay(None), A_ROW),
    "rows": (lambda pay: pay([ROW]), A_ROW),
    "text": (lambda pay: pay("x"), A_ROW),
    "kind": (lambda pay: pay(ROW, kind=5), "kind is the name of a fact kind"),
    "rows beside": (lambda pay: pay(ROW, beside=[ROW]), BESIDE),
    "one row beside": (lambda pay: pay(ROW, beside={"deal": ROW}), "a list of rows for each kind"),
    "no row beside": (lambda pay: pay(ROW, beside={"deal": [None]}), A_ROW),
    "trace": (lambda _: PREPARED.trace(None), "a line is one of the `lines`"),  # type: ignore[arg-type]
    "plan": (lambda _: rulesengine.load_plan(5), A_PLAN),  # type: ignore[arg-type]
    "no plan": (lambda _: evaluate(plan=None), A_PLAN),
    "no facts": (lambda _: evaluate(facts=None), FACTS),
    "a row of facts": (lambda _: evaluate(facts=[ROW]), FACTS),
    "prepared": (lambda _: rulesengine.prepare(PROJECT / "rules", facts=5), FACTS),  # type: ignore[arg-type]
    "no engine": (lambda _: evaluate(engine=None), "an engine is a name such as `duckdb`"),
    "engine": (lambda _: evaluate(engine=5), "an engine is a name such as `duckdb`"),
    "no folder": (lambda _: evaluate().write(None), "a run folder is a path"),
    "no folder of a run": (lambda _: write(None), "a run folder is a path"),
    "facts of a run": (lambda _: run_folder(PROJECT / "rules", facts=5, period="", out=""), FACTS),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("what", MISUSES)
def test_what_is_of_another_sort_is_told(what: str) -> None:
    misuse, told = MISUSES[what]
    with pytest.raises(TypeError, match=told) as caught:
        misuse(PREPARED.pay)
    assert ", found `" in str(caught.value)


def test_pages_that_there_are_none_of_are_told(tmp_path: Path) -> None:
    for misuse in (evaluate().write, write):
        with pytest.raises(ValueError, match="pages are `all`, `none` or `auto`, found `'wat'`"):
            misuse(tmp_path / "out", "wat")
    assert list(tmp_path.iterdir()) == []


def test_what_fails_with_a_right_row_is_no_misuse(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ValueError("of ours")

    monkeypatch.setattr(type(PREPARED._engine), "pay", fails)
    with pytest.raises(ValueError, match="of ours"):
        PREPARED.pay(ROW, beside={"deal": [{**ROW, "id": "z"}]})

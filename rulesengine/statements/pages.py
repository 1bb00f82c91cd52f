"""The pages of a payee: one file as text, JSON, CSV and HTML each, with all statements of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rulesengine.statements.assemble import Statement
from rulesengine.statements.besides import Besides
from rulesengine.statements.names import statement_file
from rulesengine.statements.render_csv import render_csv
from rulesengine.statements.render_html import render_html
from rulesengine.statements.render_json import render_json
from rulesengine.statements.render_text import render_besides, render_text


def write_pages(folder: Path, statements: Sequence[Statement], rest: Besides) -> None:
    """Write the pages of one payee into a run folder.

    Args:
        folder: the run folder.
        statements: of one payee, at least one, by period and currency.
        rest: what else there is to say to the payee.
    """
    base = folder / statement_file(statements[0].payee_kind, statements[0].payee)
    base.parent.mkdir(parents=True, exist_ok=True)
    texts = [render_text(statement) for statement in statements]
    texts += [render_besides(rest, statements[0].currency)] if rest.is_something else []
    for ending, text in (
        ("txt", "\n\n".join(texts)),
        ("json", render_json(statements)),
        ("csv", render_csv(statements)),
        ("html", render_html(statements, rest)),
    ):
        with base.parent.joinpath(f"{base.name}.{ending}").open("w", encoding="utf-8", newline="") as file:
            file.write(text)

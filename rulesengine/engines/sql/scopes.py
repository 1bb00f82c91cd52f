"""Where a running total runs: its keys, and the window that a row's date lies in."""

from __future__ import annotations

from rulesengine.engines.sql.dates import window_label, window_start
from rulesengine.engines.sql.expressions import joined, text
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import Relation
from rulesengine.engines.sql.shown import key_text
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import Plain, Value
from rulesengine.model.dates import WindowKind
from rulesengine.plan import nodes


def add_scope(measure: nodes.Measure, judge: Reads, columns: dict[str, Value], rule: nodes.Rule) -> None:
    """Add the columns of a measure's scope: `key_1`… as texts, `window_start`, `window_label`, and
    `scope_label`, the keys as lines show them."""
    shown = []
    for number, key in enumerate(measure.keys, start=1):
        value = Plain(key_text(judge.read(key)))
        columns[f"key_{number}"] = value
        if not is_payee(key):
            shown.append(joined([f"{key.text}=", value.expr]))
    pieces = [piece for each in shown for piece in (", ", each)][1:]
    columns["scope_label"] = Plain(joined(pieces) if pieces else text(""))
    if not isinstance(measure.window, WindowKind):
        raise unsupported(f"`per {measure.window}`", measure.origin, rule.name)
    plan = judge.compilation.plan
    dated = columns["dated"]
    assert isinstance(dated, Plain)
    columns["window_start"] = Plain(window_start(dated.expr, measure.window, plan.fiscal, plan.effective))
    columns["window_label"] = Plain(window_label(dated.expr, measure.window, plan.fiscal))


def scope_columns(relation: Relation) -> list[str]:
    """Return the columns that make up the scope of a measure."""
    keys = [name for name in relation.columns if name.startswith("key_")]
    return [*keys, "window_start"]


def is_payee(key: nodes.FieldRead) -> bool:
    """Whether a key is the payee: who is credited, or, read as `payee`, who the row is."""
    return not key.names and (key.root is nodes.Root.PAYEE or key.text == "payee")

"""What clawbacks take of the awards of a rule, and give back, beside what the rule earns."""

from __future__ import annotations

from dataclasses import dataclass

from rulesengine.engines.sql.clawback_turns import CLAWED
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.earned_rows import LINE_NUMBER
from rulesengine.engines.sql.expressions import is_given, negated, text
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.values import Plain
from rulesengine.plan import nodes


@dataclass(frozen=True, slots=True)
class Moves:
    """What clawbacks take of the awards of a rule, and give back."""

    relation: Relation
    most: int
    """No award has more of them."""
    drafts: Relation
    """What they are of; where rows change what others earned it says what is of its own row."""


def with_moves(compilation: Compilation, drafts: Relation, moves: Moves | None, rule: nodes.Rule) -> Relation:
    """Return the drafts together with what is taken of them and given back."""
    if moves is None:
        return drafts
    kept, moved = From(drafts), From(moves.relation)
    kept.take_all()
    kept.columns.setdefault("fact", Plain(text(rule.fact_kind)))
    moved.take_all()
    comment = f"rule {rule.name}: with what clawbacks take and give back"
    return compilation.add_union(f"{rule.name}_with_moves", comment, [kept, moved], rule=rule)


def without_moves(
    compilation: Compilation, lines: Relation, drafts: Relation, moves: Moves | None, rule: nodes.Rule
) -> tuple[Relation, Moves | None]:
    """Return the drafts and the moves of `with_moves` apart again, with the numbers they got together."""
    if moves is None:
        return lines, None
    parts = []
    for relation, is_move, name in ((drafts, False, "own_lines"), (moves.relation, True, "own_moves")):
        source = From(lines)
        is_moved = is_given(source.expr(f"{CLAWED}on"))
        source.keep(is_moved if is_move else negated(is_moved))
        for column in (*relation.columns, "fact", LINE_NUMBER):
            source.columns[column] = source[column]
        what = "what clawbacks take and give back" if is_move else "what it earns"
        comment = f"rule {rule.name}: {what}, as numbered"
        parts.append(compilation.add(f"{rule.name}_{name}", comment, source, rule=rule))
    return parts[0], Moves(parts[1], moves.most, parts[0])

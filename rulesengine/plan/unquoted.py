"""What a bare word behind `is` was meant to say: `is new`, `is null`, `is true`."""

from __future__ import annotations

from rulesengine.diagnostics import nearest
from rulesengine.language import syntax
from rulesengine.model.change import replace
from rulesengine.model.types import FlagType, RecordType, TextType
from rulesengine.plan.problems import Mistake
from rulesengine.plan.scope import Scope
from rulesengine.plan.types import Typed

_EMPTY = frozenset(("null", "nil", "none", "empty", "blank", "na", "nothing", "undefined"))
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}


def as_meant(problem: Mistake, left: Typed, value: syntax.Literal | syntax.Path, *, negated: bool) -> Mistake:
    """Return the mistake that a value made, with what to write if it is a word without quotes."""
    diagnostic = problem.diagnostic
    if diagnostic is None or diagnostic.code != "R0301" or not isinstance(value, syntax.Path):
        return problem
    hint = _hint(left, value.text, negated=negated)
    return Mistake(replace(diagnostic, hint=hint)) if hint else problem


def tested_for_empty(scope: Scope, node: syntax.Is) -> Mistake | None:
    """Return what is wrong with `mrr is null`, None for any other test.

    It is looked at before the field: a field that may be missing is what such a test is about.
    """
    value = node.values[0]
    if not isinstance(value, syntax.Path) or value.text not in _EMPTY or len(node.values) > 1:
        return None
    try:
        scope.read(value)
    except Mistake as problem:
        if problem.diagnostic is None:
            return problem
        field = node.left if isinstance(node.left, syntax.Path) else node.left.path
        hint = f"write `{field.text} is {'present' if node.negated else 'missing'}`"
        return Mistake(replace(problem.diagnostic, hint=hint))
    return None


def _hint(left: Typed, word: str, *, negated: bool) -> str:
    allowed = left.type.one_of if isinstance(left.type, TextType) else ()
    if word in _FLAGS and isinstance(left.type, FlagType):
        negation = "not " if _FLAGS[word] is negated else ""
        return f"a flag stands alone: write `{negation}{left.text}`"
    if not isinstance(left.type, TextType | RecordType) or "." in word:
        return ""
    near = nearest(word, allowed)
    if allowed and near is None:
        return "it is one of " + ", ".join(f'`"{text}"`' for text in allowed)
    return f'write `"{near or word}"`: texts stand in double quotes'

"""Commission plans as code: plans in a small language, facts from files, statements that explain
themselves.

    plan = rulesengine.load_plan("rules/partner_program")
    run = rulesengine.evaluate(plan, facts="fixtures/partner_program", period="2026-09")
    run.lines, run.statements, run.not_earning, run.rejects     # Arrow tables
    run.write("out/2026-09")

    prepared = rulesengine.prepare(plan, facts="fixtures/partner_program")
    prepared.pay({"id": "D-9", …}).lines                        # what one more row earns

A plan or facts that cannot be taken raise `Rejected`, with every mistake that was found.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rulesengine.diagnostics import Rejected
    from rulesengine.pipeline import evaluate, load_plan
    from rulesengine.prepared import prepare

__version__ = "0.1.0"

__all__ = ["Rejected", "__version__", "evaluate", "load_plan", "prepare"]

_HOMES = {
    "Rejected": "rulesengine.diagnostics",
    "evaluate": "rulesengine.pipeline",
    "load_plan": "rulesengine.pipeline",
    "prepare": "rulesengine.prepared",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for, so that `import rulesengine` stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module `rulesengine` has no attribute `{name}`")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)

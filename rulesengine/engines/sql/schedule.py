"""Step 7, schedule: when an award is payable, as a whole or in parts."""

from __future__ import annotations

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.plan import nodes


def schedule(compilation: Compilation, drafts: Relation, rule: nodes.Rule) -> Relation:
    """Return the drafts with the dates they are payable on: that on which they are earned."""
    for version in rule.versions:
        for what, clause in (
            ("`split into`", version.split),
            ("`hold until`", version.hold),
            ("`release`", version.release),
            ("`stop on`", version.stops[0] if version.stops else None),
            ("`clawback`", version.clawbacks[0] if version.clawbacks else None),
        ):
            if clause is not None:
                raise unsupported(what, clause.origin, rule.name)
    source = From(drafts)
    source.take_all()
    source.columns["payable_on"] = source["earned_on"]
    return compilation.add(f"{rule.name}_payable", f"rule {rule.name}: when it is payable", source, rule=rule)

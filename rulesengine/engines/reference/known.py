"""What an evaluation knows of a plan whatever the facts are; worked out once for a plan."""

from __future__ import annotations

from rulesengine.engines.field_reads import reads_of_schedule
from rulesengine.model.types import RecordType
from rulesengine.plan import nodes
from rulesengine.plan.measures_read import converted_measures
from rulesengine.plan.total_reads import of_condition, reads_in_total

Conditions = tuple[nodes.Condition, ...]


class Known:
    """What is known of a plan: where its references lead, and what its totals decide again."""

    def __init__(self, plan: nodes.Plan) -> None:
        self.plan = plan
        self.rules = {rule.name: rule for rule in plan.rules}
        self.ranks = {rule.name: rank for rank, rule in enumerate(plan.rules)}
        self.again = {
            rule.name
            for rule in plan.rules
            if any(reads_in_total(version, plan.tables) for version in rule.versions)
        }
        """Rules that are paid again when the totals that they read have moved."""
        self.derived = {
            (kind, derived.name): derived for kind, fields in plan.derived.items() for derived in fields
        }
        self.targets = {
            (kind.name, field.name): field.type.kind
            for kind in plan.schema.kinds.values()
            for field in kind.fields
            if isinstance(field.type, RecordType)
        }
        """Where references lead, by kind and field."""
        self.converted = [measure for measure, _ in converted_measures(plan)]
        """Named measures that are read, and convert."""
        self._conditions: dict[int, tuple[Conditions, Conditions]] = {}
        """By version, which is in the plan and so stays what it is."""
        self._schedules: dict[int, tuple[nodes.FieldRead, ...]] = {}
        """What decides when awards are payable, likewise."""

    def conditions_of(self, version: nodes.Version) -> tuple[Conditions, Conditions]:
        """Return the conditions that a row is judged by once, and those that its totals decide again."""
        found = self._conditions.get(id(version))
        if found is None:
            again = tuple(test for test in version.conditions if any(of_condition(test)))
            at_once = tuple(test for test in version.conditions if test not in again)
            found = self._conditions[id(version)] = (at_once, again)
        return found

    def schedule_of(self, version: nodes.Version) -> tuple[nodes.FieldRead, ...]:
        """Return what decides when the awards of a version are payable."""
        found = self._schedules.get(id(version))
        if found is None:
            found = self._schedules[id(version)] = reads_of_schedule(version)
        return found


class KnownPlans:
    """Plans that have been met, each with what is known of it."""

    def __init__(self) -> None:
        self._known: dict[int, Known] = {}

    def of(self, plan: nodes.Plan) -> Known:
        """Return what is known of a plan."""
        found = self._known.get(id(plan))
        if found is None:
            if len(self._known) == _MOST:
                self._known.clear()
            # A plan is kept with what is known of it, so no other has its id.
            found = self._known[id(plan)] = Known(plan)
        return found


_MOST = 100
"""Plans that are kept in mind; one that pays single rows asks for a few parts of one plan."""

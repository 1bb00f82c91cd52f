"""OpenFisca-core: three variables with formulas on whole columns, in the precision that it has."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy
from openfisca_core.entities import Entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from benchmarks.peers.judge import SHARES, Answer, Clock, Deal, measure

DAY = "2026-01-01"
ROW = Entity("deal", "deals", "A deal", "")
SEGMENTS = ("small", "mid", "large", "public")
LEVELS = ("silver", "gold", "platinum")


class segment(Variable):  # type: ignore[misc]
    value_type, entity, definition_period = int, ROW, DateUnit.DAY


class level(Variable):  # type: ignore[misc]
    value_type, entity, definition_period = int, ROW, DateUnit.DAY


class is_new(Variable):  # type: ignore[misc]
    value_type, entity, definition_period = bool, ROW, DateUnit.DAY


class amount(Variable):  # type: ignore[misc]
    value_type, entity, definition_period = float, ROW, DateUnit.DAY


class share(Variable):  # type: ignore[misc]
    value_type, entity, definition_period = float, ROW, DateUnit.DAY

    def formula(deal: Any, period: Any) -> Any:
        """Look the rate up and multiply."""
        rates = numpy.array([[SHARES[s, a] / 10_000 for a in LEVELS] for s in SEGMENTS])
        return deal("amount", period) * rates[deal("segment", period), deal("level", period)]


class fee(Variable):  # type: ignore[misc]
    value_type, entity, definition_period = float, ROW, DateUnit.DAY

    def formula(deal: Any, period: Any) -> Any:
        """Pay for new customers."""
        return numpy.where(deal("is_new", period), 500, 0)


class size(Variable):  # type: ignore[misc]
    value_type, entity, definition_period = float, ROW, DateUnit.DAY

    def formula(deal: Any, period: Any) -> Any:
        """Pay by the size of the deal."""
        of = deal("amount", period)
        return of * numpy.select([of >= 25_000, of >= 10_000], [0.0075, 0.005], 0.0025)


def evaluate(deals: Sequence[Deal]) -> tuple[Clock, list[Answer]]:
    """Evaluate all rows at once."""
    system = TaxBenefitSystem([ROW])
    for variable in (segment, level, is_new, amount, share, fee, size):
        system.add_variable(variable)
    inputs = {
        "segment": numpy.array([SEGMENTS.index(deal.segment) for deal in deals]),
        "level": numpy.array([LEVELS.index(deal.level) for deal in deals]),
        "is_new": numpy.array([deal.customer == "new" for deal in deals]),
        "amount": numpy.array([float(deal.amount) for deal in deals]),
    }
    with Clock() as clock:
        simulation = SimulationBuilder().build_default_simulation(system, count=len(deals))
        for name, values in inputs.items():
            simulation.set_input(name, DAY, values)
        columns = [simulation.calculate(name, DAY) for name in ("share", "fee", "size")]
    return clock, list(zip(*columns, strict=True))


if __name__ == "__main__":
    measure(f"OpenFisca-core {version('openfisca-core')}", evaluate)

"""Static checks, one a file: a plan goes in, what is wrong or doubtful with it comes out.

A check that needs to know what names mean reads the checked plan (`CHECKS`). One that only
compares what is written in a clause list reads the syntax tree (`WRITTEN_CHECKS`): it points at
the very literal, runs even where a name is unknown, so that one run shows all mistakes, and keeps
from `nodes.Plan` what must not get there, such as a range that ends before it begins.

A new check is a file here, a line below and an example under `tests/errors/`.
"""

from collections.abc import Callable, Iterator

from rulesengine.diagnostics import Diagnostic
from rulesengine.language import syntax
from rulesengine.plan import nodes
from rulesengine.plan.checks.amendments_ascend import amendments_ascend
from rulesengine.plan.checks.blocks_are_used import blocks_are_used
from rulesengine.plan.checks.budgets_change_something import budgets_change_something
from rulesengine.plan.checks.budgets_pay_an_award import budgets_pay_an_award
from rulesengine.plan.checks.conditions_can_hold import conditions_can_hold
from rulesengine.plan.checks.credits_make_whole import credits_make_whole
from rulesengine.plan.checks.dates_lie_within import dates_lie_within
from rulesengine.plan.checks.earnings_are_known import earnings_are_known
from rulesengine.plan.checks.facts_paid_once import facts_paid_once
from rulesengine.plan.checks.limits_change_something import limits_change_something
from rulesengine.plan.checks.limits_fit import limits_fit
from rulesengine.plan.checks.limits_leave_something import limits_leave_something
from rulesengine.plan.checks.lines_of_a_row import lines_of_a_row
from rulesengine.plan.checks.methods_can_pay import methods_can_pay
from rulesengine.plan.checks.once_keeps_its_places import once_keeps_its_places
from rulesengine.plan.checks.places_follow import places_follow
from rulesengine.plan.checks.ranges_run_forward import ranges_run_forward
from rulesengine.plan.checks.rates_before_totals import rates_before_totals
from rulesengine.plan.checks.rivals_are_settled import rivals_are_settled
from rulesengine.plan.checks.rivals_can_meet import rivals_can_meet
from rulesengine.plan.checks.rounding_has_a_place import rounding_has_a_place
from rulesengine.plan.checks.rules_form_no_circle import rules_form_no_circle
from rulesengine.plan.checks.settling_adds_up import settling_adds_up
from rulesengine.plan.checks.split_measures_say_share import split_measures_say_share
from rulesengine.plan.checks.table_rows_reached import table_rows_reached
from rulesengine.plan.checks.tables_cover_inputs import tables_cover_inputs
from rulesengine.plan.checks.tiers_ascend import tiers_ascend
from rulesengine.plan.checks.tiers_can_be_reached import tiers_can_be_reached
from rulesengine.plan.checks.tiers_start_at_zero import tiers_start_at_zero
from rulesengine.plan.checks.totals_decided_again import totals_decided_again
from rulesengine.plan.checks.when_of_times import when_of_times
from rulesengine.plan.checks.whole_tiers_never_lower_pay import whole_tiers_never_lower_pay

WRITTEN_CHECKS: tuple[Callable[[syntax.Tree], Iterator[Diagnostic]], ...] = (
    ranges_run_forward,
    dates_lie_within,
    amendments_ascend,
    tiers_start_at_zero,
    tiers_ascend,
    credits_make_whole,
    split_measures_say_share,
    places_follow,
    rules_form_no_circle,
    when_of_times,
    blocks_are_used,
)

CHECKS: tuple[Callable[[nodes.Plan], Iterator[Diagnostic]], ...] = (
    table_rows_reached,
    tables_cover_inputs,
    methods_can_pay,
    once_keeps_its_places,
    limits_fit,
    rivals_are_settled,
    rivals_can_meet,
    earnings_are_known,
    rounding_has_a_place,
    whole_tiers_never_lower_pay,
    facts_paid_once,
    conditions_can_hold,
    totals_decided_again,
    settling_adds_up,
    limits_change_something,
    limits_leave_something,
    lines_of_a_row,
    rates_before_totals,
    budgets_pay_an_award,
    budgets_change_something,
    tiers_can_be_reached,
)

__all__ = ["CHECKS", "WRITTEN_CHECKS"]

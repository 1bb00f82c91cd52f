"""Why a row earned nothing, in a sentence for each reason."""

from __future__ import annotations

from collections.abc import Mapping

from rulesengine.engines.results import Reason

REASONS: Mapping[Reason, str] = {
    Reason.NOT_COUNTED: "the plan leaves it out: a `where` of the fact does not hold",
    Reason.NO_EVENT_DATE: "it waits: the date it is judged by is missing",
    Reason.OUTSIDE_DATES: "it is dated outside the days of the rule",
    Reason.AFTER_THROUGH: "it is dated after the last day of the run",
    Reason.CONDITION: "a condition of the rule does not hold",
    Reason.OUTSIDE_DURATION: "it is dated outside the time that the rule pays for",
    Reason.NO_COUNT: "the number of its parts or months is no whole number from 1 to 1,200",
    Reason.NOBODY_CREDITED: "it credits nobody",
    Reason.NOBODY_AWARDED: "its award has nobody to go to",
    Reason.NO_HISTORY: "nothing is known yet of the payee on its date",
    Reason.DIVIDES_BY_ZERO: "a derived value that it needs divides by zero",
    Reason.BEFORE_FIRST_WINDOW: "it is dated before the first window",
    Reason.NO_QUOTA: "there is no quota, or no other target, for its window",
    Reason.NO_SIZE: "the size of its packages is not above zero",
    Reason.NO_RATE: "there is no exchange rate for it",
    Reason.RATE_TO_COME: "it waits: the day of its exchange rate is not there yet",
    Reason.NO_BAND: "the total is in no band that pays",
    Reason.ZERO: "its pay comes to nothing",
    Reason.GOAL_NOT_REACHED: "it counts towards a goal or rank and pays nothing by itself",
    Reason.OTHER_ROW_REACHED: "another row reached the goal or entered the band",
    Reason.NOTHING_UNDONE: "what it undoes is taken back already",
    Reason.WAITS_FOR_UNDONE: "the row that it undoes earned nothing",
}

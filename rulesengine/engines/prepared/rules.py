"""Code for one credited payee of a row under one rule: conditions, pay, limits, dates."""

from __future__ import annotations

from rulesengine.engines.field_reads import reads_of
from rulesengine.engines.prepared.anchors import after_code, day_code
from rulesengine.engines.prepared.code import NoCode
from rulesengine.engines.prepared.limits import adjusters_code
from rulesengine.engines.prepared.rates import is_one_part, rate_code
from rulesengine.engines.prepared.reads import Reads
from rulesengine.engines.prepared.rule_writing import Writing
from rulesengine.engines.prepared.schedule import schedule_code
from rulesengine.engines.results import Reason
from rulesengine.plan import nodes


def rule_code(version: nodes.Version, writing: Writing) -> None:
    """Write what pays one credited payee of a row, once the rule's dates are known to hold."""
    source, reads = writing.source, writing.reads
    conditions_code(version, writing)
    if version.first is not None or version.prorate is not None or version.remainder is not None:
        raise NoCode("first rows, days or what is left over count")
    _whole_counts(version, reads)
    if version.duration is not None:
        _duration(version.duration, writing)
    is_plain = not any(not isinstance(each, nodes.Times) for each in version.adjusters)
    is_plain = is_plain and version.split is None and version.release is None and not version.stops
    for clause in version.clawbacks:
        _no_clawback(clause, writing)
    if is_plain and not version.hold and not writing.rival:
        if writing.keeps or not is_one_part(version):
            source.write("so_far = len(lines)")
        rate_code(version, writing)
        if writing.keeps:
            source.write(f"{writing.keeps} += lines[so_far:]")
        return
    writing.lines = "award"
    source.write("award = []")
    if not is_one_part(version):
        source.write("so_far = 0")
    rate_code(version, writing)
    adjusters_code(version, writing)
    if writing.rival:
        # Its lines are dated once it is known which rival pays.
        source.write(f"{writing.rival} = award")
        return
    if writing.keeps:
        source.write(f"{writing.keeps} += award")
    schedule_code(version, writing)


def conditions_code(version: nodes.Version, writing: Writing) -> None:
    """Write the test of all conditions, as of the row's date."""
    tests = [writing.reads.holds(condition, writing.where) for condition in version.conditions]
    if tests:
        writing.leave_if(f"not ({' and '.join(tests)})", Reason.CONDITION)


def _duration(duration: nodes.ForSpan, writing: Writing) -> None:
    start = day_code(writing.reads, duration.anchor, writing.where)
    end = after_code(writing.reads, duration.anchor, duration.span, writing.where)
    begins = writing.reads.variable(("start of", start.text), f"start_of_{writing.rule.name}", start.text)
    ends = writing.reads.variable(("end of", end.text), f"end_of_{writing.rule.name}", end.text)
    day = writing.where.day
    missing = f"{begins} is None or " if start.may_be_missing else ""
    writing.leave_if(
        f"{missing}{day} < {begins} or ({ends} is not None and {day} >= {ends})", Reason.OUTSIDE_DURATION
    )


def _whole_counts(version: nodes.Version, reads: Reads) -> None:
    """Refuse derived numbers of parts and months: intake has not looked at them."""
    lengths = [version.duration.span] if version.duration is not None else []
    lengths += [version.split.span] if version.split is not None else []
    whens = [part.when for part in version.release.parts] if version.release is not None else []
    lengths += [when.span for when in whens if isinstance(when, nodes.Spread)]
    lengths += [clause.unearned.span for clause in version.clawbacks if clause.unearned is not None]
    for length in lengths:
        if isinstance(length.count, nodes.FieldRead) and reads.is_derived(length.count):
            raise NoCode(f"{length.count.text} is derived and counts parts or months")


def _no_clawback(clause: nodes.Clawback, writing: Writing) -> None:
    """Leave a row to the judge whose clawback has come already, or for which it cannot be read."""
    if clause.is_unless:
        raise NoCode("a clawback waits for a date that may not come")
    for read in reads_of((clause.within, clause.unearned, clause.at, clause.restore)):
        writing.reads.read(read, writing.where)
    found = writing.reads.read(clause.on, writing.where)
    with writing.source.block(f"if {found.text} is not None:"):
        writing.source.write("raise LeftToJudge('it is clawed back')")

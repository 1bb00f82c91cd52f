"""What is known while the code of one rule is written, and how its lines are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from rulesengine.engines.prepared.code import Code, Seen, Where, bare
from rulesengine.engines.prepared.lines import line_maker
from rulesengine.engines.prepared.reads import Reads
from rulesengine.engines.prepared.runtime import TotalsOf
from rulesengine.engines.prepared.writing import Source
from rulesengine.engines.results import Part, Reason
from rulesengine.engines.standings import Clamped, Place
from rulesengine.model.rounding import is_power_of_ten, minor_zero, quantizer, rounder
from rulesengine.plan import nodes


@dataclass(frozen=True)
class Column:
    """A column of a line: code that gives it for a row, or what it always is."""

    code: str = ""
    fixed: object = None

    @classmethod
    def of(cls, value: Code) -> Column:
        """Return the column of a value."""
        return cls(value.text) if value.constant is None else cls(fixed=value.constant)


_NOTHING = Code("ZERO")


@dataclass(slots=True, kw_only=True)
class Writing:
    """What is known while the code of a rule is written."""

    rule: nodes.Rule
    version: nodes.Version
    reads: Reads
    where: Where
    dated: str
    leave: str
    """How the rule is left: `break`, or `continue` to the next payee."""
    place: str
    """The name of the row's key."""
    own_fields: tuple[str, ...]
    """The names of the row's fields, in the order of its values."""
    share: Code
    counts: str
    pays_in: str
    moment: str
    totals: TotalsOf
    quotas: Mapping[str, Mapping[tuple[tuple[str, ...], date], Decimal]]
    clamped: Mapping[Place, Clamped]
    keeps: str = ""
    """The variable that keeps its lines for rules that are paid on them."""
    rival: str = ""
    """The variable that keeps its award until it is known which of its rivals pays."""
    factor: Code | None = None
    """The product of the `times` clauses before any limit."""
    target: Code | None = None
    """What the measure is held against."""
    place_of_measure: str = ""
    moved: Code = _NOTHING
    """What the row moves the measure by."""
    lines: str = "lines"
    """Where its lines go: to all lines, or to the award while it is worked on."""
    columns: dict[str, Column] = field(default_factory=dict)
    """Columns that all lines of the rule have."""

    @property
    def source(self) -> Source:
        return self.reads.source

    @property
    def payee(self) -> Seen:
        assert self.where.payee is not None
        return self.where.payee

    @property
    def round_off(self) -> str:
        """The name of what rounds as the rule says."""
        rounding = self.rule.rounding
        return self.source.value("round_off", rounder(rounding), f"rounds {rounding}")

    def rounded(self, value: Code) -> str:
        """Return code that rounds a value as the rule says."""
        rounding = self.rule.rounding
        if value.may_be_fraction or not is_power_of_ten(rounding.step):
            return f"{self.round_off}({value.text})"
        round_to = self.source.value(
            str(rounding.mode), quantizer(rounding.mode), f"rounds a value to a step, {rounding.mode}"
        )
        step, zero = self.reads.constant(rounding.step).text, minor_zero(rounding.step)
        # What rounds to nothing has no sign.
        return f"({round_to}({value.text}, {step}) or {self.reads.constant(zero, f'n{zero}').text})"

    def reason(self, reason: Reason) -> str:
        """Return what is noted down where the rule earns nothing."""
        rule, payee = self.rule.name, self.payee
        if payee.key in self.own_fields:
            # Always the same, so that nothing is made where most rules end: at a condition.
            note = (rule, payee.kind, self.own_fields.index(payee.key), reason)
            return self.source.value(f"{rule}_{reason}", note, f"{rule} earns {payee.key} nothing: {reason}")
        name = self.source.value(reason.name, reason, f"Reason.{reason.name}")
        return f"({rule!r}, {payee.kind!r}, {payee.key}, {name})"

    def leave_if(self, test: str, reason: Reason) -> None:
        """Leave the rule where a test holds, for a reason."""
        with self.source.block(f"if {test}:"):
            self.source.write(f"nothing.append({self.reason(reason)})")
            self.source.write(self.leave)

    def line(self, part: Part, origin: object, columns: Mapping[str, Column]) -> str:
        """Return code that makes a line of the rule."""
        rule = self.rule
        given: dict[str, Column] = {
            "payee_kind": Column(fixed=self.payee.kind),
            "payee": Column(self.payee.key),
            "rule": Column(fixed=rule.name),
            "kind": Column(fixed=rule.kind.value),
            "part": Column(fixed=part),
            "fact": Column(fixed=rule.fact_kind),
            "fact_id": Column(self.place),
            "earned_on": Column(self.dated),
            "payable_on": Column(self.dated),
            "currency": Column(fixed=rule.currency),
            "memo": Column(fixed=rule.is_memo),
            "paid_currency": Column(fixed=self.pays_in if self.pays_in != rule.currency else ""),
            "span": Column(fixed=str(origin)),
            **({"level": Column(f"{self.where.level}")} if self.where.level else {}),
            **self.columns,
            **columns,
        }
        if self.where.earning:
            # Lines of one payee, each on another line of the rule it is paid on, differ by their number.
            given["from_line"] = Column("earning.line_id")
            given["sequence"] = Column(f"number_of({rule.name!r}, {self.payee.key}, lines, {self.lines})")
        zero = minor_zero(rule.minor_unit)
        if rule.rounding.step.as_tuple().exponent != rule.minor_unit.as_tuple().exponent:
            name = self.source.value("minor_zero", zero, f"Decimal('{zero}')")
            given["amount"] = Column(f"{given['amount'].code} + {name}")
        varying = tuple(name for name, column in given.items() if column.code)
        fixed = {name: column.fixed for name, column in given.items() if not column.code}
        told = {name: value for name, value in fixed.items() if value not in (None, "", 0, False)}
        shown = (
            f"makes a line of {', '.join(f'{name} {_said(value)}' for name, value in told.items())}; takes "
        )
        maker = self.source.value(
            f"line_of_{rule.name}", line_maker(varying, fixed), shown + ", ".join(varying)
        )
        return f"{maker}({', '.join(bare(given[name].code) for name in varying)})"


def _said(value: object) -> str:
    return value.value if isinstance(value, Part) else str(value)

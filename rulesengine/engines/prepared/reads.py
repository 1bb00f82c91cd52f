"""Operands and conditions as Python expressions over what has been read of a row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import assert_never

from rulesengine.engines.prepared.anchors import day_code
from rulesengine.engines.prepared.code import Code, NoCode, Seen, Where, product
from rulesengine.engines.prepared.records import Records
from rulesengine.engines.prepared.runtime import Exchange, TableOf, WindowsOf
from rulesengine.engines.prepared.writing import Names, Source
from rulesengine.model.book import RateSeries
from rulesengine.model.dates import WindowKind
from rulesengine.model.exact import as_text
from rulesengine.model.schema import RecordKind, Role
from rulesengine.model.types import RecordType, TextType
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Comparison, Operation, Quantifier, Root

_WORD = re.compile(r"\w+")


Rates = Mapping[str, Mapping[str, RateSeries]]


def _inside(operand: nodes.Operand) -> Iterator[nodes.Operand]:
    """Yield an operand and those that it may take its value from."""
    yield operand
    match operand:
        case nodes.OtherwiseRead(read=read, default=default):
            yield read
            yield from _inside(default)
        case nodes.ShareOfRead(of=of):
            yield from _inside(of)
        case _:
            return


class Reads:
    """Writes what reads values of one row. What several rules read is read once, above all rules."""

    def __init__(
        self, plan: nodes.Plan, source: Source, records: Records, rates: Rates, through: date
    ) -> None:
        self.plan, self.source, self.records = plan, source, records
        self.rates, self.through = rates, through
        self.names: Names = source.names
        self.derived = {
            kind: {derived.name: derived for derived in fields} for kind, fields in plan.derived.items()
        }
        self._depends: set[str] = set()
        self._here: dict[object, str] = {}

    # --- records and fields ---

    def kind(self, name: str) -> RecordKind:
        """Return the schema of a record kind."""
        return self.plan.schema.kinds[name]

    def variable(self, thing: object, wanted: str, text: str) -> str:
        """Return the name of a variable: set above all rules, or here if it depends on what is set here."""
        if not self._depends.isdisjoint(_WORD.findall(text)):
            if thing not in self._here:
                self._here[thing] = name = self.names.fresh(wanted)
                self._depends.add(name)
                self.source.write(f"{name} = {text}")
            return self._here[thing]
        if self.names.knows(thing):
            return self.names.of(thing, wanted)
        name = self.names.of(thing, wanted)
        self.source.head.append(f"{name} = {text}")
        return name

    @contextmanager
    def depending_on(self, *names: str) -> Iterator[None]:
        """Within the block, read what depends on these variables where it is needed, not above all rules."""
        depends, here = self._depends, self._here
        self._depends, self._here = depends | set(names), dict(here)
        try:
            yield
        finally:
            self._depends, self._here = depends, here

    def field(self, seen: Seen, name: str, day: str) -> Code:
        """Return a field of a record as of a day."""
        if not seen.is_looked_up:
            seen = self.record(seen.kind, Code(seen.key, seen.may_be_missing), day)
        derived = self.derived.get(seen.kind, {}).get(name)
        if derived is not None:
            return self._derived(seen, derived, day)
        field = self.kind(seen.kind).field(name)
        if field is None:
            raise NoCode(f"{seen.kind}.{name} is no field")
        if not seen.values:
            return Code(self.names.of(("own", name), name), field.is_optional)
        text = f"{seen.values}[{name!r}]"
        missing = field.is_optional or seen.may_be_missing
        if seen.may_be_missing:
            text = f"(None if {seen.values} is None else {text})"
        variable = self.variable(("field", seen.values, name), f"{seen.values}_{name}", text)
        return Code(variable, missing)

    def record(self, kind: str, key: Code, day: str) -> Seen:
        """Return the record that a key leads to."""
        shape = self.kind(kind)
        records = f"{kind}s"
        name = self.source.value(records, self.records[kind], f"the records of {kind} by key")
        text = f"{name}[{key.text}]"
        if shape.role is Role.PAYEE and shape.has_history:
            text = f"as_of({text}, {day})"
        if key.may_be_missing:
            text = f"None if {key.text} is None else {text}"
        thing = ("record", kind, key.text, day)
        variable = self.variable(thing, key.text if key.text.isidentifier() else kind, text)
        return Seen(kind, key.text, variable, key.may_be_missing)

    def read(self, read: nodes.FieldRead, where: Where) -> Code:
        """Return what a path leads to."""
        if read.currency is not None:
            amount = self.read(replace(read, currency=None), where)
            conversion = self.conversion(read, where)
            if not conversion:
                return amount
            text = f"({amount.text} if {conversion} is None else {conversion}.amount)"
            return Code(text, amount.may_be_missing, may_be_fraction=True)
        match read.root:
            case Root.LEVEL:
                return Code(f"Decimal({where.level})")
            case Root.LINE:
                return self._of_line(read, where)
            case Root.PAYEE:
                if where.payee is None:
                    raise NoCode(f"{read.text}: nobody is credited yet")
                return self.follow(where.payee, read.names, where.day)
            case Root.ROW:
                return self.follow(where.row, read.names, where.day)
            case _:
                assert_never(read.root)

    def conversion(self, operand: nodes.Operand, where: Where) -> str:
        """Return the variable that tells how an amount became the rule's currency, None where it was in it
        already; empty for an amount that always is."""
        if not isinstance(operand, nodes.FieldRead):
            if any(
                isinstance(each, nodes.FieldRead) and each.currency is not None for each in _inside(operand)
            ):
                raise NoCode(f"{operand.text} is converted in parts")
            return ""
        if operand.currency is None:
            return ""
        if where.convert is None:
            raise NoCode(f"{operand.text} is in another currency")
        to, rates = where.convert.to, where.convert.rates
        if isinstance(operand.currency, str):
            if operand.currency == to:
                return ""
            code = Code(repr(operand.currency))
        else:
            code = self.read(operand.currency, where)
        amount = self.read(replace(operand, currency=None), where)
        day = day_code(self, where.convert.anchor, Where(where.row, where.day, where.payee))
        exchange = Exchange(
            self.plan.schema.rates[rates], self.rates.get(rates, {}), where.convert, self.through
        )
        name = self.source.value(f"in_{to}", exchange, f"converts: {where.convert.text}")
        text = f"{name}({amount.text}, {code.text}, {day.text}, {where.day})"
        thing = ("converted", text)
        return self.variable(thing, f"{operand.names[-1]}_in_{to}", text)

    def follow(self, seen: Seen, names: tuple[str, ...], day: str) -> Code:
        """Return the value at the end of a path of fields; of no field, the key of the record."""
        if not names:
            return Code(seen.key, seen.may_be_missing)
        for name in names[:-1]:
            field = self.kind(seen.kind).field(name)
            if field is None or not isinstance(field.type, RecordType):
                raise NoCode(f"{seen.kind}.{name} leads nowhere")
            seen = self.record(field.type.kind, self.field(seen, name, day), day)
        return self.field(seen, names[-1], day)

    def _of_line(self, read: nodes.FieldRead, where: Where) -> Code:
        known: dict[tuple[str, ...], str] = {("earning",): where.earning, ("earned",): where.earned}
        found = known.get(read.names, "")
        if not found:
            raise NoCode(f"{read.text} is read of no line")
        return Code(found)

    # --- derived fields ---

    def _derived(self, seen: Seen, derived: nodes.Derived, day: str) -> Code:
        thing = ("derived", seen.values, derived.name, day)
        wanted = f"{seen.values}_{derived.name}" if seen.values else derived.name
        code = self._computed(derived.expression, Where(seen, day))
        text = code.text
        for function, bound in (("max", derived.least), ("min", derived.most)):
            if bound is not None:
                limit = self.value(bound, Where(seen, day))
                code = replace(code, may_be_fraction=code.may_be_fraction or limit.may_be_fraction)
                if code.may_be_missing:
                    raise NoCode(f"{derived.name} may be missing and is bounded")
                text = f"{function}({text}, {limit.text})"
        return replace(code, text=self.variable(thing, wanted, text), constant=None)

    def _computed(self, expression: nodes.Expression, where: Where) -> Code:
        match expression:
            case nodes.SpanCount():
                raise NoCode("a span of time is counted")
            case nodes.Arithmetic(operation=operation, left=left, right=right):
                return self._operation(operation, self._computed(left, where), self._computed(right, where))
            case _:
                return self.value(expression, where)

    def _operation(self, operation: Operation, left: Code, right: Code) -> Code:
        is_fraction = left.may_be_fraction or right.may_be_fraction
        names = {
            Operation.ADD: "add",
            Operation.SUBTRACT: "subtract",
            Operation.MULTIPLY: "multiply",
            Operation.DIVIDE: "divide",
        }
        text = f"({left.text} {operation} {right.text})"
        if is_fraction or operation is Operation.DIVIDE:
            text = f"{names[operation]}({left.text}, {right.text})"
        is_fraction = is_fraction or operation is Operation.DIVIDE
        missing = [side.text for side in (left, right) if side.may_be_missing]
        if missing:
            text = f"(None if {' or '.join(f'{each} is None' for each in missing)} else {text})"
        return Code(text, bool(missing), is_fraction)

    def is_derived(self, read: nodes.FieldRead) -> bool:
        """Return whether a path may end at a derived field."""
        return any(read.names[-1] in fields for fields in self.derived.values())

    def how(self, operand: nodes.Operand, where: Where) -> str:
        """Return code that words how a derived amount was worked out; empty for any other."""
        if (
            not isinstance(operand, nodes.FieldRead)
            or len(operand.names) != 1
            or operand.root is not Root.ROW
        ):
            return ""
        derived = self.derived.get(where.row.kind, {}).get(operand.names[0])
        if derived is None:
            return ""
        inside = Where(where.row, where.day)
        text = self._with_numbers(derived.expression, inside)
        for word, bound in (("at least", derived.least), ("at most", derived.most)):
            if bound is not None:
                text += f", {word} {{{self._shown(self.value(bound, inside), bound)}}}"
        return f'f"{text}"'

    def _with_numbers(self, expression: nodes.Expression, where: Where, *, within: bool = False) -> str:
        if not isinstance(expression, nodes.Arithmetic):
            return f"{{{self._shown(self._computed(expression, where), expression)}}}"
        signs = {
            Operation.ADD: "+",
            Operation.SUBTRACT: "−",
            Operation.MULTIPLY: "×",
            Operation.DIVIDE: "÷",
        }
        left = self._with_numbers(expression.left, where, within=True)
        right = self._with_numbers(expression.right, where, within=True)
        text = f"{left} {signs[expression.operation]} {right}"
        return f"({text})" if within else text

    def _shown(self, code: Code, of: nodes.Expression) -> str:
        if isinstance(of, nodes.Arithmetic | nodes.SpanCount):
            raise NoCode("a part of it is worked out")
        kind = self.source.value(f"kind_of_{of.text}", of.type, str(of.type))
        text = f"shown_amount({code.text}, {kind})"
        return f"'missing' if {code.text} is None else {text}" if code.may_be_missing else text

    # --- operands ---

    def constant(self, value: object, wanted: str = "") -> Code:
        """Return a value that stands in the plan."""
        if value is None or isinstance(value, bool | str):
            return Code(repr(value), constant=value)
        if isinstance(value, Decimal):
            name = wanted or f"n{as_text(value)}".replace("-", "minus_").replace(".", "_")
            return Code(self.source.value(name, value, f"Decimal('{value}')"), constant=value)
        if isinstance(value, date):
            name = wanted or f"on_{value.isoformat()}"
            return Code(self.source.value(name, value, repr(value)), constant=value)
        raise NoCode(f"a constant {value!r}")

    def value(self, operand: nodes.Operand, where: Where) -> Code:
        """Return the value of an operand."""
        match operand:
            case nodes.Constant(value=value):
                return self.constant(value)
            case nodes.FieldRead():
                return self.read(operand, where)
            case nodes.OtherwiseRead(read=read, default=default):
                found, other = self.read(read, where), self.value(default, where)
                if not found.may_be_missing:
                    return found
                is_fraction = found.may_be_fraction or other.may_be_fraction
                text = f"({other.text} if {found.text} is None else {found.text})"
                return Code(text, other.may_be_missing, is_fraction)
            case nodes.TableRead(table=table):
                return self._table(self.plan.tables[table], where)
            case nodes.ShareOfRead(share=share, of=of):
                whole = self.value(of, where)
                text = product(self.constant(share), whole).text
                return replace(whole.or_none(text), may_be_fraction=whole.may_be_fraction)
            case nodes.MeasureRead():
                raise NoCode(f"{operand.text} is read")
            case _:
                assert_never(operand)

    def _table(self, table: nodes.Table, where: Where) -> Code:
        if not all(isinstance(row.value, nodes.Constant) for row in table.rows):
            raise NoCode(f"the rows of table {table.name} read fields")
        keys = []
        for key in table.keys:
            if isinstance(key, nodes.MeasureRead):
                raise NoCode(f"table {table.name} reads a total")
            keys.append(self.read(key, where).text)
        name = self.source.value(f"table_{table.name}", TableOf(table), f"the answers of table {table.name}")
        return Code(f"{name}[{', '.join(keys)}{',' * (len(keys) == 1)}]")

    # --- conditions ---

    def holds(self, condition: nodes.Condition, where: Where) -> str:
        """Return code that tells whether a condition holds."""
        match condition:
            case nodes.AllOf(tests=tests):
                return f"({' and '.join(self.holds(test, where) for test in tests)})"
            case nodes.AnyOf(tests=tests):
                return f"({' or '.join(self.holds(test, where) for test in tests)})"
            case nodes.Not(test=test):
                return f"not {self.holds(test, where)}"
            case nodes.Compare(left=left, comparison=comparison, right=right):
                return self._compare(self.value(left, where), comparison, self._right(right, where))
            case nodes.IsOneOf(left=left, values=values):
                return self._is_one_of(self.value(left, where), [self.value(each, where) for each in values])
            case nodes.IsMissing(read=read):
                found = self.read(read, where)
                return f"{found.text} is None" if found.may_be_missing else "False"
            case nodes.InSegment(read=read, segment=segment):
                return self.is_member(read, self.plan.segments[segment], where)
            case nodes.Has(read=read, quantifier=quantifier, values=values):
                return self._has(self.read(read, where), quantifier, values)
            case nodes.StartsWith(left=left, values=values):
                found = self.value(left, where)
                starts = f"{found.text}.startswith({values!r})"
                return f"({found.text} is not None and {starts})" if found.may_be_missing else starts
            case _:
                assert_never(condition)

    def _right(self, right: nodes.Operand | nodes.Anchor, where: Where) -> Code:
        match right:
            case nodes.DateRead() | nodes.DateAfter() | nodes.StartAfter() | nodes.StartOf() | nodes.EndOf():
                return day_code(self, right, where)
            case _:
                return self.value(right, where)

    def _compare(self, left: Code, comparison: Comparison, right: Code) -> str:
        test = f"{left.text} {comparison} {right.text}"
        known = [f"{side.text} is not None" for side in (left, right) if side.may_be_missing]
        return f"({' and '.join([*known, test])})" if known else test

    def _is_one_of(self, left: Code, values: list[Code]) -> str:
        texts = [each.text for each in values]
        test = f"{left.text} == {texts[0]}" if len(texts) == 1 else f"{left.text} in ({', '.join(texts)})"
        is_safe = all(each.constant is not None for each in values)
        if left.may_be_missing and not is_safe:
            return f"({left.text} is not None and {test})"
        return test

    def _has(self, found: Code, quantifier: Quantifier, values: tuple[str, ...]) -> str:
        wanted = self.source.value(
            "any_of" if len(values) > 1 else values[0], frozenset(values), repr(values)
        )
        tags = f"({found.text} or ())" if found.may_be_missing else found.text
        match quantifier:
            case Quantifier.ALL:
                return f"{wanted}.issubset({tags})"
            case Quantifier.ANY:
                return f"not {wanted}.isdisjoint({tags})"
            case Quantifier.NONE:
                return f"{wanted}.isdisjoint({tags})"

    def is_member(self, read: nodes.FieldRead, segment: nodes.Segment, where: Where) -> str:
        """Return code that tells whether the record that a path leads to is in a segment."""
        inside = self._record_of(read, segment.kind, where)
        tests = [self.holds(test, Where(inside, where.day)) for test in segment.conditions] or ["True"]
        if inside.may_be_missing:
            tests.insert(0, f"{inside.key} is not None")
        return f"({' and '.join(tests)})"

    def _record_of(self, read: nodes.FieldRead, kind: str, where: Where) -> Seen:
        """Return the record that a path names: the one at hand, or one that its key leads to."""
        start = where.payee if read.root is Root.PAYEE else where.row
        if start is not None and not read.names and start.kind == kind:
            return start
        key = self.read(read, where)
        return self.record(kind, key, where.day)

    # --- keys of totals, and windows ---

    def windows(self, kind: WindowKind) -> str:
        """Return the name of the windows of a kind, by day."""
        windows = WindowsOf(kind, self.plan.fiscal, self.plan.effective)
        return self.source.value(f"{kind}s", windows, f"the {kind} that a day lies in")

    def key(self, key: nodes.FieldRead, where: Where) -> str:
        """Return code of a key of a total, as text."""
        if key.root is Root.PAYEE and not key.names and where.payee is not None:
            return f"'{where.payee.kind}\\x1f' + {where.payee.key}"
        found = self.read(key, where)
        if isinstance(key.type, TextType | RecordType):
            return f"({found.text} or '')" if found.may_be_missing else found.text
        return f"as_key({found.text})"

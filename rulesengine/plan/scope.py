"""What names mean at one place of the plan, and which optional values are known to be there.

A bare name is the row's field; `deal.product` follows a reference; `payee.tier` is the credited
payee; `partner.tier` whoever stands in the field `partner` (language reference, "Names").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from rulesengine.diagnostics import Related, Span, did_you_mean
from rulesengine.language import syntax
from rulesengine.model.change import replace
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.schema import Role
from rulesengine.model.types import DateType, MoneyType, NumberType, RecordType, TextType, Type
from rulesengine.plan import nodes
from rulesengine.plan.context import Context, FieldInfo, Guard, KindInfo
from rulesengine.plan.currencies import Paying, of_plan
from rulesengine.plan.names import Sort
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.types import Typed, common, describe, unguarded


@dataclass(frozen=True, slots=True)
class Reading:
    """A path, resolved."""

    read: nodes.FieldRead
    declared: Span
    """Where the last field on it is declared."""
    optional: tuple[tuple[tuple[str, ...], Span], ...]
    """Each part of the path, from its start, that ends in an optional field."""
    owners: tuple[FieldInfo, ...]
    """The last field, once for each kind the path may start at; none for a record itself."""

    @property
    def typed(self) -> Typed:
        return Typed(self.read, self.declared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The names at one place."""

    context: Context
    row: KindInfo | None
    """The record whose fields are bare names."""
    no_row: str = ""
    """Why there is none; empty where that has been reported."""
    payees: tuple[KindInfo, ...] = ()
    """The kinds that `payee` can be."""
    no_payee: str = ""
    """Why there is none; empty where that has been reported."""
    is_line: bool = False
    """Whether `earning` and `earned` mean the line of another rule."""
    is_calendar: bool = False
    """Whether the row is a payee and a window of the calendar, and `earned` its last day."""
    earning_in: str = ""
    """The currency of that line."""
    is_statement: bool = False
    """Whether `payable` and `earned` mean the dates of any line."""
    paying: Paying | None = None
    """What the rule or measure counts in; None where nothing is paid, as in a fact block."""
    known: Mapping[Guard, str] = field(default_factory=dict)
    """Currencies that conditions have made sure of, by the field that says them."""
    has_level: bool = False
    """Whether `level` means the level at which the payee is credited."""
    guards: frozenset[Guard] = frozenset()
    reads_measures: bool = False
    """Whether `bookings so far` has a meaning: in rules, and in tables that rules read."""

    def with_guards(self, guards: Iterable[Guard]) -> Scope:
        """Return the scope with more paths known not to be missing."""
        return replace(self, guards=self.guards | frozenset(guards))

    @property
    def pays(self) -> Paying:
        """What amounts are paid in here."""
        return self.paying or of_plan(self.context)

    def knowing(self, condition: nodes.Condition) -> Scope:
        """Return the scope of rows that a condition such as `currency is "EUR"` holds for."""
        found = dict(_codes_in(condition))
        return replace(self, known={**self.known, **found}) if found else self

    def read(self, path: syntax.Path) -> Reading:
        """Return what a path reads, which may be missing.

        Raises:
            Mistake: R0301, R0303, or R0401 where it means different things for different payees.
        """
        first = path.names[0]
        if first.text == "payee":
            return self._of_payee(path)
        if first.text == "level" and self.has_level:
            return self._of_level(path)
        if first.text in self._of_the_line():
            return self._of_line(path)
        if self.is_statement and first.text in ("payable", "earned"):
            return self._of_line(path)
        if self.row is not None:
            if first.text in self.row.fields or first.text in self.row.derives:
                return self._follow(nodes.Root.ROW, (self.row,), path.names, path)
            if first.text == self.row.name:
                return self.from_record(nodes.Root.ROW, (self.row,), path)
        elif not self.no_row:
            raise Mistake
        raise self._unknown(first, path)

    def get(self, path: syntax.Path) -> Reading:
        """Return what a path reads, which is there: R0501 for an optional value without a guard."""
        reading = self.read(path)
        self.check_guarded(reading)
        return reading

    def check_guarded(self, reading: Reading, fix: str = "") -> None:
        """Raise R0501 if anything on the path may be missing here."""
        for names, declared in reading.optional:
            if not self._is_guarded(reading.read.root, names):
                start = ("payee",) if reading.read.root is nodes.Root.PAYEE else ()
                text = ".".join((*start, *names))
                fix = fix or f"add `where {text} is present`, or write `{reading.read.text} otherwise …`"
                raise unguarded(text, reading.read.origin, declared, fix)

    def _is_guarded(self, root: nodes.Root, names: tuple[str, ...]) -> bool:
        return any(guard == root and known[: len(names)] == names for guard, known in self.guards)

    def _of_payee(self, path: syntax.Path) -> Reading:
        if not self.payees:
            if not self.no_payee:
                raise Mistake
            raise mistake("R0303", f"`payee` has no meaning here: {self.no_payee}", path.names[0].span)
        try:
            return self.from_record(nodes.Root.PAYEE, self.payees, path)
        except Mistake as problem:
            if problem.diagnostic is None or problem.diagnostic.hint or len(self.payees) == 1:
                raise
            kinds = " and ".join(f"`{kind.name}`" for kind in self.payees)
            hint = f"`payee` is {kinds} here, and must mean the same for each"
            raise Mistake(replace(problem.diagnostic, hint=hint)) from None

    def from_record(self, root: nodes.Root, starts: tuple[KindInfo, ...], path: syntax.Path) -> Reading:
        """Return what a path reads whose first name stands for the record itself."""
        if len(path.names) > 1:
            return self._follow(root, starts, path.names[1:], path)
        read = self._field_read(root, (), RecordType(starts[0].name), False, path)
        return Reading(read, starts[0].declared, (), ())

    def _of_level(self, path: syntax.Path) -> Reading:
        if len(path.names) > 1:
            raise _no_fields("level", NumberType(), path.names[1].span)
        read = self._field_read(nodes.Root.LEVEL, ("level",), NumberType(), False, path)
        return Reading(read, path.span, (), ())

    def _of_the_line(self) -> tuple[str, ...]:
        """Return the names that mean the line of another rule, or the row of a calendar."""
        return ("earning", "earned") if self.is_line else ("earned",) if self.is_calendar else ()

    def _of_line(self, path: syntax.Path) -> Reading:
        first = path.names[0]
        type_: Type = MoneyType(self.earning_in) if first.text == "earning" else DateType()
        if len(path.names) > 1:
            raise _no_fields(first.text, type_, path.names[1].span)
        read = self._in_rule(self._field_read(nodes.Root.LINE, (first.text,), type_, False, path), True)
        return Reading(read, path.span, (), ())

    def _in_rule(self, read: nodes.FieldRead, is_converted: bool) -> nodes.FieldRead:
        """Return the reading of an amount as the rule sees it: in its currency, if it converts.

        Args:
            is_converted: `convert` is about amounts of the row and of other rules' lines only.
        """
        type_ = read.type
        if not isinstance(type_, MoneyType):
            return read
        if type_.by:
            guard = (read.root, (*read.names[:-1], *type_.by))
            code = self.known.get(guard)
            by = ("payee", *guard[1]) if read.root is nodes.Root.PAYEE else guard[1]
            type_ = MoneyType(code) if code else MoneyType("", by)
        paying = self.paying
        if paying is None or paying.convert is None or not is_converted or type_ == MoneyType(paying.code):
            return replace(read, type=type_)
        paying.converted.append(read.origin)
        source: str | nodes.FieldRead = type_.currency
        if type_.by:
            text = ".".join(type_.by)
            source = nodes.FieldRead(
                origin=read.origin,
                root=read.root,
                names=type_.by,
                type=TextType(),
                may_be_missing=False,
                text=text,
            )
        return replace(read, type=MoneyType(paying.code), currency=source)

    def _follow(
        self,
        root: nodes.Root,
        starts: tuple[KindInfo, ...],
        steps: tuple[syntax.Name, ...],
        path: syntax.Path,
    ) -> Reading:
        walks = [self._walk(start, steps) for start in starts]
        type_ = common(tuple(walk[-1].type for walk in walks))
        if type_ is None:
            raise mistake(
                "R0401",
                f"`{path.text}` means different things for the payees that the rule credits",
                path.span,
                related=tuple(
                    Related(walk[-1].declared, f"for `{start.name}` it is {describe(walk[-1].type)}")
                    for start, walk in zip(starts, walks, strict=True)
                ),
            )
        names = tuple(step.text for step in steps)
        optional = {
            names[: index + 1]: field.declared
            for walk in walks
            for index, field in enumerate(walk)
            if field.is_optional
        }
        owner = self.context.kinds.get(walks[0][-1].kind)
        # The row of a calendar is a payee.
        is_of_row = self.is_calendar and root is nodes.Root.ROW and len(names) == 1
        is_of_fact = is_of_row or (owner is not None and owner.role is Role.FACT)
        read = self._in_rule(self._field_read(root, names, type_, bool(optional), path), is_of_fact)
        return Reading(
            read, walks[0][-1].declared, tuple(optional.items()), tuple(walk[-1] for walk in walks)
        )

    def _walk(self, start: KindInfo, steps: tuple[syntax.Name, ...]) -> list[FieldInfo]:
        fields: list[FieldInfo] = []
        kind = start
        for index, step in enumerate(steps):
            if fields:
                last = fields[-1].type
                if not isinstance(last, RecordType):
                    raise _no_fields(fields[-1].name, last, step.span)
                followed = self.context.kinds.get(last.kind)
                if followed is None:
                    raise Mistake
                kind = followed
            is_own = index == 0 and start is self.row
            fields.append(self._field_of(kind, step, is_own))
        return fields

    def _field_of(self, kind: KindInfo, name: syntax.Name, is_own: bool) -> FieldInfo:
        if name.text in kind.fields:
            field = kind.fields[name.text]
            if field is None:
                raise Mistake
            return field
        if name.text in kind.derives:
            # Only while the `derive` lines themselves are lowered: following references to
            # derived fields there could go round in a circle.
            if is_own:
                raise mistake(
                    "R0301",
                    f"`{name.text}` is not derived yet",
                    name.span,
                    hint="a `derive` uses what stands above it: move this line down",
                )
            raise _derived_elsewhere(kind, name)
        raise mistake(
            "R0301",
            f"`{kind.name}` has no field `{name.text}`",
            name.span,
            related=(Related(kind.declared, f"`{kind.name}` is declared here"),),
            hint=did_you_mean(name.text, kind.fields),
        )

    def _field_read(
        self, root: nodes.Root, names: tuple[str, ...], type_: Type, may_be_missing: bool, path: syntax.Path
    ) -> nodes.FieldRead:
        return nodes.FieldRead(
            origin=path.span,
            root=root,
            names=names,
            type=type_,
            may_be_missing=may_be_missing,
            text=path.text,
        )

    def _unknown(self, name: syntax.Name, path: syntax.Path) -> Mistake:
        declared = self.context.catalog.entries.get(name.text)
        is_kind = declared is not None and declared.sort in (Sort.PAYEE, Sort.FACT)
        if self.row is None and (declared is None or (is_kind and self.is_line)):
            message = f"`{name.text}` has no meaning here: {self.no_row}"
            hint = self._of_line_instead(path.names[1:] if is_kind else path.names)
            return mistake("R0301", message, name.span, hint=hint)
        if declared is not None:
            problem = self.context.catalog.wrong_sort(name, declared, "a field")
            if declared.sort is Sort.PAYEE and self.payees and problem.diagnostic is not None:
                return Mistake(replace(problem.diagnostic, hint="write `payee` for the credited payee"))
            return problem
        assert self.row is not None
        if any(name.text in kind.fields for kind in self._who_may_be_paid()):
            hint = f"did you mean `payee.{name.text}`?"
            return self._no_such_field(self.row, name, hint)
        known = [*self.row.fields, *(["payee"] if self.payees else [])]
        known += self._of_the_line()
        known += ["payable", "earned"] if self.is_statement else []
        return self._no_such_field(self.row, name, did_you_mean(name.text, known))

    def _of_line_instead(self, names: tuple[syntax.Name, ...]) -> str:
        """Say what a line has where it stands on no row; empty where there is no line."""
        if not self.is_line:
            return ""
        if names and any(names[0].text in kind.fields for kind in self.payees):
            text = ".".join(("payee", *(each.text for each in names)))
            return f"a field of the payee of the line is `{text}`"
        own = (name for kind in self.payees for name in kind.fields if name != kind.record.key.name)
        example = next((f", such as `payee.{name}`" for name in own), "")
        return f"a line has `earning`, `earned` and what its payee has{example}"

    def _who_may_be_paid(self) -> Iterable[KindInfo]:
        """Return the kinds that `payee` is, or could be in the rules that read a table."""
        if self.payees or self.no_payee:
            return self.payees
        return [kind for kind in self.context.kinds.values() if kind and kind.role is Role.PAYEE]

    def _no_such_field(self, row: KindInfo, name: syntax.Name, hint: str) -> Mistake:
        return mistake(
            "R0301",
            f"unknown name `{name.text}`; `{row.name}` has no such field",
            name.span,
            related=(Related(row.declared, f"`{row.name}` is declared here"),),
            hint=hint,
        )


def _codes_in(condition: nodes.Condition) -> Iterable[tuple[Guard, str]]:
    """Yield the fields that a condition holds to one text, such as the code of a currency."""
    match condition:
        case nodes.AllOf(tests=tests):
            for test in tests:
                yield from _codes_in(test)
        case nodes.IsOneOf(left=nodes.FieldRead() as read, values=(nodes.Constant(value=str() as text),)):
            yield (read.root, read.names), text
        case _:
            return


def _no_fields(name: str, type_: Type, span: Span) -> Mistake:
    return mistake(
        "R0303", f"`{name}` is {describe(type_)} and has no fields", span, hint="drop what follows the point"
    )


def _derived_elsewhere(kind: KindInfo, name: syntax.Name) -> Mistake:
    return mistake(
        "R0303",
        f"`{name.text}` is derived in `{kind.name}`; a `derive` uses derived fields of its own record only",
        name.span,
        hint="use the fields that it is derived from",
    )

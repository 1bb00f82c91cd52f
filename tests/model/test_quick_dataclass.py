"""What the quick decorator makes behaves as what the standard one makes."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from rulesengine.diagnostics import Diagnostic, Span
from rulesengine.model import quick_dataclass


def _classes() -> tuple[type, type]:
    def declared(decorator):  # type: ignore[no-untyped-def]
        @decorator(frozen=True, slots=True, kw_only=True)
        class Base:
            origin: int

        @decorator(frozen=True, slots=True, kw_only=True)
        class Tier(Base):
            """A tier."""

            start: int
            rate: str | None = None

        return Tier

    return declared(quick_dataclass.dataclass), declared(dataclasses.dataclass)


def test_alike() -> None:
    """They compare, hash and show themselves the same."""
    quick, standard = _classes()
    ours, theirs = quick(origin=1, start=2), standard(origin=1, start=2)
    assert hash(ours) == hash(theirs)
    assert repr(ours).replace("_classes.", "") == repr(theirs).replace("_classes.", "")
    assert (ours == quick(origin=1, start=2)) and ours != quick(origin=1, start=3)
    assert ours != theirs
    assert dataclasses.replace(ours, rate="x").rate == "x"


def test_frozen() -> None:
    """No field can be set and no other can be added."""
    ours = _classes()[0](origin=1, start=2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        ours.start = 3
    assert not hasattr(ours, "__dict__")


def test_no_fields() -> None:
    """A class without fields of its own is equal to any of its kind."""

    @quick_dataclass.dataclass(frozen=True, slots=True, kw_only=True)
    class Bare:
        """Nothing."""

    assert Bare() == Bare()
    assert hash(Bare()) == hash(Bare())
    assert repr(Bare()).endswith("Bare()")


def test_made_as_the_standard_one_makes() -> None:
    """Positional and named fields, defaults, and a default that is made anew; wrong arguments are refused."""

    @quick_dataclass.dataclass(frozen=True, slots=True)
    class Row:
        key: str
        number: int = 1
        rest: dict[str, int] = dataclasses.field(default_factory=dict)

    first, second = Row("a"), Row("b", 2)
    assert (first.key, first.number, second.number) == ("a", 1, 2)
    assert first.rest == {} and first.rest is not second.rest
    assert Row(key="a", rest={"x": 1}).rest == {"x": 1}
    for wrong in (lambda: Row(), lambda: Row("a", 1, {}, 2), lambda: Row("a", colour=1)):
        with pytest.raises(TypeError, match=r"Row\.__init__"):
            wrong()


def test_named_fields_only() -> None:
    """Where fields are named, a value without its name is refused, also by the first call."""
    with pytest.raises(TypeError):
        _classes()[0](1, 2)


def test_copies() -> None:
    """A value can be copied and sent to another process."""
    span = Span("a.rules", 1, 2, 3, 4)
    fault = Diagnostic(code="R0101", message="x", span=span)
    assert pickle.loads(pickle.dumps(fault)) == copy.copy(fault) == copy.deepcopy(fault) == fault

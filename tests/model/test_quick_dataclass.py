"""What the quick decorator makes behaves as what the standard one makes."""

from __future__ import annotations

import dataclasses

import pytest

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

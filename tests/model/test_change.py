"""Quick copies are those that the library makes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

import pytest

from rulesengine.model.change import replace


@dataclass(frozen=True, slots=True)
class Base:
    name: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived(Base):
    amount: int
    tag: object = field(default_factory=object)


@dataclass(frozen=True, slots=True)
class Single:
    name: str


def test_a_copy_is_the_one_that_the_library_makes() -> None:
    value = Derived("a", ("x",), amount=1)
    copy = replace(value, amount=2, name="b")
    assert copy == dataclasses.replace(value, amount=2, name="b")
    assert copy.tag is value.tag
    assert value.amount == 1
    assert replace(Single("a"), name="b") == Single("b")
    assert replace(Single("a")) == Single("a")


def test_a_field_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        replace(Single("a"), nom="b")  # type: ignore[call-arg]

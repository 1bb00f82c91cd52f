"""Where generators take their choices from: a seed, or a test of laws that makes what fails smaller."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Chance(Protocol):
    """Chooses among things that are as good as each other."""

    def number(self, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`, both possible."""

    def one_of(self, choices: Sequence[T]) -> T:
        """Return one of the choices; what stands there twice is chosen twice as often."""

    def flip(self) -> bool:
        """Return yes or no."""

    def some(self, choices: Sequence[T], *, most: int, least: int = 0) -> list[T]:
        """Return some of the choices in any order, none of them twice."""


class Seeded:
    """The choices of a seed: the same ones on every machine."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def number(self, least: int, most: int) -> int:
        return self._random.randint(least, most)

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[self._random.randrange(len(choices))]

    def flip(self) -> bool:
        return self._random.random() < 0.5

    def some(self, choices: Sequence[T], *, most: int, least: int = 0) -> list[T]:
        different = list(dict.fromkeys(choices))
        return self._random.sample(different, min(self._random.randint(least, most), len(different)))


class Drawn:
    """The choices that hypothesis draws."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def number(self, least: int, most: int) -> int:
        return self._draw(st.integers(least, most))

    def one_of(self, choices: Sequence[T]) -> T:
        return self._draw(st.sampled_from(choices))

    def flip(self) -> bool:
        return self._draw(st.booleans())

    def some(self, choices: Sequence[T], *, most: int, least: int = 0) -> list[T]:
        several = st.lists(st.sampled_from(choices), min_size=least, max_size=most, unique=True)
        return self._draw(several)

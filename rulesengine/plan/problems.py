"""How the passes of this stage collect mistakes instead of stopping at the first.

A function that lowers one thing raises `Mistake` where it cannot. Whoever lowers a list of things
calls it through `Problems.attempt`, so that a mistake in one clause hides none in the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from rulesengine.diagnostics import Diagnostic, Related, Span

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")


class Mistake(Exception):
    """One clause cannot be lowered.

    Without a diagnostic, the reason has been reported elsewhere: a name that failed to resolve
    where it was declared is not reported again at each use.
    """

    def __init__(self, diagnostic: Diagnostic | None = None) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message if diagnostic else "reported elsewhere")


def mistake(
    code: str, message: str, span: Span, *, related: tuple[Related, ...] = (), hint: str = ""
) -> Mistake:
    """Return a mistake that is ready to be raised or added."""
    return Mistake(Diagnostic(code=code, message=message, span=span, related=related, hint=hint))


class Problems:
    """The mistakes found so far."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def add(self, problem: Mistake) -> None:
        """Keep a mistake, unless it has been reported elsewhere."""
        if problem.diagnostic is not None:
            self.found.append(problem.diagnostic)

    def attempt(self, make: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Return what `make` returns, None if it made a mistake, which is kept."""
        try:
            return make(*args, **kwargs)
        except Mistake as problem:
            self.add(problem)
            return None

    def those_that_work(self, make: Callable[[S], T], items: Iterable[S]) -> tuple[T, ...]:
        """Make something of each item; those with a mistake are left out."""
        made = (self.attempt(make, item) for item in items)
        return tuple(result for result in made if result is not None)

    def every(self, make: Callable[[S], T], items: Iterable[S]) -> tuple[T, ...]:
        """Make something of each item, all of them even after a mistake.

        Raises:
            Mistake: without a diagnostic, if any item had one.
        """
        given = tuple(items)
        made = self.those_that_work(make, given)
        if len(made) != len(given):
            raise Mistake
        return made

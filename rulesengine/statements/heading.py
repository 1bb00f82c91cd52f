"""What is said of a run as a whole, whichever engine made it: plan, dates, inputs, and run.json."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from rulesengine import __version__
from rulesengine.diagnostics import Diagnostic
from rulesengine.model.change import replace
from rulesengine.model.dates import DateRange
from rulesengine.plan.nodes import Plan
from rulesengine.statements.names import short_names
from rulesengine.statements.render_json import plain_money
from rulesengine.statements.terms import Terms, days_json, terms_as_json, terms_of


@dataclass(frozen=True, kw_only=True)
class Heading:
    """One pay run over one period, without its rows."""

    plan: Plan
    warnings: tuple[Diagnostic, ...]
    engine: str
    period: str
    """As it was asked for."""
    days: DateRange
    through: date
    allow_rejects: bool = False

    @cached_property
    def terms(self) -> Terms:
        """What statements say of the plan; spans name files relative to the plan."""
        terms = terms_of(self.plan)
        rules = tuple(replace(rule, span=self.short(rule.span)) for rule in terms.rules)
        return replace(terms, rules=rules)

    @cached_property
    def sources(self) -> Mapping[str, str]:
        """The plan's files: text by name, relative to the folder that holds them all."""
        return {self._names[name]: text for name, text in sorted(self.plan.sources.items())}

    def short(self, span: str) -> str:
        """Return a span that names its file relative to the plan."""
        file, line, column = span.rsplit(":", 2)
        return f"{self._names.get(file, file)}:{line}:{column}"

    def document(
        self,
        *,
        is_clean: bool,
        counts: Mapping[str, int],
        totals: Mapping[str, Decimal],
        inputs: Iterable[tuple[str, str, int]],
        control: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Return the contents of run.json: everything about the run but the rows.

        Args:
            is_clean: whether every row of facts was taken.
            counts: rows of each table.
            totals: what is paid in the period, by currency.
            inputs: name, SHA-256 and size of every file of facts.
            control: from `control`.
        """
        files = {name: digest(text) for name, text in self.sources.items()}
        return {
            "tool": {"name": "rulesengine", "version": __version__},
            "engine": self.engine,
            "period": {"text": self.period, **days_json(self.days)},
            "through": self.through.isoformat(),
            "ok": is_clean,
            "counts": dict(counts),
            "totals": [
                {"currency": currency, "amount": plain_money(amount, currency)}
                for currency, amount in sorted(totals.items())
            ],
            "plan": {
                **terms_as_json(self.terms),
                "sha256": digest("".join(f"{name} {each}\n" for name, each in sorted(files.items()))),
                "files": files,
            },
            "inputs": [{"name": name, "sha256": found, "bytes": size} for name, found, size in inputs],
            "warnings": [self._warning(warning) for warning in self.warnings],
            "control": dict(control),
        }

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """Names of the plan's files relative to the folder that holds them all."""
        return short_names(self.plan.sources)

    def _warning(self, warning: Diagnostic) -> dict[str, str]:
        place = self.short(str(warning.span)) if warning.span else warning.place
        return {"code": warning.code, "message": warning.message, "place": place, "hint": warning.hint}


def version() -> str:
    """Return the version that makes run folders now."""
    return __version__


def digest(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()

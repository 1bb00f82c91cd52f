"""What a statement says of its plan: title, currency, periods, and the choices of each rule.

Made from the checked plan for a run, kept in run.json, and read back by `explain` years later
without the plan being checked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from rulesengine.engines.results import STATEMENT
from rulesengine.model.dates import DateRange, FiscalYear, WindowKind, window_of
from rulesengine.model.exact import as_text
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.rounding import RoundingPlace
from rulesengine.plan.nodes import Bands, EarningsSource, Plan, Rule

KINDS: Mapping[str, str] = {
    "revenue_share": "revenue share",
    "flat": "flat",
    "tiered": "tiered",
    "installments": "instalments",
    "spiff": "SPIFF",
    STATEMENT: "from the lines to the total",
}
"""The kinds of rules as a statement names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BandTerms:
    """The lower end of a band, in the measure's unit or as a ratio of its target."""

    start: Decimal
    is_included: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTerms:
    """A rule as statements show it."""

    name: str
    kind: str
    title: str
    is_memo: bool
    fact: str
    earnings_of: str
    """The rule whose earnings it pays on; empty for a rule on facts."""
    currency: str
    rounding: str
    methods: tuple[str, ...]
    """Tier methods, version by version, each once; empty for a rule without tiers."""
    bands: tuple[BandTerms, ...]
    """Of the version that came last."""
    span: str
    """Where its name stands: file:line:column."""

    @property
    def label(self) -> str:
        """The title, or the name where there is none."""
        return self.title or self.name

    @property
    def choices(self) -> str:
        """How it pays and rounds, in words: `tiered, marginal tiers, each line rounded half up to 0.01`."""
        return ", ".join(word for word in (self.method, self.rounding_words) if word)

    @property
    def method(self) -> str:
        """How it pays, in words: `tiered, marginal tiers`."""
        tiers = f", {' then '.join(self.methods)} tiers" if self.methods else ""
        return f"{KINDS.get(self.kind, self.kind)}{tiers}"

    @property
    def rounding_words(self) -> str:
        """How it rounds, in words: `each line rounded half up to 0.01`; empty for nothing to round."""
        if not self.rounding:
            return ""
        mode, _, rest = self.rounding.partition(" to ")
        step, _, place = rest.partition(" per ")
        if place == STATEMENT:
            return f"the total rounded {mode.replace('_', ' ')} to {step}"
        what = {
            RoundingPlace.LINE: "each line",
            RoundingPlace.FACT: f"all lines of a {self.fact} together",
            RoundingPlace.BAND: "the sum of each band",
            RoundingPlace.WINDOW: "the sum of each window",
        }[RoundingPlace(place)]
        return f"{what} rounded {mode.replace('_', ' ')} to {step}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The plan behind a set of statements."""

    plan: str
    title: str
    currency: str
    pays_in: str
    """The one currency of the statements; empty where it differs by payee or by line."""
    effective: DateRange
    fiscal: FiscalYear
    per: WindowKind
    """What a statement covers."""
    rules: tuple[RuleTerms, ...]

    def rule(self, name: str) -> RuleTerms | None:
        """Return the rule of that name, None if there is none."""
        return next((rule for rule in self.rules if rule.name == name), None)

    def period_of(self, day: date) -> tuple[str, DateRange]:
        """Return label and days of the statement period that a day lies in."""
        window = window_of(day, self.per, self.fiscal, self.effective)
        return window.label, window.days


def terms_of(plan: Plan) -> Terms:
    """Return what statements need to know of a plan; rules in the plan's order."""
    return Terms(
        plan=plan.name,
        title=plan.title,
        currency=plan.currency,
        pays_in=plan.pays_in,
        effective=plan.effective,
        fiscal=plan.fiscal,
        per=plan.period,
        rules=(*(_rule_terms(rule) for rule in plan.rules), *_settling_terms(plan)),
    )


def _settling_terms(plan: Plan) -> list[RuleTerms]:
    """Return what settles a statement as if it were a rule, the last one; nothing where nothing does."""
    if plan.settlement is None:
        return []
    rounding = plan.settlement.rounding
    return [
        RuleTerms(
            name=STATEMENT,
            kind=STATEMENT,
            title="Settlement",
            is_memo=False,
            fact="",
            earnings_of="",
            currency=plan.pays_in,
            rounding=f"{rounding.mode} to {rounding.step:f} per {STATEMENT}" if rounding else "",
            methods=(),
            bands=(),
            span=str(plan.settlement.origin),
        )
    ]


def _rule_terms(rule: Rule) -> RuleTerms:
    rates = [version.rate for version in rule.versions if isinstance(version.rate, Bands)]
    last = rates[-1].bands if rates else ()
    return RuleTerms(
        name=rule.name,
        kind=rule.kind.value,
        title="" if rule.title == rule.name else rule.title,
        is_memo=rule.is_memo,
        fact=rule.fact_kind,
        earnings_of=rule.source.rule if isinstance(rule.source, EarningsSource) else "",
        currency=rule.currency,
        rounding=str(rule.rounding),
        methods=tuple(dict.fromkeys(rate.method.value for rate in rates)),
        bands=tuple(BandTerms(start=b.start, is_included=b.is_included, text=b.text) for b in last),
        span=str(rule.origin),
    )


def terms_as_json(terms: Terms) -> dict[str, Any]:
    """Return the terms as plain data; `terms_from_json` reads them back."""
    return {
        "name": terms.plan,
        "title": terms.title,
        "currency": terms.currency,
        "pays_in": terms.pays_in,
        "effective": days_json(terms.effective),
        "fiscal_year": {"number": terms.fiscal.number, "from": terms.fiscal.start.isoformat()},
        "statement_per": terms.per.value,
        "rules": [
            {
                "name": rule.name,
                "kind": rule.kind,
                "title": rule.title,
                "memo": rule.is_memo,
                "fact": rule.fact,
                "earnings_of": rule.earnings_of,
                "currency": rule.currency,
                "rounding": rule.rounding,
                "methods": list(rule.methods),
                "bands": [
                    {"start": as_text(band.start), "included": band.is_included, "text": band.text}
                    for band in rule.bands
                ],
                "span": rule.span,
            }
            for rule in terms.rules
        ],
    }


def terms_from_json(data: Mapping[str, Any]) -> Terms:
    """Return the terms that `terms_as_json` wrote."""
    return Terms(
        plan=data["name"],
        title=data["title"],
        currency=data["currency"],
        pays_in=data["pays_in"],
        effective=days_from_json(data["effective"]),
        fiscal=FiscalYear(date.fromisoformat(data["fiscal_year"]["from"]), data["fiscal_year"]["number"]),
        per=WindowKind(data["statement_per"]),
        rules=tuple(
            RuleTerms(
                name=rule["name"],
                kind=rule["kind"],
                title=rule["title"],
                is_memo=rule["memo"],
                fact=rule["fact"],
                earnings_of=rule["earnings_of"],
                currency=rule["currency"],
                rounding=rule["rounding"],
                methods=tuple(rule["methods"]),
                bands=tuple(
                    BandTerms(start=Decimal(b["start"]), is_included=b["included"], text=b["text"])
                    for b in rule["bands"]
                ),
                span=rule["span"],
            )
            for rule in data["rules"]
        ),
    )


def days_json(days: DateRange) -> dict[str, str]:
    """Return a range of dates as run.json holds it."""
    return {"from": days.start.isoformat(), "through": days.end.isoformat()}


def days_from_json(data: Mapping[str, str]) -> DateRange:
    """Return a range of dates that stands in run.json."""
    return DateRange(date.fromisoformat(data["from"]), date.fromisoformat(data["through"]))

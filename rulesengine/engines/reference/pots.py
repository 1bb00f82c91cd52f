"""Who claims what of the pots of a budget, and what undoing a row takes back of its claims."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from rulesengine.engines.reference.drafts import Draft
from rulesengine.engines.reference.held import Claim, RoundOff
from rulesengine.engines.reference.rows import PayeeId
from rulesengine.model.exact import ZERO


@dataclass(slots=True)
class ClaimsOfRow:
    """What a payee claims for one row: an award, or one for each line of a rule that it earns on."""

    claims: list[BudgetClaim] = field(default_factory=list)
    together: Claim = field(default_factory=Claim)
    is_undone: bool = False
    """The row has been undone: what was paid for it stays as it was, out of the pot."""

    def take_back(self, asked: Decimal, round_off: RoundOff, *, all_is_paid: bool) -> Decimal:
        """Return what undoing the row takes back of all that was paid for it (see `Claim.take_back`)."""
        self.is_undone = True
        self.together.asked = sum((claim.asked for claim in self.claims), ZERO)
        self.together.paid = sum((claim.paid for claim in self.claims), ZERO)
        return self.together.take_back(asked, round_off, all_is_paid=all_is_paid)


@dataclass(slots=True, kw_only=True)
class BudgetClaim:
    """One award with its place in the order of the budget's date."""

    asked: Decimal
    paid: Decimal = ZERO
    order: tuple[object, ...] = ()
    drafts: list[Draft]
    of_row: ClaimsOfRow


@dataclass(slots=True)
class Pot:
    """The claims of one key, in order of the budget's date."""

    claims: list[BudgetClaim] = field(default_factory=list)
    asked: Decimal = ZERO
    """What all claims ask."""
    by_row: dict[tuple[str, str, PayeeId], ClaimsOfRow] = field(default_factory=dict)
    by_draft: dict[tuple[object, PayeeId], ClaimsOfRow] = field(default_factory=dict)

    def of_row(self, draft: Draft) -> ClaimsOfRow:
        """Return the claims for the row of a draft. What undoes a row that claimed nothing stands alone."""
        row = draft.row
        if row is None or row.root is None or row.follows or draft.undoes is not None:
            return ClaimsOfRow()
        return self.by_row.setdefault((row.root.kind, row.root.key, draft.payee), ClaimsOfRow())

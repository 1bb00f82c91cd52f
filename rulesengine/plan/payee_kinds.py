"""Which kinds of payee a credit goes to."""

from __future__ import annotations

from rulesengine.plan import nodes
from rulesengine.plan.context import Context, KindInfo


def payee_kinds_of(context: Context, credits: tuple[nodes.Credit | None, ...]) -> tuple[KindInfo, ...]:
    """Return the payee kinds that some of these credits go to, in order, each once."""
    names: dict[str, None] = {}
    for credit in credits:
        match credit:
            case nodes.CreditTo(payee_kind=payee_kind):
                names[payee_kind] = None
            case nodes.CreditShares(shares=shares):
                names.update(dict.fromkeys(to.payee_kind for _, to in shares))
            case nodes.CreditNobody():
                continue
            case nodes.CreditEach(payee_kind=payee_kind) | nodes.CreditLevels(payee_kind=payee_kind):
                names[payee_kind] = None
            case None:
                # Which kinds there would be is not known, and has been reported.
                return ()
    kinds = (context.kinds.get(name) for name in names)
    return tuple(kind for kind in kinds if kind is not None)

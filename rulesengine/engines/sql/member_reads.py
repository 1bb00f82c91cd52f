"""What is read on a row for its award: what members have in common with the payee."""

from __future__ import annotations

from rulesengine.engines.sql.award_rows import AWARD
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.shown import key_text
from rulesengine.engines.sql.values import Plain
from rulesengine.plan import nodes

WANTED = f"{AWARD}wanted"
"""What members have in common with the payee, as text."""
OF = f"{AWARD}of"
"""What parts are worked out for: the row judged by; a draft that stands on no row is on its own."""
MEMBER_KIND, MEMBER, WEIGHT = f"{AWARD}member_kind", f"{AWARD}member", f"{AWARD}weight"
REACHED_BY = f"{AWARD}reached_by_"
"""Before the names of what tells the row and turn by which a goal was reached, also where it is lost."""
KEY = (OF, "payee_kind", "payee")


def add_award(rule: nodes.Rule, judge: Reads) -> None:
    """Add the column that members are found by; whoever has no team yet has no members either."""
    if rule.award is None or not isinstance(rule.award.whom, nodes.MembersAlike):
        return
    judge.source.columns[WANTED] = Plain(key_text(judge.read(rule.award.whom.read)))

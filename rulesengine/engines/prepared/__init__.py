"""Checked plan, book and one more row in; what that row earns out, within microseconds.

Knows no other engine: the judge that it holds its lines against is given to it.
"""

from rulesengine.engines.prepared.engine import PreparedPlan
from rulesengine.engines.prepared.paid import Paid

__all__ = ["Paid", "PreparedPlan"]

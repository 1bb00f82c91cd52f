"""The meaning of the language, written to be read: checked plan and book in, lines out.

One module a step; `engine.py` runs them in order: source, credit, look_up, with_earnings,
count_out, accumulate, rate (and rerate, achieve, rank), round_off, limit, award, choose, budget,
schedule, assign.
"""

from rulesengine.engines.reference.engine import ReferenceEngine

__all__ = ["ReferenceEngine"]

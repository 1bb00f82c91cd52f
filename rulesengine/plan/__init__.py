"""Syntax tree in, checked plan out: names resolved, units typed, every clause in its place.

Collects every mistake it can find before it refuses. Reads no files and never sees a fact.
"""

from rulesengine.plan.check import Checked, check_and_lower

__all__ = ["Checked", "check_and_lower"]

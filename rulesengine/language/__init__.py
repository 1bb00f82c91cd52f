"""Text in, syntax tree out. Knows words and shapes, not what they mean.

In: `.rules` files. Out: a `syntax.Tree`, every node with its span, every comment kept; or `Rejected`
with all the syntax mistakes that were found. `format` is the way back, from tree to text.

Never: a name looked up, a unit judged, a clause missed (the plan stage does that), or a choice in
how a plan is laid out.
"""

from rulesengine.language.parse import parse, parse_text
from rulesengine.language.source import read_sources

__all__ = ["parse", "parse_text", "read_sources"]

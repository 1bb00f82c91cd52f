"""Lines in, statements and run folder out.

Reads no facts, decides no pay: what a line is worth was settled by the engine, and a statement's
total is the sum of its lines. Tables, pages and run folders are in modules of their own, which are
imported when they are needed.
"""

from rulesengine.statements.assemble import Entry, RuleGroup, Statement, assemble, entry_of
from rulesengine.statements.render_compact import compact_statement
from rulesengine.statements.render_text import render_text
from rulesengine.statements.terms import Terms, terms_of

__all__ = [
    "Entry",
    "RuleGroup",
    "Statement",
    "Terms",
    "assemble",
    "compact_statement",
    "entry_of",
    "render_text",
    "terms_of",
]

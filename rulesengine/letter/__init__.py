"""Checked plan → the letter that a payee could be sent: numbered plain sentences, nothing left out.

In: `nodes.Plan`. Out: a `Letter` of headed, numbered sentences, made from one template per construct;
`render.py` makes text or JSON of it. It reads the plan and nothing else: no facts, no syntax tree, no file.

How to add a sentence for a new node: the type checker stops at the `match` of its union (each ends in
`assert_never`), in the module named for what the node is about; write the arm there. For a new field
of a node that stands already, find the function that takes the node. Then add the construct to a plan in
`tests/letter/plans/` and accept its letter with `make accept`: `tests/letter/test_letter.py` fails
until each node class occurs in one of them and each field of it has been read by the letter.
"""

from rulesengine.letter.render import as_text
from rulesengine.letter.sentences import Item, Letter, Section
from rulesengine.letter.write import letter_of

__all__ = ["Item", "Letter", "Section", "as_text", "letter_of"]

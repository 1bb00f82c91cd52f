"""What stands in the place of a value: fields, literals, tables."""

from __future__ import annotations

from typing import assert_never

from rulesengine.letter.words import human, percent, value_of
from rulesengine.model.types import DateType
from rulesengine.plan import nodes


def the_field(read: nodes.FieldRead, row: str) -> str:
    """Return `the amount`, `the tier of the partner`, `your tier`, `you`.

    Args:
        read: the field.
        row: what a row is called here: `deal`.
    """
    match read.root:
        case nodes.Root.ROW:
            return f"the {of_one_another(read)}" if read.names else f"the {row}"
        case nodes.Root.PAYEE if not read.names:
            return "you"
        case nodes.Root.PAYEE:
            *behind, first = of_one_another(read).rsplit(" of the ", 1)
            return f"the {behind[0]} of your {first}" if behind else f"your {first}"
        case nodes.Root.LEVEL:
            return "your level"
        case nodes.Root.LINE:
            dates = {"earned": "the date it was earned", "payable": "the date it is payable"}
            return dates.get(read.names[0], "the earning")
        case _:
            assert_never(read.root)


def of_one_another(read: nodes.FieldRead) -> str:
    """Return the names of a path from the last one back: `tier of the partner`."""
    names = [human(name) for name in read.names]
    if isinstance(read.type, DateType) and not names[-1].endswith("date"):
        names[-1] = f"{names[-1]} date"
    return " of the ".join(reversed(names))


def operand(node: nodes.Operand, row: str) -> str:
    """Return an operand in words."""
    match node:
        case nodes.FieldRead():
            return the_field(node, row)
        case nodes.Constant(value=value, type=kind):
            return value_of(value, kind)
        case nodes.OtherwiseRead(read=read, default=default):
            return f"{the_field(read, row)} (where it is empty, {operand(default, row)})"
        case nodes.TableRead(table=table):
            return f"what the table {human(table)} gives"
        case nodes.MeasureRead():
            return total_read(node)
        case nodes.ShareOfRead(share=share, of=of):
            return f"{percent(share)} of {operand(of, row)}"
        case _:
            assert_never(node)


def total_read(node: nodes.MeasureRead) -> str:
    """Return the total of a measure as it is read on a row; for whom is told with the measure."""
    of = " as a percentage of its target" if node.against is not None else ""
    if node.before is not None:
        return f"what the total {human(node.measure)}{of} came to one {node.before} earlier"
    when = "decided again whenever it changes" if node.in_total else "that row included"
    return f"the total {human(node.measure)}{of}, {when}"

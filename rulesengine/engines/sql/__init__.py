"""The batch engine: a checked plan as SQL, for more facts than fit a list.

In: a checked plan and stored facts (`model/stored_book.py`). Out: a pipeline of named stages, and, run
on DuckDB, the tables `lines`, `outcomes` and `engine_rejects`. Never: a floating-point number, a text
from a plan or a file that becomes SQL, a meaning of its own: the reference engine says what is right.
"""

from rulesengine.engines.sql.duckdb_engine import DuckDBEngine

__all__ = ["DuckDBEngine"]

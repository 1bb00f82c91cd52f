"""The run folder written by DuckDB: the same tables and totals as `statements.run`, and no row in Python.

In: a connection whose tables hold what an engine answered (`lines`, `outcomes`, `engine_rejects`), what
intake rejected (`rejects`), and the facts themselves (`model/stored_book.py`). Out: a run folder. Everything
that is looked up while the rows go by (periods, places of rules, files of statements) is made by the
functions that the other road uses too.
"""

from rulesengine.statements.by_sql.stored_run import StoredRun

__all__ = ["StoredRun"]

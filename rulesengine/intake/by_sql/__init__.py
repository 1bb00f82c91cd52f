"""Files in, stored book out: the same intake inside DuckDB, for facts that Python should not walk over.

In: a database, a plan's schema, and facts as `intake.read_book` takes them. Out: a `StoredIntake`: the
book as tables (`model.stored_book`), a table of rejected rows, control totals and hashes.

`read_book` is the meaning. Here, SQL accepts the rows of which it is certain; any other is read by the
readers of `intake`, so that values and reasons are theirs by construction. Checks across rows find the
offenders in SQL, and word them as `intake` does.

Never: a number through a float, a name or value of a file as SQL, or all rows of a file in Python
unless the file is one that only the readers in Python understand.
"""

from rulesengine.intake.by_sql.store_book import StoredIntake, store_book

__all__ = ["StoredIntake", "store_book"]

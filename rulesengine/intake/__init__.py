"""Files in, book out: rows are validated here and nowhere else.

In: a plan's schema, and facts as CSV, Parquet, JSONL or YAML files (by name, or through a
facts.yaml), or as tables in memory. Out: an `Intake`: the book of accepted rows, every rejected row
with all its reasons, control totals that prove no row was lost, and the hash of every file.

What a file cannot be read for as a whole raises `diagnostics.Rejected`; a row never does.

Never: a number through a float, a guess about a value, a filter or a derived field (both are the
plan's), a clock, a locale, or an order of rows that shows in the book.
"""

from rulesengine.intake.read_book import Intake, read_book

__all__ = ["Intake", "read_book"]

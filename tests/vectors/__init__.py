"""Other people's plans: rows from the test suites of their tools, said in this language and run.

A row says its rule as data (`kind`, `terms`), what happened (`facts`) and what must come out
(`expected`). `kinds/` has a translator for each kind: terms become clauses, facts become rows of
tables. A translator computes nothing; where the language cannot say a row, the row is refused by
name, with a reason, in `refused.txt`.
"""

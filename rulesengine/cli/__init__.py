"""The command line: arguments in, exit code out. One file a command; no arithmetic, no rules.

Exit codes: 0 done, 1 the plan or the data is wrong, 2 the command line is wrong, 3 our bug.
"""

from rulesengine.cli.entry import main

__all__ = ["main"]

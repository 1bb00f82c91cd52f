"""Commission plans as code: plans in a small language, facts from files, statements that explain
themselves."""

__version__ = "0.1.0"

"""Checked plan and book in, lines out. Engines read no files and do not know each other."""

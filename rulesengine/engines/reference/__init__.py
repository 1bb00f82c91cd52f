"""The meaning of the language, written to be read."""

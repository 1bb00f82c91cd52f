"""Lines in, statements and run folder out."""

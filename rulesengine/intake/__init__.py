"""Files in, book out: rows are validated here and nowhere else."""

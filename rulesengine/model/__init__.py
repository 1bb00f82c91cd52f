"""Values that every stage shares: exact numbers, money, dates, the schema, the book.

Imports nothing of ours, reads no files, and holds no float.
"""

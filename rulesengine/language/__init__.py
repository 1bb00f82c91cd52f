"""Text in, syntax tree out. Knows words and shapes, not what they mean."""

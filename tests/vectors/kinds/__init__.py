"""Translators, a module for each family of kinds."""

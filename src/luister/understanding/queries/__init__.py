"""Reads of what was understood."""

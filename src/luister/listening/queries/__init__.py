"""Reads of the listening pages, always within the reader's workspace."""

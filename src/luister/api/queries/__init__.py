"""Reads of the API, always within the workspace of who asks."""

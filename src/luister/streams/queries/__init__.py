"""Reads of streams: who matches them, and for which workspaces."""

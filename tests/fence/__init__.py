"""Tests of the second fence around workspaces."""

"""Workspaces, users, teams, roles, and who may do what."""

"""Outgoing connections, to addresses that are allowed; no Django."""

"""Append-only: what happened, when, to what, by whom; and the notice board of live screens."""

"""One module a network; no Django."""

"""Luister: hear what people say about an organisation, and answer well."""

__version__ = "0.1.0"

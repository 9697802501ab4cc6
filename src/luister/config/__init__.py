"""The one place that wires things: settings, urls, asgi, the command line."""

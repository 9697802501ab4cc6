"""Pages of the inbox and the parts of them that htmx asks for."""

"""The API for other programs: tokens, routes, and the document that describes them."""

"""The shapes of what goes in and out, as the document describes them."""

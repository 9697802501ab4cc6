"""The index of the archive: what of a post is kept for searching, and the only code that writes it."""

"""HTML from outside, made readable and safe; pure Python."""

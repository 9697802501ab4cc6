"""Reading files of posts: what they are by their content, and their rows one by one. No Django here."""

from luister.imports.reading.detect import inspect
from luister.imports.reading.rows import Broken, Row, Source, UnreadableError, rows

__all__ = ["Broken", "Row", "Source", "UnreadableError", "inspect", "rows"]

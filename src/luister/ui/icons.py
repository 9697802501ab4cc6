"""The drawings of the interface: one SVG sprite of our own, and the names that are in it."""

import re
from functools import cache
from pathlib import Path

SPRITE = Path(__file__).parent / "static" / "ui" / "icons.svg"


@cache
def icon_names() -> frozenset[str]:
    """Return the names of all drawings."""
    return frozenset(re.findall(r'<symbol id="([a-z-]+)"', SPRITE.read_text()))

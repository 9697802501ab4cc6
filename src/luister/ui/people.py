"""How people and words get their initials and colours, the same on every screen."""

from zlib import crc32

HUES = 7  # of the eight in tokens.css; the eighth is grey, for nobody in particular


def initials(name: str) -> str:
    """Return one or two letters for a name: "Pim de Vries" gives PV, "@wouterb" gives W."""
    words = [word.lstrip("@#'\"(") for word in name.split()]
    words = [word for word in words if word and word[0].isalnum()] or [word for word in words if word][:1]
    if not words:
        return "?"
    # Surname particles are written small in Dutch and are no initials.
    first, *rest = words
    last = next((word for word in reversed(rest) if not word[0].islower()), "")
    return (first[:1] + last[:1]).upper()


def hue(value: object) -> int:
    """Return the number of the colour that a name or id always has, 1 to 7."""
    return crc32(str(value).encode()) % HUES + 1

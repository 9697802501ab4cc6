"""Attachments on disk: random names, outside any web root; the sender's name is only ever shown."""

import re
import secrets
import unicodedata
from pathlib import Path

from django.conf import settings

DANGEROUS = frozenset(
    {
        "ade", "adp", "apk", "app", "application", "appx", "bat", "chm", "cmd", "com", "cpl", "dll", "dmg", "docm",
        "dotm", "exe", "gadget", "hta", "htaccess", "htm", "html", "img", "inf", "ins", "iso", "jar", "js", "jse",
        "lnk", "mde", "mht", "mhtml", "msc", "msi", "msp", "mst", "php", "pht", "phtml", "pif", "pl", "pptm", "ps1",
        "ps1xml", "py", "rb", "reg", "scf", "scr", "sct", "sh", "svg", "sys", "vb", "vbe", "vbs", "vhd", "vhdx", "ws",
        "wsc", "wsf", "wsh", "xht", "xhtml", "xlam", "xlsm", "xml",
    }
)  # fmt: skip
MAX_NAME = 120


def clean_name(name: str) -> str:
    """Return a file name that can be shown: no path, no invisible or direction-changing characters, not endless.

    The ending is kept when a long name is shortened, because it is what a reader judges by.
    """
    plain = unicodedata.normalize("NFC", name)
    plain = "".join(character for character in plain if unicodedata.category(character)[0] != "C")
    plain = re.split(r"[/\\]", plain)[-1]
    plain = re.sub(r"\s+", " ", plain).strip().rstrip(".")
    if len(plain) > MAX_NAME:
        stem, dot, ending = plain.rpartition(".")
        plain = f"{stem[: MAX_NAME - 12]}….{ending}" if dot and len(ending) <= 10 else plain[:MAX_NAME]
    return plain or "bestand"


def is_dangerous(name: str) -> bool:
    """Whether a cleaned name ends in something that a computer would run, or a browser would show as a page."""
    _, dot, ending = name.rpartition(".")
    return bool(dot) and ending.lower() in DANGEROUS


def store(content: bytes) -> str:
    """Write a file and return the random name it is kept under."""
    kept_as = secrets.token_hex(16)
    path = path_of(kept_as)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_bytes(content)
    path.chmod(0o600)
    return kept_as


def path_of(kept_as: str) -> Path:
    """Return where a stored file is.

    Raises:
        ValueError: not a name that `store` made.
    """
    if not re.fullmatch(r"[0-9a-f]{32}", kept_as):
        raise ValueError(kept_as)
    return Path(settings.MEDIA_ROOT) / kept_as[:2] / kept_as

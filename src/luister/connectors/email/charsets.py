"""Bytes to text whatever the label says: UTF-8, else the declared charset, else Windows-1252; never UTF-7."""

import codecs
import re
from typing import NamedTuple

# What senders call a charset and what they mean by it, as browsers do (https://encoding.spec.whatwg.org/).
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "johab": "cp949",
}
# Text codecs that may be used; the others of Python (rot13, unicode_escape, punycode, utf-7) are not for mail.
_ALLOWED = re.compile(
    r"(cp\d+|iso8859-\d+|koi8-[rtu]|mac-\w+|gb\w+|big5\w*|shift_jis\w*|euc_\w+|iso2022_\w+|hz|johab|tis-620"
    r"|ptcp154|kz1048|utf-(8|16|32)\w*(-[bl]e)?)"
)
_STATEFUL = re.compile(r"iso2022_\w+|hz|utf-(16|32)\w*(-[bl]e)?")  # pure ASCII bytes that are not ASCII text
_HARMFUL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")


class Decoded(NamedTuple):
    """A text and whether something of it may have been lost or guessed."""

    text: str
    lossy: bool = False


def decode(data: bytes, *, charset: str = "") -> Decoded:
    """Return the best reading of some bytes, without characters that a database or page refuses."""
    codec = _codec(charset)
    stateful = bool(_STATEFUL.fullmatch(codec)) and ("utf" not in codec or b"\0" in data)
    text = _strict(data, codec) if stateful else None
    if text is None:
        text = _strict(data, "utf-8-sig")
    lossy = False
    if text is None:
        text, lossy = _other(data, codec, declared=bool(charset))
    return Decoded(clean(text), lossy or "\ufffd" in text)


def clean(text: str) -> str:
    """Return a text with plain line ends and without control characters and lone surrogates."""
    return _HARMFUL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n"))


def _other(data: bytes, codec: str, *, declared: bool) -> tuple[str, bool]:
    text = _strict(data, codec) if codec and codec != "utf-8" else None
    if text is not None:
        return text, False
    damaged = data.decode("utf-8", errors="replace")
    if damaged.count("\ufffd") * 4 < sum(character > "\x7f" for character in damaged):
        return damaged, True  # UTF-8 with a few broken characters
    if codec and codec not in ("cp1252", "utf-8"):
        return data.decode(codec, errors="replace"), True
    text = _strict(data, "cp1252")
    if text is None:
        return data.decode("cp1252", errors="replace"), True
    # A label that nobody knows: the reading is a guess and is shown as one.
    return text, declared and not codec


def _codec(charset: str) -> str:
    """Return the name of the Python codec that is meant by a label, "" for none."""
    label = charset.strip().strip("'\"").lower()[:40]
    if not label or "\0" in label:
        return ""
    try:
        name = codecs.lookup(_ALIASES.get(label, label)).name
    except (LookupError, ValueError):
        return ""
    name = _MEANT.get(name, name)
    return name if _ALLOWED.fullmatch(name) else ""


_ALIASES = {
    "ks_c_5601-1987": "cp949",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "unicode-1-1-utf-8": "utf-8",
    "iso-8859-8-i": "iso8859-8",
    "utf8mb4": "utf-8",
    "cp-850": "cp850",
    "8bit": "cp1252",
}


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None

"""Single values as people write them: yes and no, numbers, addresses, kinds; or the field they are refused for."""

import re
from decimal import Decimal, InvalidOperation
from email.utils import parseaddr
from typing import Any, Final

from luister.base.errors import LuisterError
from luister.base.posts import Kind
from luister.imports.mapping.fields import Target

HOME: Final = "+31"  # what a telephone number without a country is

_YES: Final = frozenset({"true", "1", "yes", "y", "ja", "j", "waar", "in", "inbound", "incoming", "inkomend"})
_NO: Final = frozenset({"false", "0", "no", "n", "nee", "onwaar", "out", "outbound", "outgoing", "uitgaand"})
_PUBLIC: Final = frozenset({"public", "openbaar"})
_PRIVATE: Final = frozenset({"private", "privé", "prive", "direct"})
_NETWORKS: Final = {"twitter": "x", "e-mail": "email", "mail": "email", "telefoon": "phone", "chat": "webchat",
                    "nieuws": "news", "televisie": "tv", "recensie": "review", "reviews": "review"}  # fmt: skip
_KINDS: Final = {
    "tweet": Kind.POST, "bericht": Kind.POST, "post": Kind.POST, "reply": Kind.REPLY, "antwoord": Kind.REPLY,
    "comment": Kind.COMMENT, "reactie": Kind.COMMENT, "message": Kind.MESSAGE, "dm": Kind.MESSAGE,
    "privébericht": Kind.MESSAGE, "chat": Kind.MESSAGE, "mail": Kind.MAIL, "email": Kind.MAIL, "e-mail": Kind.MAIL,
    "review": Kind.REVIEW, "recensie": Kind.REVIEW, "beoordeling": Kind.REVIEW, "article": Kind.ARTICLE,
    "artikel": Kind.ARTICLE, "nieuws": Kind.ARTICLE, "broadcast": Kind.BROADCAST, "uitzending": Kind.BROADCAST,
    "call": Kind.CALL, "telefoongesprek": Kind.CALL, "phone": Kind.CALL,
}  # fmt: skip
_SENTIMENTS: Final = {
    "positive": "positive", "positief": "positive", "pos": "positive", "neutral": "neutral", "neutraal": "neutral",
    "neu": "neutral", "negative": "negative", "negatief": "negative", "neg": "negative",
}  # fmt: skip
SAYS: Final = frozenset(
    {"question", "complaint", "compliment", "remark", "idea", "error", "crisis", "lead", "request", "thanks", "spam"}
)
_ADDRESS: Final = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
_ROUNDED: Final = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")


class RefusedValueError(LuisterError):
    """A value that cannot be what its column is said to hold."""

    def __init__(self, code: str, target: Target) -> None:
        super().__init__(code)
        self.code, self.target = code, target


def text(value: Any) -> str:
    """Return a value as text, without white space around it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(text(one) for one in value)
    return str(value).replace("\x00", "").strip()


def truth(value: Any, target: Target, *, default: bool) -> bool:
    """Return yes or no; nothing is the default."""
    word = text(value).lower()
    if not word:
        return default
    if word in _YES or (target == Target.PUBLIC and word in _PUBLIC):
        return True
    if word in _NO or (target == Target.PUBLIC and word in _PRIVATE):
        return False
    raise RefusedValueError("row.not_yes_or_no", target)


def network(value: str, *, default: str) -> str:
    """Return a network by the name that Luister has for it."""
    word = value.lower()
    if not word:
        return default
    word = _NETWORKS.get(word, word)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,29}", word):
        raise RefusedValueError("row.bad_network", Target.NETWORK)
    return word


def identifier(value: str, target: Target) -> str:
    """Return the name of a post or thread; numbers that went through a spreadsheet may have been rounded."""
    if _ROUNDED.fullmatch(value):
        raise RefusedValueError("row.rounded_id", target)
    if re.fullmatch(r"\d+\.0", value):
        value = value[:-2]
    return value[:1000]


def handle(value: str) -> str:
    """Return a handle without the @ before it."""
    return re.sub(r"^(\d+)\.0$", r"\1", value.removeprefix("@"))[:320]


def email(value: str, target: Target = Target.EMAIL) -> str:
    """Return an address with its domain in lower case."""
    if not value:
        return ""
    address = parseaddr(value)[1] or value
    if not _ADDRESS.fullmatch(address) or len(address) > 320:
        raise RefusedValueError("row.bad_email", target)
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def phone(value: str) -> str:
    """Return a telephone number with its country: 06-12 34 56 78 and +31(0)612345678 are +31612345678."""
    if not value:
        return ""
    number = re.sub(r"[\s\-./]|\(0\)", "", value)
    number = re.sub(r"[()]", "", number)
    if number.startswith("00"):
        number = f"+{number[2:]}"
    elif number.startswith("0"):
        number = f"{HOME}{number[1:]}"
    elif re.fullmatch(r"6\d{8}", number):  # a spreadsheet took the zero away
        number = f"{HOME}{number}"
    elif not number.startswith("+"):
        number = f"+{number}"
    if not re.fullmatch(r"\+[1-9]\d{7,14}", number):
        raise RefusedValueError("row.bad_phone", Target.PHONE)
    return number


def kind(value: str) -> Kind | None:
    """Return what a post is on its network; None where the file does not say."""
    if not value:
        return None
    found = _KINDS.get(value.lower())
    if found is None:
        raise RefusedValueError("row.bad_type", Target.TYPE)
    return found


def sentiment(value: str) -> str:
    """Return positive, neutral or negative."""
    if value and value.lower() not in _SENTIMENTS:
        raise RefusedValueError("row.bad_sentiment", Target.SENTIMENT)
    return _SENTIMENTS[value.lower()] if value else ""


def says(value: Any) -> tuple[str, ...]:
    """Return what a post is, such as a question or a complaint."""
    found = tuple(word.lower() for word in several(value, separators=r"[,;|]"))
    if not SAYS.issuperset(found):
        raise RefusedValueError("row.bad_says", Target.SAYS)
    return found


def language(value: str) -> str:
    """Return an ISO 639-1 code; und and zxx mean none."""
    word = value.lower()
    if word in {"", "und", "zxx", "qme", "qst"}:
        return ""
    if not re.fullmatch(r"[a-z]{2}([-_][a-z0-9-]+)?", word):
        raise RefusedValueError("row.bad_language", Target.LANG)
    return word[:2]


def url(value: str) -> str:
    """Return a web address."""
    if value and not re.match(r"https?://[^\s/]+", value, re.IGNORECASE):
        raise RefusedValueError("row.bad_url", Target.URL)
    return value[:1000]


def several(value: Any, *, separators: str) -> tuple[str, ...]:
    """Return the values of a list, or of a text that holds one."""
    parts = value if isinstance(value, (list, tuple)) else re.split(separators, text(value).strip("[]"))
    cleaned = (text(part).strip("'\"") for part in parts)
    return tuple(dict.fromkeys(part for part in cleaned if part))[:100]


def rating(value: Any) -> Decimal | None:
    """Return stars, written with a point or a comma."""
    written = text(value)
    if not written:
        return None
    try:
        found = Decimal(written.replace(",", ".")).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise RefusedValueError("row.bad_number", Target.RATING) from None
    if not 0 <= found < 100:
        raise RefusedValueError("row.bad_number", Target.RATING)
    return found


def count(value: Any, target: Target) -> int | None:
    """Return a number of people; 1.200 and 1,200 are 1200."""
    written = re.sub(r"\.0$", "", text(value))
    written = re.sub(r"[.,\s](?=\d{3}(?:\D|$))", "", written)
    if not written:
        return None
    if not re.fullmatch(r"\d{1,18}", written):
        raise RefusedValueError("row.bad_number", target)
    return int(written)

"""Reading lists of mail addresses (RFC 5322, as people and machines really write them); linear, never raises."""

import re
from collections.abc import Iterator

import idna

from luister.base.posts import Author
from luister.connectors.email.headers import decode_words, visible

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*+"?|<[^<>]*>?|[,;:]|\((?:[^()\\]|\\.)*+\)|[^",;:<>()]+|.', re.DOTALL)
_COMMENT = re.compile(r"\((?:[^()\\]|\\.)*+\)")
_LOCAL = re.compile(r"[^\s@<>\"(),:;\\\x00-\x1f\x7f]{1,64}|\"[^\"\\\x00-\x1f\x7f]{1,62}\"")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?")
_LITERAL = re.compile(r"\[[0-9a-zA-Z.:]{3,60}\]")
ADDRESS_IN_TEXT = re.compile(r"[\w.+'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")


def read_addresses(value: str) -> Iterator[Author]:
    """Yield the people in a header value, in order; what is no address is passed over."""
    name: list[str] = []
    angle = ""
    for piece in _PIECE.findall(value):
        if piece[0] == "<":
            angle = angle or _COMMENT.sub("", piece.strip("<>")).replace(" ", "")
        elif piece in (",", ";"):
            yield from _author(name, angle)
            name, angle = [], ""
        elif piece == ":":
            name = []  # the name of a group
        else:
            name.append(piece)
    yield from _author(name, angle)


def normal_address(text: str) -> str:
    """Return an address with its domain in lower case and ASCII (xn--…), "" where it is none."""
    local, _, domain = text.strip().strip("'").rpartition("@")
    domain = domain.rstrip(".").lower()
    if not _LOCAL.fullmatch(local) or len(domain) > 253:
        return ""
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except idna.IDNAError:
            return ""
    if not _LITERAL.fullmatch(domain) and not all(_LABEL.fullmatch(label) for label in domain.split(".")):
        return ""
    return f"{local}@{domain}"


def domain_of(address: str) -> str:
    """Return the part after the @."""
    return address.rpartition("@")[2].lower()


def same_organization(one: str, other: str) -> bool:
    """Return whether two domains are equal or one lies under the other."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def person(address: str, *, name: str = "") -> Author:
    """Return the author of an address."""
    return Author(external_id=address, name=name, handle=address)


def _author(name: list[str], angle: str) -> Iterator[Author]:
    words = [piece for piece in name if piece[0] != "("]
    text = "".join(words).strip()
    if angle:
        address = normal_address(angle)
    else:
        address = normal_address(text.strip('"'))
        comments = [piece[1:-1] for piece in name if piece[0] == "("]
        text = comments[0] if comments else ""
    if address:
        shown = visible(decode_words(_unquoted(text)).text)[:200]
        yield person(address, name="" if shown == address else shown)


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    return text.strip().strip("'")

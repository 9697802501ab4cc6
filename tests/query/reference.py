"""A matcher that is slow and obviously right: what the specification says, word by word, sharing no code with ours.

It is given meanings, not queries: nested tuples that `strategies` makes together with the query's text.
"""

import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from urllib.parse import urlsplit

import regex

from luister.query import Document

Meaning = tuple  # ("and", a, b), ("term", tokens), …
PICTURE = regex.compile(r"\p{Extended_Pictographic}")
TONES = [chr(code) for code in range(0x1F3FB, 0x1F400)]
ZWJ = "\u200d"


def normalized(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    text = "".join(one for one in unicodedata.normalize("NFD", text) if unicodedata.category(one) != "Mn")
    return unicodedata.normalize("NFC", text)


def without_urls(text: str) -> tuple[str, list[str]]:
    kept, urls, place = "", [], 0
    while place < len(text):
        rest = text[place:].lower()
        if not rest.startswith(("http://", "https://", "www.")):
            kept += text[place]
            place += 1
            continue
        end = place
        while end < len(text) and not text[end].isspace() and text[end] not in '<>"':
            end += 1
        url = text[place:end]
        while url and url[-1] in ".,;:!?)]}'…»":
            url = url[:-1]
        urls.append(url)
        kept += " " + text[place + len(url) : end]
        place = end
    return kept, urls


def is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def run(text: str, place: int) -> int:
    """Where the word characters from a place on end."""
    while place < len(text) and is_word(text[place]):
        place += 1
    return place


def is_picture(text: str, place: int) -> bool:
    return place < len(text) and text[place] not in "©®" and PICTURE.match(text[place]) is not None


def is_flag(text: str, place: int) -> bool:
    return place < len(text) and "\U0001f1e6" <= text[place] <= "\U0001f1ff"


def tokens(text: str) -> Iterator[tuple]:
    """The tokens of a normalised text: ("word", w), ("tag", w), ("mention", handle, domain), ("emoji", e)."""
    place = 0
    while place < len(text):
        free = place == 0 or not is_word(text[place - 1])
        end = place + 1
        if is_word(text[place]):
            end = run(text, place)
            yield ("word", text[place:end])
        elif text[place] == "#" and free and run(text, place + 1) > place + 1:
            end = run(text, place + 1)
            yield ("tag", text[place + 1 : end])
        elif text[place] == "@" and free and run(text, place + 1) > place + 1:
            end = dotted(text, place + 1, ".")
            handle, domain = text[place + 1 : end], ""
            if text[end : end + 1] == "@":
                far = dotted(text, end + 1, ".-")
                if run(text, end + 1) < far:
                    domain, end = text[end + 1 : far], far
            yield ("mention", handle, domain)
        elif is_flag(text, place) and is_flag(text, place + 1):
            end = place + 2
            yield ("emoji", text[place:end])
        elif is_picture(text, place):
            end = picture(text, place)
            yield ("emoji", "".join(one for one in text[place:end] if one not in TONES))
        place = end


def dotted(text: str, place: int, marks: str) -> int:
    """Where words with single marks between them end."""
    end = run(text, place)
    if end == place:
        return place
    while end < len(text) and text[end] in marks and run(text, end + 1) > end + 1:
        end = run(text, end + 1)
    return end


def picture(text: str, place: int) -> int:
    end = place + 1
    while text[end : end + 1] in TONES:
        end += 1
    while text[end : end + 1] == ZWJ and is_picture(text, end + 1):
        end += 2
        while text[end : end + 1] in TONES:
            end += 1
    return end


class Read:
    """A document as the reference sees it: a list of (position, token, part)."""

    def __init__(self, document: Document) -> None:
        self.document = document
        title, title_urls = without_urls(document.title)
        text, text_urls = without_urls(document.text)
        self.urls = title_urls + text_urls
        self.asks = "?" in normalized(title) + normalized(text)
        first = [(place, token, "title") for place, token in enumerate(tokens(normalized(title)))]
        gap = len(first) + 101
        self.tokens = first + [(place + gap, token, "text") for place, token in enumerate(tokens(normalized(text)))]


def word_fits(wanted: tuple, word: str) -> bool:
    _, text, before, behind = wanted
    if before and behind:
        return text in word
    if before:
        return word.endswith(text)
    return word.startswith(text) if behind else word == text


def fits(wanted: tuple, found: tuple) -> bool:
    """Whether a token is one that is wanted: ("word", w, before, behind), ("tag", w, behind), …"""
    if wanted[0] == "word":
        return found[0] in ("word", "tag") and word_fits(wanted, found[1])
    if wanted[0] != found[0]:
        return False
    if wanted[0] == "tag":
        return found[1].startswith(wanted[1]) if wanted[2] else found[1] == wanted[1]
    if wanted[0] == "emoji":
        return found[1] == wanted[1]
    _, handle, domain, goes_on = wanted
    if domain:
        return found[1:] == (handle, domain)
    return found[1].startswith(handle) if goes_on else found[1] == handle or found[1].startswith(handle + ".")


def places(wanted: tuple, read: Read, part: str = "") -> set[tuple[int, int]]:
    """Every (first, last) where a list of tokens stands side by side."""
    at = {place: token for place, token, where in read.tokens if part in ("", where)}
    return {
        (start, start + len(wanted) - 1)
        for start in at
        if all(start + n in at and fits(one, at[start + n]) for n, one in enumerate(wanted))
    }


def operand(meaning: Meaning, read: Read) -> set[tuple[int, int]]:
    if meaning[0] == "or":
        return set().union(*(operand(part, read) for part in meaning[1:]))
    return places(meaning[1], read)


def near(meaning: Meaning, read: Read) -> set[tuple[int, int]]:
    _, operands, distances = meaning
    spans = operand(operands[0], read)
    for one, most in zip(operands[1:], distances, strict=True):
        spans = {
            (min(a[0], b[0]), max(a[1], b[1]))
            for a in spans
            for b in operand(one, read)
            if 0 <= max(a[0], b[0]) - min(a[1], b[1]) - 1 <= most
        }
    return spans


def number(meaning: Meaning, read: Read) -> bool:
    _, field, low, high = meaning  # each None or (number, whether it counts)
    value = getattr(read.document, field)
    if value is None:
        return False
    above = low is None or value > low[0] or (low[1] and value == low[0])
    return above and (high is None or value < high[0] or (high[1] and value == high[0]))


def since(meaning: Meaning, read: Read, now: datetime, zone: tzinfo) -> bool:
    _, moment, before = meaning
    if read.document.published_at is None:
        return False
    if isinstance(moment, timedelta):
        limit = now.timestamp() - moment.total_seconds()
    else:
        limit = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
    return (read.document.published_at.timestamp() < limit) == before


def author(meaning: Meaning, read: Read) -> bool:
    _, kind, text, goes_on = meaning
    if kind == "name":
        name = " ".join(normalized(read.document.author_name).split())
        return name.startswith(text) if goes_on else name == text
    handle = normalized(read.document.author)
    if goes_on:
        return handle.startswith(text)
    return handle == text or ("@" not in text and handle.split("@")[0] == text)


def values(field: str, read: Read) -> list[str]:
    document = read.document
    if field == "has":
        found = {"link": read.urls or document.links, "media": document.media, "question": read.asks}
        return [name for name in found if found[name]]
    if field == "is":
        found = {"public": document.public, "inbound": document.inbound, "edited": document.edited,
                 "private": document.public is False, "outbound": document.inbound is False}  # fmt: skip
        return [name for name in found if found[name]]
    plural = {"topic": "topics", "label": "labels"}.get(field, field)
    value = getattr(document, plural)
    several = [value] if isinstance(value, str) else list(value or ())
    return [normalized(one) for one in several if one]


def finds(meaning: Meaning, read: Read, *, now: datetime, zone: tzinfo) -> bool:
    """Whether what a query means is true of a document."""
    kind = meaning[0]
    if kind == "and":
        return all(finds(part, read, now=now, zone=zone) for part in meaning[1:])
    if kind == "or":
        return any(finds(part, read, now=now, zone=zone) for part in meaning[1:])
    if kind == "not":
        return not finds(meaning[1], read, now=now, zone=zone)
    if kind == "since":
        return since(meaning, read, now, zone)
    return LEAVES[kind](meaning, read)


def site(meaning: Meaning, read: Read) -> bool:
    host = (urlsplit(read.document.url).hostname or "").rstrip(".")
    return ("." + host).endswith("." + meaning[1])


def address(meaning: Meaning, read: Read) -> bool:
    every = [read.document.url, *read.document.links, *read.urls]
    return any(meaning[1] in one.lower() for one in every)


LEAVES = {
    "term": lambda meaning, read: bool(places(meaning[1], read)),
    "in": lambda meaning, read: bool(places(meaning[2], read, meaning[1])),
    "near": lambda meaning, read: bool(near(meaning, read)),
    "number": number,
    "author": author,
    "is": lambda meaning, read: meaning[2] in values(meaning[1], read),
    "site": site,
    "url": address,
    "case": lambda meaning, read: False,
}

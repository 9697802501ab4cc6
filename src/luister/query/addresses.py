"""Addresses of web pages in a text: they are cut out before anything else is read, and no word is found in them."""

import re

# The letters that begin one stand first, which makes the search for it quick.
_ADDRESS = re.compile(r'[hHwW](?ai:(?<=h)ttps?://|(?<=w)ww\.)[^\s<>"]*')
_CLOSING = ".,;:!?)]}'…»"  # ends a sentence or a bracket around the address, seldom the address itself


def _may_have_addresses(text: str) -> bool:
    if "://" in text:
        return True
    return ("w." in text or "W." in text) and "www." in text.lower()  # the first is quick, and seldom true


def without_addresses(text: str) -> str:
    """Return the text with a space for each address."""
    return cut_addresses(text)[0] if _may_have_addresses(text) else text


def find_addresses(text: str) -> list[tuple[int, int]]:
    """Return where each address starts and ends."""
    if not _may_have_addresses(text):
        return []
    return [(found.start(), found.start() + len(found.group().rstrip(_CLOSING))) for found in _ADDRESS.finditer(text)]


def cut_addresses(text: str) -> tuple[str, list[str]]:
    """Return the text with a space for each address, and the addresses."""
    places = find_addresses(text)
    if not places:
        return text, []
    kept: list[str] = []
    end_before = 0
    for start, end in places:
        kept += [text[end_before:start], " "]
        end_before = end
    kept.append(text[end_before:])
    return "".join(kept), [text[start:end] for start, end in places]


def cut_placed(text: str) -> tuple[str, list[int]]:
    """Return the text with a space for each address, and where each of its characters stood."""
    kept: list[str] = []
    places: list[int] = []
    end_before = 0
    for start, end in find_addresses(text):
        kept += [text[end_before:start], " "]
        places += range(end_before, start + 1)
        end_before = end
    kept.append(text[end_before:])
    places += range(end_before, len(text))
    return "".join(kept), places


def starts_address(text: str) -> bool:
    """Return whether a text begins with an address."""
    return _ADDRESS.match(text) is not None

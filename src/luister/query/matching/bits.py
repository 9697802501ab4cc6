"""Places as the bits of one number, which are compared all at once."""

from collections.abc import Collection, Iterator


def flags_of(places: Collection[int]) -> bytes:
    """Return a bit for each place, lowest first."""
    flags = bytearray(max(places) // 8 + 1) if places else bytearray()
    for place in places:
        flags[place // 8] |= 1 << place % 8
    return bytes(flags)


def number_of(places: Collection[int]) -> int:
    """Return a number with a bit for each place."""
    return int.from_bytes(flags_of(places), "little")


def window(flags: bytes, start: int, size: int) -> int:
    """Return the bits from a place on: at least `size` of them, and some more."""
    first = start // 8
    return int.from_bytes(flags[first : (start + size) // 8 + 1], "little") >> start % 8


def places_of(number: int) -> Iterator[int]:
    """Yield the place of each bit that is set, lowest first."""
    digits = f"{number:b}"[::-1]
    place = digits.find("1")
    while place >= 0:
        yield place
        place = digits.find("1", place + 1)

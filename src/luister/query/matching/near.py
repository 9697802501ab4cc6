"""NEAR: a chain of operands, each beside what those before it found together.

What a chain has found so far are spans. They are kept by where they start, as one number whose bit `i` says that a
span of `i + 1` positions starts there: a post that repeats a word a thousand times has half a million spans, but only a
thousand such numbers, and all spans in one grow at once.
"""

from collections.abc import Iterable, Iterator, Mapping

from luister.query.matching.bits import flags_of, places_of, window
from luister.query.matching.spans import Span, operand_spans
from luister.query.prepared import Prepared
from luister.query.tree import Near

Spans = dict[int, int]  # where they start → a bit for each length
Places = Mapping[int, list[int]]  # how many positions an operand takes → where it starts


def finds_near(near: Near, prepared: Prepared) -> bool:
    """Return whether the operands stand near each other somewhere."""
    every = _operands(near, prepared)
    return bool(every) and all(_steps(near, every))


def _operands(near: Near, prepared: Prepared) -> list[set[Span]]:
    """Return where each operand stands; nothing where one of them is nowhere."""
    every: list[set[Span]] = []
    for operand in near.operands:
        found = operand_spans(operand, prepared)
        if not found:
            return []
        every.append(found)
    return every


def _steps(near: Near, every: list[set[Span]]) -> Iterator[Spans]:
    """Yield what the first operand finds, the first two together, and so on."""
    spans = as_spans(every[0])
    yield spans
    for distance, found in zip(near.distances, every[1:], strict=True):
        spans = beside(spans, by_length(found), distance)
        yield spans


def as_spans(found: Iterable[Span]) -> Spans:
    """Return spans by where they start."""
    spans: Spans = {}
    for span in found:
        spans[span.start] = spans.get(span.start, 0) | 1 << (span.end - span.start)
    return spans


def by_length(found: Iterable[Span]) -> Places:
    """Return where spans start, by how many positions they take."""
    places: dict[int, list[int]] = {}
    for span in found:
        places.setdefault(span.end - span.start + 1, []).append(span.start)
    return places


def beside(spans: Spans, places: Places, distance: int) -> Spans:
    """Return the spans that become of these with one more operand on either side of each.

    That takes at most `distance` + 1 steps for each span's start and each place.
    """
    grown: Spans = {}
    for length, starts in places.items():
        flags = flags_of(starts)
        for start, lengths in spans.items():
            reached = reach(lengths, distance)
            reached &= window(flags, start, reached.bit_length())
            if reached:
                grown[start] = grown.get(start, 0) | reached << (length - 1)
        for start in starts:
            for behind in range(start + length, start + length + distance + 1):
                if behind in spans:
                    grown[start] = grown.get(start, 0) | spans[behind] << (behind - start)
    return grown


def reach(lengths: int, distance: int) -> int:
    """Return a bit for each place, counted from the start of spans, at which something behind them may start."""
    reached = lengths << 1
    covered = 1
    while covered <= distance:
        step = min(covered, distance + 1 - covered)
        reached |= reached << step
        covered += step
    return reached


def near_spans(near: Near, prepared: Prepared) -> set[Span]:
    """Return where the operands stand that are part of what the whole chain finds."""
    every = _operands(near, prepared)
    if not every:
        return set()
    steps = list(_steps(near, every))
    used: set[Span] = set()
    wanted = steps.pop()
    for distance, found in zip(reversed(near.distances), reversed(every[1:]), strict=True):
        wanted = _led_to(wanted, steps.pop(), by_length(found), distance, used)
    return used | {Span(start, start + length) for start, lengths in wanted.items() for length in places_of(lengths)}


def _led_to(wanted: Spans, spans: Spans, places: Places, distance: int, used: set[Span]) -> Spans:
    """Return those of the spans that became wanted ones, and add to `used` the operands they did so with."""
    led: Spans = {}
    for length, starts in places.items():
        flags = flags_of(starts)
        for start in spans.keys() & wanted.keys():
            hit = reach(spans[start], distance) & wanted[start] >> (length - 1)
            hit &= window(flags, start, hit.bit_length())
            used |= {Span(start + place, start + place + length - 1) for place in places_of(hit)}
            led[start] = led.get(start, 0) | _reach_back(hit, distance) & spans[start]
        for start in starts:
            for behind in range(start + length, start + length + distance + 1):
                hit = spans.get(behind, 0) << (behind - start) & wanted.get(start, 0)
                if hit:
                    used.add(Span(start, start + length - 1))
                    led[behind] = led.get(behind, 0) | hit >> (behind - start)
    return led


def _reach_back(places: int, distance: int) -> int:
    """Return the lengths of spans that reach one of the places: the other way round than `reach`."""
    reached = places >> 1
    covered = 1
    while covered <= distance:
        step = min(covered, distance + 1 - covered)
        reached |= reached >> step
        covered += step
    return reached

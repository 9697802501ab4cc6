"""What stands around the matcher: loading and changing queries, and `luister match` on files, alone and in pairs.

Of several tries the quickest counts: what a try takes beyond that, other work on the machine took.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.matching_posts import lines_of
from bench.matching_rounds import find_all, matcher_of
from luister.base.clock import utc_now
from luister.query import Document, Moment, parse

COMMAND = str(Path(sys.executable).parent / "luister")
LINES = 1_000_000  # posts of the large file
STANDING = 1_000  # queries of the command
CHANGES = 200
LOAD_SECONDS, LOAD_MB = 2.0, 150.0
LEAST_OF_OWN = 0.7  # of the matcher's own rate
MORE_MB = 8.0  # memory may differ by, from a tenth of a file to the whole
LEAST_OF_TWO = 1.6
TRIES = 3
_LOAD = """
import gc, json, sys, time
from pathlib import Path
from luister.base.garbage import kept
from luister.query import Matcher, parse
from luister.query.lines import read_query
def resident():
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
matcher, before, start = Matcher(), resident(), time.process_time()
with open(sys.argv[1], "rb") as lines, kept():
    for line in lines:
        ident, text = read_query(line)
        matcher.put(ident, parse(text, standing=True))
seconds = time.process_time() - start
print(json.dumps([seconds, resident() - before]))
"""
# Runs a command and prints what it took. A small process in between, since a child counts as its own peak what its
# parent held when it was started, and this one holds all the posts.
_MEASURE = """
import json, resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1000]))
sys.exit(code)
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of the command took: elapsed seconds, seconds of processor time and MB at its peak."""

    wall: float
    cpu: float
    peak: float


def run(
    console: Console, queries: Sequence[tuple[str, str]], posts: Sequence[Mapping[str, Any]], share: float
) -> list[str]:
    """Print the figures and return what is not as promised."""
    table = Table("what", "came to", "aim", title="Around the matcher", title_justify="left")
    failed: list[str] = []

    def say(what: str, figure: str, aim: str = "", *, is_well: bool = True) -> None:
        table.add_row(what, figure, aim)
        if not is_well:
            failed.append(f"match, {what}: {figure}, not {aim}")

    with tempfile.TemporaryDirectory(prefix="luister-bench-") as name:
        folder = Path(name)
        _write(folder / "all-queries.jsonl", _query_lines(queries))
        _loading(folder / "all-queries.jsonl", len(queries), say)
        _changing(queries, say)
        _write(folder / "queries.jsonl", _query_lines(queries[:STANDING]))
        lines = lines_of(posts)
        count = max(10_000, int(LINES * share))
        _in_bulk(folder, queries[:STANDING], lines, count, say)
        _in_pairs(folder, lines, count // 4, say)
    console.print(table)
    console.print(f"Load when it ended: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.")
    return failed


Say = Callable[..., None]


def _loading(path: Path, count: int, say: Say) -> None:
    ran = [_loaded(path) for _ in range(TRIES)]
    seconds, memory = min(seconds for seconds, _ in ran), max(memory for _, memory in ran)
    say(
        f"loading {count:,} queries, s of processor time", f"{seconds:.2f}", f"≤ {LOAD_SECONDS:g}",
        is_well=seconds <= LOAD_SECONDS,
    )  # fmt: skip
    say(f"memory that {count:,} queries hold, MB", f"{memory:.0f}", f"< {LOAD_MB:g}", is_well=memory < LOAD_MB)


def _loaded(path: Path) -> tuple[float, float]:
    """Return the seconds and the MB that the queries of a file take in a new process."""
    command = [sys.executable, "-c", _LOAD, str(path)]
    seconds, memory = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return seconds, memory


def _changing(queries: Sequence[tuple[str, str]], say: Say) -> None:
    """Add, change and remove queries among all, each of which has to take effect at once."""
    matcher = matcher_of({ident: parse(text, standing=True) for ident, text in queries})
    moment = Moment(utc_now(), UTC)
    times: dict[str, list[float]] = {"adding": [], "changing": [], "removing": []}
    is_well = True
    for number in range(CHANGES):
        post = Document("new", f"zomaar iets{number} anders{number}")
        steps: dict[str, tuple[Callable[[], None], list[str]]] = {
            "adding": (lambda n=number: matcher.put("new", parse(f"iets{n} zomaar", standing=True)), ["new"]),
            "changing": (lambda n=number: matcher.put("new", parse(f"anders{n} -iets{n}", standing=True)), []),
            "removing": (lambda: matcher.remove("new"), []),
        }
        for name, (step, right) in steps.items():
            start = time.process_time()
            step()
            found = matcher.find(post, moment=moment)
            times[name].append(time.process_time() - start)
            is_well = is_well and found == right
    for name, seconds in times.items():
        figure = f"{1e6 * statistics.median(seconds):.0f}"
        say(f"{name} one query of {len(queries):,}, and finding by it at once, µs", figure)
    say("changed queries that take effect at once", "all" if is_well else "not all", "all", is_well=is_well)


def _in_bulk(folder: Path, queries: Sequence[tuple[str, str]], lines: Sequence[bytes], count: int, say: Say) -> None:
    """Run the command on a large file, for its rate beside the matcher's own, and its memory."""
    tenth, whole = _file(folder, "tenth", lines, count // 10), _file(folder, "whole", lines, count)
    matcher = matcher_of({ident: parse(text, standing=True) for ident, text in queries})
    moment = Moment(utc_now(), UTC)
    find_all(matcher, lines, moment)
    (small,) = _ran(folder, [tenth])
    before, _ = find_all(matcher, lines, moment)
    (large,) = _ran(folder, [whole])
    after, _ = find_all(matcher, lines, moment)
    share = (before + after) / 2 / len(lines) * count / large.cpu
    what = f"`luister match`, {count:,} posts, {len(queries):,} queries"
    say(f"{what}: posts a second, by processor time", f"{count / large.cpu:,.0f}")
    say(f"{what}: of the matcher's own rate", f"{share:.2f}", f"≥ {LEAST_OF_OWN}", is_well=share >= LEAST_OF_OWN)
    more = large.peak - small.peak
    say(f"memory at its peak, MB, and more than with {count // 10:,} posts", f"{large.peak:.0f}, {more:+.1f}",
        f"≤ {MORE_MB:+g}", is_well=more <= MORE_MB)  # fmt: skip


def _in_pairs(folder: Path, lines: Sequence[bytes], count: int, say: Say) -> None:
    """Run the command on a file, and two of it on a half each."""
    whole = _file(folder, "whole", lines, count)
    halves = [_file(folder, "half-0", lines, count // 2), _file(folder, "half-1", lines, count // 2)]
    alone, pairs = [], []
    for _ in range(TRIES):
        alone += _ran(folder, [whole])
        pairs.append(_ran(folder, halves))
    faster = min(one.wall for one in alone) / min(max(one.wall for one in pair) for pair in pairs)
    say(f"two commands, each half of {count:,} posts: times as fast as one", f"{faster:.2f}", f"≥ {LEAST_OF_TWO}",
        is_well=faster >= LEAST_OF_TWO)  # fmt: skip
    by_processor = min(one.cpu for one in alone) / min(max(one.cpu for one in pair) for pair in pairs)
    say("the same by processor time", f"{by_processor:.2f}")


def _file(folder: Path, name: str, lines: Sequence[bytes], count: int) -> Path:
    """Write a file of so many posts, the same ones over and over."""
    path = folder / f"{name}.jsonl"
    _write(path, islice(cycle(lines), count))
    return path


def _ran(folder: Path, files: Sequence[Path]) -> list[Ran]:
    """Run a command on each of the files, all at once."""
    started = time.perf_counter()
    measure = [sys.executable, "-c", _MEASURE, COMMAND, "match", folder / "queries.jsonl"]
    commands = [
        subprocess.Popen([*measure, path, "--out", path.with_suffix(".out")], stdout=subprocess.PIPE) for path in files
    ]
    return [_ended(command, started) for command in commands]


def _ended(command: subprocess.Popen[bytes], started: float) -> Ran:
    said, _ = command.communicate()
    if command.returncode:
        message = f"luister match ended with {command.returncode}."
        raise RuntimeError(message)
    cpu, peak = json.loads(said)
    return Ran(time.perf_counter() - started, cpu, peak)


def _query_lines(queries: Sequence[tuple[str, str]]) -> Iterator[bytes]:
    return (json.dumps({"id": ident, "query": text}).encode() + b"\n" for ident, text in queries)


def _write(path: Path, lines: Iterator[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(lines)

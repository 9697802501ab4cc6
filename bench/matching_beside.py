"""The matcher beside other engines, on the queries that each can express and the same posts, in turn."""

import shutil
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from rich.box import SIMPLE
from rich.table import Table

from bench.matching_engines import Engine, Postgres, Tantivy
from bench.matching_plot import Rate
from bench.matching_rounds import Posts, find_all, matcher_of
from luister.base.clock import utc_now
from luister.config.embedded import EmbeddedPostgres
from luister.query import Moment, Node
from luister.query.lines import read_post

ASKED = 2_000_000  # pairs of a query and a post that PostgreSQL decides in a round, about a second's work
ALONE = 2_000  # the most posts that are taken one by one in a round
# Posts that tantivy waits for before it indexes and searches them. At 5,000 posts a minute a thousand are twelve
# seconds: more than a post may wait for its matches, so that is what is aimed at. Ten thousand show what waiting buys.
BATCHES = (1_000, 10_000)
AIMS = {("PostgreSQL", 1_000): 15.0, ("PostgreSQL", 10_000): 80.0, ("tantivy, 1,000 at once", 10_000): 1.3}
CAPTION = """can say: queries of kinds that it has, which are compared · ours, theirs: posts a second, medians;
ours from the JSON line on; theirs from our tokens on, which cost them nothing"""


@dataclass(frozen=True, slots=True)
class Beside:
    """What rounds beside an engine came to, in seconds a post; `times` is the median of how much longer theirs took."""

    said: int
    ours: float
    theirs: float
    times: float
    is_same: bool


def compared(
    sets: Mapping[str, Mapping[str, Node]], posts: Sequence[Posts], *, counts: Sequence[int]
) -> tuple[Table, list[Rate], list[str]]:
    """Return a table of all engines, their rates, and what is not as promised."""
    title = "Beside other engines, on the same posts and one processor"
    table = Table(title=title, title_justify="left", box=SIMPLE)
    for name in ("engine", "queries", "set", "can say", "ours", "theirs", "times", "aim"):
        table.add_column(name, justify="left" if name in ("engine", "set") else "right", no_wrap=True)
    rates, failed = [], []
    fed: dict[type, list[list[object]]] = {Tantivy: [_fed(Tantivy(1), turn.lines) for turn in posts]}
    folder = Path(tempfile.mkdtemp(prefix="luister-bench-"))
    folder.chmod(0o711)
    with EmbeddedPostgres(folder, fast=True) as database, Postgres(database.dsn) as postgres:
        fed[Postgres] = [_fed(postgres, turn.lines[:ALONE]) for turn in posts]
        for name, every in sets.items():
            for count in counts:
                nodes = dict(list(every.items())[:count])
                for engine in (postgres, *map(Tantivy, BATCHES)):
                    came_to = _measured(engine, nodes, posts, fed[type(engine)])
                    aim = AIMS.get((engine.name, count))
                    table.add_row(
                        engine.name, f"{count:,}", name, f"{came_to.said:,}", f"{1 / came_to.ours:,.0f}",
                        f"{1 / came_to.theirs:,.0f}", f"{came_to.times:.1f}", f"{aim:g}" if aim else "",
                    )  # fmt: skip
                    rates.append(Rate(engine.name, name, count, 1 / came_to.theirs))
                    where = f"match, {count:,} queries ({name})"
                    if aim and came_to.times < aim:
                        failed.append(f"{where}: {came_to.times:.1f} times {engine.name}, not {aim:g}")
                    if not came_to.is_same:
                        failed.append(f"{where}: {engine.name} finds something else than ours")
    shutil.rmtree(folder, ignore_errors=True)
    return table, rates, failed


def _measured(
    engine: Engine, nodes: Mapping[str, Node], posts: Sequence[Posts], fed: Sequence[Sequence[object]]
) -> Beside:
    """Take the rounds with the queries that an engine can express; the first warms up."""
    said = engine.stand(nodes)
    matcher = matcher_of({ident: nodes[ident] for ident in said})
    moment = Moment(utc_now(), UTC)
    ours, theirs = [], []
    is_same = True
    most = None if isinstance(engine, Tantivy) else max(20, ASKED // len(nodes))
    for number, (turn, tokens) in enumerate(zip(posts, fed, strict=True)):
        lines = turn.lines[: len(tokens)] if number else turn.lines
        seconds, found = find_all(matcher, lines, moment)
        ours.append(seconds / len(lines))
        seconds, also = _timed(engine, tokens[:most])
        theirs.append(seconds / len(tokens[:most]))
        is_same = is_same and all(sorted(one) == sorted(other) for one, other in zip(found, also, strict=False))
    ours, theirs = ours[1:], theirs[1:]
    times = statistics.median(one / other for one, other in zip(theirs, ours, strict=True))
    return Beside(len(said), statistics.median(ours), statistics.median(theirs), times, is_same)


def _fed(engine: Engine, lines: Sequence[bytes]) -> list[object]:
    return [engine.feed(read_post(line)) for line in lines]


def _timed(engine: Engine, fed: Sequence[object]) -> tuple[float, list[list[str]]]:
    start = engine.clock()
    found = engine.find(fed)
    return engine.clock() - start, found

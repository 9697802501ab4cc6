"""What the fence around workspaces costs: the same work with it and without it, in turns, in one run.

In this process, on one connection; processor time is ours and that of the database's process which serves it. Work is
done as in web and worker: jobs find out whose rows they were given, pages pass the gate, with the fence and without.
"""

import logging
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from bench import archive, database, intake

if TYPE_CHECKING:
    from bench.archive_rows import Town

POSTS, MONITORS, AGENTS = 2_400, 300, 20  # the posts come in, and are the cases of the lists
ROUNDS = 6  # of which each is made without the fence and with it, in turns the one first and the other
LISTS = 10  # in a round
ARCHIVE = 200_000
TERMS = 4  # queries of each form
MOST_RATIO = 1.25


@dataclass(slots=True)
class Sum:
    """What a kind of work took, all rounds together: seconds of processor time, and statements."""

    ours: float = 0.0
    database: float = 0.0
    statements: int = 0

    def add(self, cost: intake.Cost) -> None:
        """Add what a round took."""
        self.ours += cost.ours
        self.database += cost.database
        self.statements += cost.statements

    @property
    def seconds(self) -> float:
        """What it took, with the database."""
        return self.ours + self.database


@dataclass(slots=True)
class Pair:
    """The same work without the fence and with it; `times` is how often the unit was done in each."""

    name: str
    unit: str
    times: int
    without: Sum
    with_it: Sum

    @property
    def ratio(self) -> float:
        """How much dearer it is with the fence."""
        return self.with_it.seconds / self.without.seconds


def run(console: Console, share: float) -> list[str]:
    """Print what the fence costs, and return what it makes too dear."""
    with database.fresh(fast=False), tempfile.TemporaryDirectory() as folder:
        pairs = list(_desk(share, Path(folder) / "log"))
        database.empty()
        forms = _archive(max(5_000, round(ARCHIVE * share / 1_000) * 1_000))
    searches = Pair("archive searches", "query", 0, Sum(), Sum())
    for form in forms:
        searches.times += form.times
        for whole, part in ((searches.without, form.without), (searches.with_it, form.with_it)):
            whole.add(intake.Cost(part.ours, part.database, part.statements))
    pairs.append(searches)
    table = Table(title="Without the fence → with it", title_justify="left", box=SIMPLE)
    for name in ("", "each", "our processor time, ms", "the database's, ms", "statements", "ratio"):
        table.add_column(name, justify="left" if name in {"", "each"} else "right")
    for pair in pairs:
        cells = (
            [f"{1000 * one / pair.times:.2f}" for one in (pair.without.ours, pair.with_it.ours)],
            [f"{1000 * one / pair.times:.2f}" for one in (pair.without.database, pair.with_it.database)],
            [f"{one / pair.times:.2f}" for one in (pair.without.statements, pair.with_it.statements)],
        )
        table.add_row(pair.name, pair.unit, *(" → ".join(cell) for cell in cells), f"{pair.ratio:.3f}")
    console.print(table)
    dearest = sorted(forms, key=lambda form: -form.ratio)
    console.print(
        f"Of {len(forms)} forms of queries the median ratio is {median(form.ratio for form in forms):.3f}; dearest:"
    )
    for form in dearest[:5]:
        milliseconds = [1000 * one.seconds / form.times for one in (form.without, form.with_it)]
        console.print(
            f"  {form.name}: {milliseconds[0]:.2f} → {milliseconds[1]:.2f} ms, {form.ratio:.2f}", highlight=False
        )
    return [f"fence: {pair.name} take {pair.ratio:.2f} times as much" for pair in pairs if pair.ratio > MOST_RATIO]


def _reconnect(*, fenced: bool) -> None:
    from django.db import connection  # noqa: PLC0415 - needs Django set up

    connection.close()
    connection.settings_dict["OPTIONS"]["fence"] = "always" if fenced else ""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")


def _compare(pair: Pair, work: Callable[[], object], *, rounds: int, prepare: Callable[[], object] = int) -> None:
    """Do it in turns; what has to be there for each turn is prepared without being counted."""
    for number in range(rounds):
        for fenced in (False, True) if number % 2 else (True, False):
            _reconnect(fenced=False)
            prepare()
            _reconnect(fenced=fenced)
            work_cost = intake.cost(work)
            (pair.with_it if fenced else pair.without).add(work_cost)
    _reconnect(fenced=False)


def _desk(share: float, log: Path) -> Iterator[Pair]:
    """Yield what posts that come in cost, and the lists of the cases that they make."""
    from django.test import Client  # noqa: PLC0415 - needs Django set up

    from luister.accounts.models import Membership  # noqa: PLC0415
    from luister.base.clock import utc_now  # noqa: PLC0415
    from luister.base.connector import Fetched  # noqa: PLC0415
    from luister.delivery import actions as delivery  # noqa: PLC0415
    from luister.delivery.jobs import process_raw  # noqa: PLC0415
    from luister.fence.scope import in_workspace  # noqa: PLC0415
    from luister.pipeline.jobs import run_all  # noqa: PLC0415

    page = intake.PAGE
    each = max(page, round(POSTS * share / (2 * ROUNDS * page)) * page)
    channel, items = intake.prepared(2 * ROUNDS * each + page, log, agents=AGENTS, monitors=MONITORS)

    def take_in(count: int) -> None:
        for _ in range(0, count, page):
            some = tuple(items.pop() for _ in range(page))
            with in_workspace(channel.workspace_id):
                delivery.store_fetched(channel.pk, Fetched(some, {"at": len(items)}), now=utc_now())
        for job in intake.take("delivery.process_raw"):
            process_raw(job["raw_ids"])
        for job in intake.take("pipeline.run_all"):
            run_all(job["post_ids"])

    take_in(page)  # models are read, the child runs
    pair = Pair("a post comes in", "post", ROUNDS * each, Sum(), Sum())
    _compare(pair, lambda: take_in(each), rounds=ROUNDS)
    yield pair

    logging.getLogger("luister.http").setLevel(logging.WARNING)
    browser = Client(SERVER_NAME="localhost")
    user = Membership.objects.filter(role="agent").earliest("pk").user
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    for name, address in (("the list of cases", "/w/merk/inbox/all/"), ("mentions", "/w/merk/mentions/")):

        def look(address: str = address) -> None:
            for _ in range(LISTS):
                answer = browser.get(address)
                assert answer.status_code == 200, answer.status_code

        look()
        pair = Pair(name, "page", ROUNDS * LISTS, Sum(), Sum())
        _compare(pair, look, rounds=ROUNDS)
        yield pair


def _archive(count: int) -> list[Pair]:
    """Return what searches of each form cost."""
    from bench import archive_rows  # noqa: PLC0415 - needs Django set up
    from luister.fence.scope import in_workspace  # noqa: PLC0415

    built = archive_rows.build(count, progress=lambda _done: None)
    found = []
    for form in archive.FORMS:
        queries = _queries(form, built)

        def search(form: archive.Form = form, queries: Sequence[str] = queries) -> None:
            with in_workspace(built.member.workspace_id):
                for query in queries:
                    archive_rows.search_for(query, built, by_relevance=form.by_relevance)

        search()
        pair = Pair(form.name, "query", 2 * len(queries), Sum(), Sum())
        _compare(pair, search, rounds=2)
        found.append(pair)
    return found


def _queries(form: archive.Form, built: "Town") -> list[str]:
    terms = archive.Terms(random.Random(form.name), built.words, built.people)
    return [form.query(terms)[0] for _ in range(TERMS)]

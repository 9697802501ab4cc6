"""Searching the archive: each form of the query language over 2,000,000 posts, beside PostgreSQL's own search."""

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bench import database, town

if TYPE_CHECKING:
    from bench.archive_rows import Town

POSTS = 2_000_000
TERMS = 20  # queries of each form
PLAIN_EVERY = 4  # of them one is put to PostgreSQL's own search too
AIM_MS = 400
CAPTION = """p50, p95: milliseconds from the text of a query to its first page of 50 posts, decided and read
cpu: milliseconds of processor time for that, of our process and the database's; what an idle machine needs
hits: posts on that page, on average
pg: cpu of PostgreSQL's to_tsvector('simple') and @@ with a GIN index over the same rows, the same page in the
same order, for what it can express · ratio: of our p95 to its p95, both cpu"""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of the language: how a query of it is made, and how PostgreSQL would be asked; "" where it cannot."""

    name: str
    query: Callable[["Terms"], tuple[str, str]]
    by_relevance: bool = False


class Terms:
    """Words of all frequencies, drawn anew for each query."""

    def __init__(self, dice: random.Random, vocabulary: town.Vocabulary, people: town.Crowd) -> None:
        self.dice, self._words, self._people = dice, vocabulary.words, people

    def rare(self) -> str:
        """A word of some dozens of posts."""
        return self.dice.choice(self._words[20_000:80_000])

    def mid(self) -> str:
        """A word of some thousands of posts."""
        return self.dice.choice(self._words[200:3_000])

    def common(self) -> str:
        """A word of hundreds of thousands of posts."""
        return self.dice.choice(self._words[:40])

    def handle(self) -> str:
        """An author, who may have written much or little."""
        return self._people.handles[int(len(self._people.handles) * self.dice.random() ** 2)]

    def name(self) -> str:
        """An author's display name."""
        return self.dice.choice(self._people.names)


def _twice(term: Callable[["Terms"], str], ours: str, theirs: str = "") -> Callable[["Terms"], tuple[str, str]]:
    """Return what makes a query of two terms."""

    def make(terms: "Terms") -> tuple[str, str]:
        one, other = term(terms), term(terms)
        return ours.format(one, other), theirs.format(one, other)

    return make


def _cut(make: Callable[["Terms"], str], start: int, end: int | None) -> Callable[["Terms"], str]:
    return lambda terms: make(terms)[start:end]


def _one_of(*values: str) -> Callable[["Terms"], tuple[str, str]]:
    return lambda terms: (terms.dice.choice(values), "")


FORMS = (
    Form("word, rare", _twice(Terms.rare, "{0}", "{0}")),
    Form("word, mid", _twice(Terms.mid, "{0}", "{0}")),
    Form("word, common", _twice(Terms.common, "{0}", "{0}")),
    Form("word, once a fad", lambda terms: (fad := town.fad(terms.dice.randrange(9)), fad)),
    Form("AND, rare", _twice(Terms.rare, "{0} {1}", "{0} & {1}")),
    Form("AND, mid", _twice(Terms.mid, "{0} {1}", "{0} & {1}")),
    Form("AND, common", _twice(Terms.common, "{0} {1}", "{0} & {1}")),
    Form("OR, rare", _twice(Terms.rare, "{0} OR {1}", "{0} | {1}")),
    Form("OR, mid", _twice(Terms.mid, "{0} OR {1}", "{0} | {1}")),
    Form("NOT, mid", _twice(Terms.mid, "{0} -{1}", "{0} & !{1}")),
    Form("NOT, common", _twice(Terms.common, "{0} -{1}", "{0} & !{1}")),
    Form("NOT alone", _twice(Terms.common, "-{0}", "!{0}")),
    Form("phrase, rare", _twice(Terms.rare, '"{0} {1}"', "{0} <-> {1}")),
    Form("phrase, mid", _twice(Terms.mid, '"{0} {1}"', "{0} <-> {1}")),
    Form("phrase, common", _twice(Terms.common, '"{0} {1}"', "{0} <-> {1}")),
    Form("phrase, wildcard", _twice(_cut(Terms.mid, 0, 4), '"de {0}*"', "de <-> {0}:*")),
    Form("prefix, long", _twice(_cut(Terms.rare, 0, 8), "{0}*", "{0}:*")),
    Form("prefix, short", _twice(_cut(Terms.rare, 0, 3), "{0}*", "{0}:*")),
    Form("suffix, long", _twice(_cut(Terms.rare, -8, None), "*{0}")),
    Form("suffix, short", _twice(_cut(Terms.rare, -4, None), "*{0}")),
    Form("infix, long", _twice(_cut(Terms.rare, 2, 9), "*{0}*")),
    Form("infix, short", _twice(_cut(Terms.rare, 1, 5), "*{0}*")),
    Form("infix and word", lambda terms: (f"*{terms.rare()[1:5]}* {terms.mid()}", "")),
    Form("NEAR, mid", _twice(Terms.mid, "{0} NEAR/5 {1}")),
    Form("NEAR, common", _twice(Terms.common, "{0} NEAR/2 {1}")),
    Form("NEAR/30, mid", _twice(Terms.mid, "{0} NEAR/30 {1}")),
    Form("NEAR of ORs", lambda terms: (f"({terms.mid()} OR {terms.rare()}) NEAR/4 ({terms.mid()} OR {terms.mid()})",
                                       "")),
    Form("hashtag", _twice(Terms.mid, "#{0}")),
    Form("hashtag, wildcard", _twice(_cut(Terms.mid, 0, 4), "#{0}*")),
    Form("mention", _one_of(*(f"@{name}" for name in town.ACCOUNTS))),
    Form("mention and word", lambda terms: (f"@{terms.dice.choice(town.ACCOUNTS)} {terms.rare()}", "")),
    Form("emoji", _one_of(*town.EMOJI)),
    Form("emoji and word", lambda terms: (f"{terms.dice.choice(town.EMOJI)} {terms.mid()}", "")),
    Form("author:", lambda terms: (f"author:{terms.handle()}", "")),
    Form('author:"name"', lambda terms: (f'author:"{terms.name()}"', "")),
    Form("author:, wildcard", lambda terms: (f"author:{terms.handle()[:4]}*", "")),
    Form("site:", _one_of(*(f"site:{site}" for site in town.SITES))),
    Form("url:, rare", lambda terms: (f"url:{terms.rare()}/", "")),
    Form("url:, common", _one_of(*(f"url:{site}/" for site in town.SITES))),
    Form("lang:", _one_of("lang:nl", "lang:en", "lang:de", "lang:fr")),
    Form("network:", _one_of("network:x", "network:news", "network:email", "network:tv")),
    Form("type:", _one_of("type:reply", "type:article", "type:message", "type:call")),
    Form("sentiment:, says:", _one_of("sentiment:negative says:question", "says:complaint", "says:crisis")),
    Form("field and word", lambda terms: (f"lang:en type:reply {terms.mid()}", "")),
    Form("rating:", _one_of("rating:<=2", "rating:4..5", "-rating:>1", "rating:9")),
    Form("reach:, followers:", lambda terms: (f"followers:>{terms.dice.choice((10**3, 10**5, 10**7, 10**8))}", "")),
    Form("after:, before:", lambda terms: (f"after:2023-0{terms.dice.randint(1, 9)}-01 before:2024-02-01", "")),
    Form("date and word", lambda terms: (f"before:2022-0{terms.dice.randint(1, 9)}-01 {terms.mid()}", "")),
    Form("has:", _one_of("has:link", "has:question", "has:media")),
    Form("is:", _one_of("is:public", "is:private", "is:edited", "is:outbound")),
    Form("title:, rare", _twice(Terms.rare, "title:{0}")),
    Form("title:, common", _twice(Terms.common, "title:{0}")),
    Form("text:, phrase", _twice(Terms.mid, 'text:"de {0}"')),
    Form("label:", _one_of(*(f"label:etiket{number}" for number in range(10)))),
    Form("label: and word", lambda terms: (f"label:etiket{terms.dice.randrange(10)} {terms.common()}", "")),
    Form("groups", lambda terms: (f"({terms.mid()} OR {terms.rare()}) (#{terms.mid()} OR {terms.mid()}) -{terms.mid()}",
                                  "")),
    Form("200 words", lambda terms: (" OR ".join(terms.rare() for _ in range(200)), "")),
    Form("nothing", _one_of("bestaatniet", '"bestaat niet"', "*staatnie*", "author:niemand", "is:public is:private")),
    Form("relevance, rare", _twice(Terms.rare, "{0}", "{0}"), by_relevance=True),
    Form("relevance, mid", _twice(Terms.mid, "{0}", "{0}"), by_relevance=True),
    Form("relevance, common", _twice(Terms.common, "{0} {1}", "{0} & {1}"), by_relevance=True),
)  # fmt: skip


def run(console: Console, share: float) -> list[str]:
    """Build the archive, put every form to it, print the table, and return the forms that took too long."""
    count = max(1_000, round(POSTS * share / 1_000) * 1_000)
    with database.fresh():
        from bench import archive_rows  # noqa: PLC0415 - needs Django set up

        bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*bar, console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task("posts written", total=count)
            built = archive_rows.build(count, progress=lambda done: progress.update(task, completed=done))
            task = progress.add_task("queries", total=len(FORMS) * TERMS)
            table, slow = _measured(built, advance=lambda: progress.advance(task))
        console.print(table)
        console.print(archive_rows.sizes(built), markup=False, highlight=False)
        console.print(f"Load when it ended: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.")
    return slow


def _measured(built: "Town", *, advance: Callable[[], None]) -> tuple[Table, list[str]]:
    from bench import archive_rows  # noqa: PLC0415 - needs Django set up

    title = f"Archive search over {built.count:,} posts, {TERMS} queries of each form"
    table = Table(title=title, title_justify="left", caption=CAPTION, caption_justify="left", box=SIMPLE)
    for name in ("form", "hits", "p50", "p95", "cpu p50", "cpu p95", "pg p50", "pg p95", "ratio"):
        table.add_column(name, justify="left" if name == "form" else "right", no_wrap=True)
    slow = []
    archive_rows.prepare_session()
    for form in FORMS:
        terms = Terms(random.Random(form.name), built.words, built.people)
        ours, theirs = [], []
        for number in range(TERMS):
            query, tsquery = form.query(terms)
            ours.append(archive_rows.search_for(query, built, by_relevance=form.by_relevance))
            if tsquery and number % PLAIN_EVERY == 0:
                theirs.append(archive_rows.plain_search(tsquery, built, by_relevance=form.by_relevance))
            advance()
        cpu, plain_cpu = [one.cpu_ms for one in ours], [one.cpu_ms for one in theirs]
        figures = [*_figures([one.wall_ms for one in ours]), *_figures(cpu), *_figures(plain_cpu)]
        ratio = f"{_p95(cpu) / _p95(plain_cpu):.1f}" if plain_cpu else ""
        table.add_row(form.name, f"{sum(one.hits for one in ours) / TERMS:.0f}", *figures, ratio)
        if _p95(cpu) > AIM_MS:
            slow.append(f"archive, {form.name}: p95 of {_p95(cpu):.0f} ms is above {AIM_MS} ms")
    return table, slow


def _figures(values: Sequence[float]) -> list[str]:
    return [f"{median(values):.0f}", f"{_p95(values):.0f}"] if values else ["", ""]


def _p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]

"""The archive that is measured: written by COPY, in rows that the product's own index function makes."""

import multiprocessing
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import OperationalError, connection, models
from psycopg.types.json import Jsonb

from bench import town
from luister.accounts.models import Membership, User, Workspace
from luister.base.clock import utc_now
from luister.channels.models import Channel
from luister.inbox.models import Case, CaseLabel, CasePost, Label
from luister.inbox.queries.labels import PostLabels
from luister.people.models import Contact, Identity
from luister.posts.index import store
from luister.posts.models import AuthorName, Post, SearchText
from luister.posts.queries.archive import PAGE, search
from luister.query import Moment, parse

NETWORKS = ("x", "facebook", "email", "news", "forum")
SEED = 7
ONE_BY_ONE = 500  # posts whose indexing is timed
AT_ONCE = 2_500  # posts
PLAIN_SECONDS = 3  # PostgreSQL's own search is given as long as ours
WRITERS = int(os.environ.get("BENCH_WRITERS", 0)) or os.cpu_count()
LABELS, CASES = 10, 20_000
YEARS = 5  # each post of the first is said again in the others: making every row in Python would take an hour


@dataclass(frozen=True, slots=True)
class Town:
    """What was built."""

    count: int
    member: Membership
    words: town.Vocabulary
    people: town.Crowd
    seconds: Mapping[str, float]


def build(count: int, *, progress: Callable[[int], None]) -> Town:
    """Fill the empty database."""
    dice = random.Random(SEED)
    words = town.vocabulary(dice)
    people = town.crowd(dice, size=max(100, count // 10), words=words)
    workspace = Workspace.objects.create(slug="stad", name="Stad")
    user = User.objects.create(email="bench@luister.example", name="Bench")
    member = Membership.objects.create(workspace=workspace, user=user, role="administrator")
    authors = _authors(workspace, people)
    channels = [
        Channel.objects.create(
            workspace=workspace, kind=network, network=network, name=network, handle=network, publicness="both",
            state_since=utc_now(),
        )
        for network in NETWORKS
    ]  # fmt: skip
    began = time.perf_counter()
    indexes = _without_indexes(SearchText)
    _write_all(_Plan(count, words, workspace, authors, channels), progress=progress)
    _repeat(count, progress=progress)
    seconds = {"rows": time.perf_counter() - began}
    for index in indexes:
        began = time.perf_counter()
        with connection.schema_editor() as editor, connection.cursor() as cursor:
            cursor.execute("SET maintenance_work_mem = '256MB'")
            editor.add_index(SearchText, index)
        seconds[index.name] = time.perf_counter() - began
    _label(workspace, channels[0], authors[0], count)
    _plain_search()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return Town(count, member, words, people, seconds)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the processes that write have to know."""

    count: int
    words: town.Vocabulary
    workspace: Workspace
    authors: list[Identity]
    channels: list[Channel]


def _authors(workspace: Workspace, people: town.Crowd) -> list[Identity]:
    pairs = list(zip(people.handles, people.names, strict=True))
    contacts = Contact.objects.bulk_create(
        [Contact(workspace=workspace, name=name, created_at=town.EPOCH) for _, name in pairs], batch_size=5_000
    )
    identities = [
        Identity(workspace=workspace, contact=contact, kind="x", external_id=handle, handle=handle, name=name,
                 created_at=town.EPOCH)
        for contact, (handle, name) in zip(contacts, pairs, strict=True)
    ]  # fmt: skip
    made = Identity.objects.bulk_create(identities, batch_size=5_000)
    AuthorName.objects.bulk_create([store.author_name(identity) for identity in made], batch_size=5_000)
    return made


def _meta(model: type[models.Model]) -> Any:
    return model._meta  # noqa: SLF001 - which Django documents


def _without_indexes(model: type[models.Model]) -> list[models.Index]:
    """Take a table's indexes away, which are built faster once it is full."""
    with connection.schema_editor() as editor:
        for index in _meta(model).indexes:
            editor.remove_index(model, index)
    return list(_meta(model).indexes)


def _write_all(plan: _Plan, *, progress: Callable[[int], None]) -> None:
    """Write all posts, some thousands at a time, in as many processes as there are processors."""
    connection.close()
    # A forked process inherits what it is given here; nothing is copied.
    with multiprocessing.get_context("fork").Pool(WRITERS, initializer=_remember, initargs=(plan,)) as pool:
        done = 0
        for written in pool.imap(_write, range(0, plan.count // YEARS, AT_ONCE)):
            done += written
            progress(done)


def _repeat(count: int, *, progress: Callable[[int], None]) -> None:
    """Have the posts of the first year said again in each of the others, by the database itself."""
    year = count // YEARS
    changes = {"id": "id + {0}", "post_id": "post_id + {0}", "external_id": "(id + {0})::text"}
    changes |= dict.fromkeys(("posted_at", "received_at"), "{{name}} + {1} * interval '{2} days'")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # what the rows refer to is known to be there
    for number in range(1, YEARS):
        for model in (Post, SearchText):
            columns = [field.column for field in _meta(model).concrete_fields]
            said = [changes.get(name, "{{name}}").format(number * year, number, town.DAYS / YEARS) for name in columns]
            quoted = [f'"{name}"' for name in columns]
            values = [text.format(name=name) for text, name in zip(said, quoted, strict=True)]
            key = quoted[0]
            with connection.cursor() as cursor:
                cursor.execute(
                    f'INSERT INTO "{_meta(model).db_table}" ({", ".join(quoted)}) SELECT {", ".join(values)}'
                    f' FROM "{_meta(model).db_table}" WHERE {key} <= {year} ORDER BY {key}'
                )
        progress((number + 1) * year)
    with connection.cursor() as cursor:
        cursor.execute("RESET session_replication_role")
        cursor.execute("SELECT setval(pg_get_serial_sequence('posts_post', 'id'), max(id)) FROM posts_post")


def _remember(plan: _Plan) -> None:
    global _plan
    _plan = plan


def _write(start: int) -> int:
    plan = _plan
    dice = random.Random(start)
    numbers = range(start, min(start + AT_ONCE, plan.count // YEARS))
    posts = [
        _post(number + 1, town.post(dice, number / plan.count, plan.words, len(plan.authors), len(plan.channels)), plan)
        for number in numbers
    ]
    _copy(Post, posts)
    _copy(SearchText, [store.row(post, media=0) for post in posts])
    return len(posts)


def _post(number: int, fields: dict[str, Any], plan: _Plan) -> Post:
    author, channel, is_edited = (fields.pop(name) for name in ("author", "channel", "is_edited"))
    at = fields["posted_at"]
    return Post(
        id=number,
        workspace=plan.workspace,
        author=None if author < 0 else plan.authors[author],
        channel=plan.channels[channel],
        external_id=str(number),
        direction="out" if author < 0 else "in",
        received_at=at,
        edited_at=at if is_edited else None,
        **fields,
    )


def _copy(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    fields = _meta(model).concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    names = [(field.attname, isinstance(field, models.JSONField)) for field in fields]
    with connection.cursor() as cursor, cursor.copy(f'COPY "{_meta(model).db_table}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            values = [(getattr(row, name), is_json) for name, is_json in names]
            copy.write_row([Jsonb(value) if is_json else value for value, is_json in values])


def _label(workspace: Workspace, channel: Channel, author: Identity, count: int) -> None:
    """Give some posts a case with a label each."""
    labels = Label.objects.bulk_create([Label(workspace=workspace, name=f"etiket{number}") for number in range(LABELS)])
    picked = range(1, count, max(1, count // CASES))
    now = utc_now()
    cases = Case.objects.bulk_create(
        [
            Case(workspace=workspace, number=number, channel=channel, contact=author.contact, identity=author,
                 subject="", is_public=True, last_post_at=now, opened_at=now, state_since=now)
            for number in picked
        ]
    )  # fmt: skip
    CasePost.objects.bulk_create(
        [CasePost(case=case, post_id=number, version=1) for case, number in zip(cases, picked, strict=True)]
    )
    CaseLabel.objects.bulk_create(
        [CaseLabel(case=case, label=labels[number % LABELS]) for number, case in enumerate(cases)]
    )


def _plain_search() -> None:
    """Build what PostgreSQL's own search needs for the same posts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_plain AS SELECT id AS post_id, workspace_id, posted_at,"
            " to_tsvector('simple', subject || ' ' || text) AS said FROM posts_post"
        )
        cursor.execute("CREATE INDEX ON bench_plain USING gin (said)")
        cursor.execute("CREATE INDEX ON bench_plain (workspace_id, posted_at DESC, post_id DESC)")


@dataclass(frozen=True, slots=True)
class Measured:
    """One search: how long it took, how long processors were at work for it, and how many posts its page has."""

    wall_ms: float
    cpu_ms: float
    hits: int


def search_for(query: str, built: Town, *, by_relevance: bool) -> Measured:
    """Search as the archive's screen does, from the text of the query."""

    def run() -> int:
        moment = Moment(utc_now(), UTC)
        labels = PostLabels(built.member)
        return len(
            search(parse(query), member=built.member, moment=moment, labels=labels, by_relevance=by_relevance).hits
        )

    return _measured(run)


def plain_search(tsquery: str, built: Town, *, by_relevance: bool) -> Measured:
    """Ask PostgreSQL's own search for the same page, and read its rows."""
    order = "ts_rank(said, %(query)s::tsquery) DESC, " if by_relevance else ""

    def run() -> int:
        with connection.cursor() as cursor, suppress(OperationalError):  # time is up
            cursor.execute(
                "SELECT post.* FROM bench_plain JOIN posts_post post ON post.id = post_id"
                " WHERE bench_plain.workspace_id = %(workspace)s AND said @@ %(query)s::tsquery"
                f" ORDER BY {order} bench_plain.posted_at DESC, post_id DESC LIMIT {PAGE}",
                {"workspace": built.member.workspace_id, "query": tsquery},
            )
            return len(cursor.fetchall())
        return 0

    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {PLAIN_SECONDS * 1000}")
    try:
        return _measured(run)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")


def prepare_session() -> None:
    """Have the database do all work in the one process whose time is measured."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")


def _measured(run: Callable[[], int]) -> Measured:
    connection.ensure_connection()
    # The clock of another process, as clock_getcpuclockid(3) names it.
    server = (~connection.connection.info.backend_pid << 3) | 2
    began, cpu_began, server_began = time.perf_counter(), time.process_time(), time.clock_gettime(server)
    hits = run()
    cpu = time.process_time() - cpu_began + time.clock_gettime(server) - server_began
    return Measured(1000 * (time.perf_counter() - began), 1000 * cpu, hits)


def sizes(built: Town) -> str:
    """Say how large the index is and what writing it costs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_table_size(oid) FROM pg_class WHERE relname IN ('posts_post', 'posts_search')"
            " UNION ALL SELECT indexrelname, pg_relation_size(indexrelid) FROM pg_stat_user_indexes"
            " WHERE relname = 'posts_search' OR indexrelname LIKE 'bench_plain_said%'"
        )
        lines = [
            f"{name}: {size / 2**20:,.0f} MB, {size / built.count:,.0f} bytes a post"
            + (f", built in {built.seconds[name]:,.0f} s" if name in built.seconds else "")
            for name, size in sorted(cursor.fetchall())
        ]
    return "\n".join([*lines, f"Rows written in {built.seconds['rows']:,.0f} s.", _one_by_one()])


def _one_by_one() -> str:
    posts = list(Post.objects.select_related("author", "channel").order_by("-pk")[:ONE_BY_ONE])
    SearchText.objects.filter(post__in=posts).delete()
    began = time.perf_counter()
    for post in posts:
        store.index_post(post)
    each = 1000 * (time.perf_counter() - began) / len(posts)
    began = time.perf_counter()
    for post in posts:
        store.row(post, media=0)
    alone = 1000 * (time.perf_counter() - began) / len(posts)
    return f"Indexing one post, with its statements: {each:.2f} ms, of which making its row {alone:.2f} ms."

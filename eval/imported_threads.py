"""Threads of customer support on Twitter, imported: each tweet stored once, a case for each thread and customer, turns
in order, and first responses as an independent computation has them.

Data: FOLDER/en_support_threads/twcs.csv.gz. Runs on a database of its own, which is gone afterwards.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from eval.databases import empty_database
from eval.figures import Figure, MissingDataError

NOW = datetime(2026, 11, 1, tzinfo=UTC)
Key = tuple[str, str]  # thread, customer


@dataclass(frozen=True, slots=True)
class Expected:
    """What the file says, by pandas."""

    tweets: int
    threads: int
    without_customer: int
    several_customers: int
    outbound: int
    order: Mapping[str, list[datetime]]  # thread → the moments of its turns
    responses: Mapping[Key, timedelta | None]


def run(data_folder: Path) -> list[Figure]:
    """Import the file twice and hold what is stored against the file.

    Raises:
        MissingDataError: the file is not there.
    """
    file = data_folder / "en_support_threads" / "twcs.csv.gz"
    if not file.exists():
        raise MissingDataError(str(file))
    expected = expect(pd.read_csv(file, dtype=str, keep_default_na=False))
    with empty_database():
        began = time.perf_counter()
        _import(file)
        seconds = time.perf_counter() - began
        first = _rows()
        figures = [*_stored(expected), *_responses(expected), *_silence()]
        _import(file)
        again = _rows()
    changed = {name.split(" ")[0] for name in (first - again) | (again - first)}
    return [
        *figures,
        Figure("tables that importing again changes", str(len(changed)), failed=tuple(sorted(changed))),
        Figure("time for the import", f"{seconds:.0f} s"),
    ]


def expect(tweets: pd.DataFrame) -> Expected:
    """Compute what should be there from the file alone."""
    tweets = tweets.assign(
        at=pd.to_datetime(tweets.created_at, format="%a %b %d %H:%M:%S %z %Y", utc=True),
        theirs=tweets.inbound == "True",
    )
    inbound, outbound = tweets[tweets.theirs], tweets[~tweets.theirs]
    began = inbound.groupby(["thread", "author_id"])["at"].min().rename("began").reset_index()
    after = began.merge(outbound[["thread", "at"]], on="thread")
    after = after[after["at"] > after.began]
    first = after.groupby(["thread", "author_id"])["at"].min()
    responses = {
        (row.thread, row.author_id): (first[row.thread, row.author_id] - row.began).to_pytimedelta()
        if (row.thread, row.author_id) in first.index
        else None
        for row in began.itertuples()
    }
    customers = began.groupby("thread").size()
    ordered = tweets.sort_values("at", kind="stable").groupby("thread")["at"]
    return Expected(
        tweets=tweets.tweet_id.nunique(),
        threads=tweets.thread.nunique(),
        without_customer=tweets.thread.nunique() - len(customers),
        several_customers=int((customers > 1).sum()),
        outbound=len(outbound),
        order={thread: [at.to_pydatetime() for at in moments] for thread, moments in ordered},
        responses=responses,
    )


def _import(file: Path) -> None:
    from luister.accounts.models import Workspace  # noqa: PLC0415 - needs Django set up
    from luister.imports import actions  # noqa: PLC0415 - needs Django set up

    workspace, _ = Workspace.objects.get_or_create(slug="eval", defaults={"name": "Evaluation"})
    batch = actions.receive(file.name, [file.read_bytes()], workspace=workspace, by=None, now=NOW)
    actions.start(batch.pk, workspace=workspace, by=None, now=NOW, here=True)
    with actions.Runner(batch.pk) as runner:
        while runner.step(now=NOW):
            pass


def _rows() -> Counter[str]:
    from luister.channels.models import Channel  # noqa: PLC0415 - needs Django set up
    from luister.events.models import Event  # noqa: PLC0415 - needs Django set up
    from luister.inbox.models import Case, CasePost  # noqa: PLC0415 - needs Django set up
    from luister.people.models import Contact, Identity  # noqa: PLC0415 - needs Django set up
    from luister.posts.models import Post  # noqa: PLC0415 - needs Django set up

    models = (Channel, Post, Contact, Identity, Case, CasePost, Event)
    return Counter({f"{model.__name__} {row}": 1 for model in models for row in model.objects.values_list()})


def _stored(expected: Expected) -> Iterator[Figure]:
    from luister.channels.models import Channel  # noqa: PLC0415 - needs Django set up
    from luister.inbox.models import Case, CasePost  # noqa: PLC0415 - needs Django set up
    from luister.posts.models import Post  # noqa: PLC0415 - needs Django set up

    ids = Post.objects.values_list("external_id", flat=True)
    yield _same("tweets", len(ids), expected.tweets)
    yield _same("  stored once each", len(set(ids)), expected.tweets)
    yield _same("threads", Post.objects.values("thread_external_id").distinct().count(), expected.threads)
    yield Figure("  without a customer", str(expected.without_customer))
    yield Figure("  with several customers", str(expected.several_customers))
    yield _same("cases, one a thread and customer", Case.objects.count(), len(expected.responses))
    yield Figure("channels, one a brand", str(Channel.objects.count()))
    yield _same("outbound tweets", Post.objects.filter(direction="out").count(), expected.outbound)
    own = CasePost.objects.filter(is_context=False, post__direction="out").count()
    yield Figure("  replies in a case", str(own))
    yield Figure("  to everyone, or where no customer spoke: context only", str(expected.outbound - own))
    turns: dict[str, list[datetime]] = {}
    parents = {}
    for post in Post.objects.order_by("posted_at", "id").values("id", "thread_external_id", "posted_at", "parent_id"):
        turns.setdefault(post["thread_external_id"], []).append(post["posted_at"])
        if post["parent_id"]:
            parents[post["id"]] = post["parent_id"]
    wrong = [f"the turns of thread {thread}" for thread, order in expected.order.items() if turns.get(thread) != order]
    yield Figure("threads with their turns in order", str(len(expected.order) - len(wrong)), failed=tuple(wrong))
    late = [f"post {post} stands before what it answers" for post, parent in parents.items() if parent > post]
    yield Figure(
        "  answers of the same second after what they answer", str(len(parents) - len(late)), failed=tuple(late)
    )


def _responses(expected: Expected) -> Iterator[Figure]:
    """First response: the first outbound tweet of a case's thread after the case's first inbound one."""
    from luister.inbox.models import CasePost  # noqa: PLC0415 - needs Django set up

    began: dict[Key, datetime] = {}
    answers: dict[Key, list[datetime]] = {}
    own: Counter[Key] = Counter()
    links = CasePost.objects.order_by("post__posted_at").values_list(
        "case__thread_external_id", "case__identity__external_id", "is_context", "post__direction", "post__posted_at"
    )
    for thread, customer, is_context, direction, at in links:
        if direction == "in" and not is_context:
            began.setdefault((thread, customer), at)
        elif direction == "out":
            answers.setdefault((thread, customer), []).append(at)
            own[thread, customer] += not is_context
    found = {key: next((at - since for at in answers.get(key, ()) if at > since), None) for key, since in began.items()}
    wrong = [
        f"first response of {key}: {found.get(key)}, should be {value}"
        for key, value in expected.responses.items()
        if key not in found or found[key] != value
    ]
    answered = sorted(value for value in found.values() if value is not None)
    yield Figure(
        "first responses equal to pandas'", str(len(expected.responses) - len(wrong)), failed=tuple(wrong[:20])
    )
    yield Figure("  cases with a first response", str(len(answered)))
    yield Figure("  cases without", str(len(found) - len(answered)))
    yield Figure("  cases with a reply of their own", str(sum(count > 0 for count in own.values())))
    if answered:
        yield Figure("  median", f"{answered[len(answered) // 2].total_seconds() / 60:.0f} min")


def _silence() -> Iterator[Figure]:
    from luister.delivery.models import Outgoing  # noqa: PLC0415 - needs Django set up
    from luister.inbox.models import Notification  # noqa: PLC0415 - needs Django set up

    yield _same("posts to send", Outgoing.objects.count(), 0)
    yield _same("notifications", Notification.objects.count(), 0)


def _same(name: str, found: int, expected: int) -> Figure:
    return Figure(name, f"{found:,}", failed=() if found == expected else (f"{name}: {found}, should be {expected}",))

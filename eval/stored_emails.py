"""Real mails through the whole intake: stored as a post or in the bin with a reason, and twice in is once stored.

Data: as for `emails`. Runs on a database of its own, which is gone afterwards.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from eval.databases import empty_database
from eval.emails import read_mails
from eval.figures import Figure, MissingDataError
from luister.base.connector import Fetched, RawItem

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def run(data_folder: Path) -> list[Figure]:
    """Take every mail in, take it in again under another key, and count what is stored.

    Raises:
        MissingDataError: there are no archives with mails.
    """
    mails = list(read_mails(data_folder))
    if not mails:
        raise MissingDataError(f"{data_folder}/emails/*.tar.gz")
    with _empty_desk() as channel_id:
        began = time.perf_counter()
        _take_in(channel_id, _items(mails, prefix="first"))
        seconds = time.perf_counter() - began
        first = _counts(channel_id)
        _take_in(channel_id, _items(mails, prefix="first"))
        _take_in(channel_id, _items(mails, prefix="again"))
        again = _counts(channel_id)
    return _figures(len(mails), first, again, seconds)


def _items(mails: Sequence[tuple[str, bytes]], *, prefix: str) -> list[RawItem]:
    return [RawItem(f"{prefix}-{hashlib.sha256(content).hexdigest()}", content, NOW) for _, content in mails]


@contextmanager
def _empty_desk() -> Iterator[int]:
    """Give a channel in a workspace on a database that lasts as long as this."""
    with empty_database():
        yield _set_up()


def _set_up() -> int:
    """Return the channel."""
    from luister.accounts.models import Workspace  # noqa: PLC0415 - needs Django set up
    from luister.channels.models import Channel  # noqa: PLC0415 - needs Django set up

    workspace = Workspace.objects.create(slug="eval", name="Evaluation")
    settings = {"address": "service@luister.example"}
    channel = Channel.objects.create(
        workspace=workspace,
        kind="email",
        network="email",
        name="Mail",
        handle="service@luister.example",
        publicness="private",
        settings=settings,
        state_since=NOW,
    )
    return channel.pk


def _take_in(channel_id: int, items: Sequence[RawItem]) -> None:
    from luister.delivery.actions import process_raw, store_fetched  # noqa: PLC0415 - needs Django set up
    from luister.delivery.models import RawItem as Row  # noqa: PLC0415 - needs Django set up
    from luister.pipeline.actions import run as pass_through  # noqa: PLC0415 - needs Django set up
    from luister.posts.models import Post  # noqa: PLC0415 - needs Django set up

    store_fetched(channel_id, Fetched(tuple(items), {}), now=NOW)
    for raw_id in Row.objects.filter(channel_id=channel_id, state="new").order_by("id").values_list("id", flat=True):
        process_raw([raw_id], now=NOW)
    for post_id in Post.objects.filter(channel_id=channel_id).order_by("id").values_list("id", flat=True):
        pass_through(post_id, now=NOW)


def _counts(channel_id: int) -> Counter[str]:
    from luister.delivery.models import RawItem as Row  # noqa: PLC0415 - needs Django set up
    from luister.inbox.models import Case  # noqa: PLC0415 - needs Django set up
    from luister.posts.models import Attachment, Post  # noqa: PLC0415 - needs Django set up

    raw = Row.objects.filter(channel_id=channel_id)
    found = Counter(f"raw {state}" for state in raw.values_list("state", flat=True))
    reasons = raw.filter(state="unprocessable").values_list("reason_code", flat=True)
    found.update(f"bin {code or '(no reason)'}" for code in reasons)
    found["posts"] = Post.objects.filter(channel_id=channel_id).count()
    found["cases"] = Case.objects.filter(channel_id=channel_id).count()
    found["attachments"] = Attachment.objects.filter(post__channel_id=channel_id).count()
    return found


def _figures(mails: int, first: Counter[str], again: Counter[str], seconds: float) -> list[Figure]:
    settled = first["raw processed"] + first["raw unprocessable"]
    different = {name for name in ("posts", "cases", "attachments") if first[name] != again[name]}
    unexplained = ("a mail in the bin has no reason",) if first["bin (no reason)"] else ()
    waiting = ("some mails were neither stored nor put into the bin",) if first["raw new"] else ()
    doubled = tuple(
        f"{name}: {first[name]} at first, {again[name]} after the second time" for name in sorted(different)
    )
    return [
        Figure("mails", str(mails)),
        Figure("different files settled", str(settled), failed=waiting),
        Figure("posts", str(first["posts"])),
        Figure("copies of a mail that is stored", str(first["raw processed"] - first["posts"])),
        Figure("attachments", str(first["attachments"])),
        Figure("cases", str(first["cases"])),
        Figure("in the bin", str(first["raw unprocessable"]), failed=unexplained),
        *(Figure(f"  {name.removeprefix('bin ')}", str(count)) for name, count in first.items() if name[:4] == "bin "),
        Figure("more after the second and third time", str(len(different)), failed=doubled),
        Figure("time a mail, stored and threaded", f"{seconds / mails * 1000:.0f} ms"),
    ]

"""Real feeds through the whole intake: every entry is stored as a post or refused with a reason, and twice in is once.

Data: an archive with feeds in `feeds/*.tar.gz`, and single ones beside it in `../payloads/feeds`, where there are any.
Runs on a database of its own, which is gone afterwards.
"""

import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx

from eval.databases import empty_database
from eval.figures import Figure, MissingDataError
from luister.base.connector import Account, Fetched
from luister.base.errors import ConnectorError
from luister.connectors.feed import FeedConnector
from luister.connectors.feed.documents import read

NOW = datetime(2026, 11, 1, tzinfo=UTC)
_ENTRY = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>/]")


def run(data_folder: Path) -> list[Figure]:
    """Read every file as a feed of its own, take its entries in twice, and count what became of them.

    Raises:
        MissingDataError: there are no feeds.
    """
    files = list(_files(data_folder))
    if not files:
        raise MissingDataError(f"{data_folder}/feeds/*.tar.gz")
    with empty_database():
        workspace_id = _workspace()
        found = Counter[str]()
        for number, (name, content) in enumerate(files):
            found += _take_in(workspace_id, number, name, content)
        again = Counter[str]()
        for number, (name, content) in enumerate(files):
            again += _take_in(workspace_id, number, name, content)
    return _figures(len(files), found, again)


def _files(data_folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of every XML and JSON file."""
    for archive in sorted((data_folder / "feeds").glob("*.tar.gz")):
        with tarfile.open(archive) as opened:
            for member in opened:
                extracted = opened.extractfile(member) if member.name.endswith((".xml", ".json")) else None
                if extracted is not None:
                    yield member.name, extracted.read()
    for path in sorted((data_folder.parent / "payloads" / "feeds").glob("*.*")):
        if path.suffix in {".xml", ".json"}:
            yield path.name, path.read_bytes()


def _workspace() -> int:
    from luister.accounts.models import Workspace  # noqa: PLC0415 - needs Django set up

    return Workspace.objects.create(slug="eval", name="Evaluation").pk


def _take_in(workspace_id: int, number: int, name: str, content: bytes) -> Counter[str]:
    """Return what became of a file's entries."""
    from luister.channels.models import Channel  # noqa: PLC0415 - needs Django set up
    from luister.delivery.actions import process_raw, store_fetched  # noqa: PLC0415 - needs Django set up
    from luister.delivery.models import RawItem as Row  # noqa: PLC0415 - needs Django set up
    from luister.posts.models import Post  # noqa: PLC0415 - needs Django set up

    address = f"https://eval.example/{number}"
    channel, _ = Channel.objects.get_or_create(
        workspace_id=workspace_id,
        kind="feed",
        handle=address,
        defaults={"network": "web", "name": name[:80], "publicness": "public", "state_since": NOW},
    )
    try:
        fetched = _fetch(address, content)
    except ConnectorError as error:
        return Counter({f"file {error.reason.code}": 1, "entries in refused files": _entries_of(content)})
    total = read(content, headers={}, host="eval.example", is_cut=False).total
    store_fetched(channel.pk, fetched, now=NOW)
    process_raw(list(Row.objects.filter(channel=channel, state="new").values_list("pk", flat=True)), now=NOW)
    rows = Row.objects.filter(channel=channel)
    found = Counter(
        f"refused {code}" for code in rows.filter(state="unprocessable").values_list("reason_code", flat=True)
    )
    found["files read"], found["entries"] = 1, total
    found["posts"] = Post.objects.filter(channel=channel).count()
    found["copies within a file"] = total - len(fetched.items)
    found["missing"] = len(fetched.items) - found["posts"] - rows.filter(state="unprocessable").count()
    found["miscounted"] = abs(total - _entries_of(content))
    return found


def _fetch(address: str, content: bytes) -> Fetched:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=httpx.ByteStream(content))

    connector = FeedConnector(transport=httpx.MockTransport(answer), clock=lambda: NOW)
    return connector.fetch(Account(0, address, {"address": address}, {}), {})


def _entries_of(content: bytes) -> int:
    """Count entries in another way than the connector does, as a check of its count."""
    if content.lstrip().startswith(b"{"):
        return len(json.loads(content).get("items", []))
    bare = re.sub(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", b"", content, flags=re.DOTALL)
    return len(_ENTRY.findall(bare))


def _figures(files: int, found: Counter[str], again: Counter[str]) -> list[Figure]:
    missing = ("an entry was neither stored nor refused",) if found["missing"] else ()
    miscounted = ("entries were not seen",) if found["miscounted"] else ()
    doubled = ("the second time changed what is stored",) if found != again else ()
    unexplained = ("an entry was refused without a reason",) if found["refused "] else ()
    return [
        Figure("files", str(files)),
        Figure("read as a feed", str(found["files read"])),
        *_counted(found, "file "),
        Figure("entries in what was read", str(found["entries"]), failed=miscounted),
        Figure("posts", str(found["posts"]), failed=missing),
        Figure("copies of an entry of the same file", str(found["copies within a file"])),
        Figure("entries refused", str(sum(_of(found, "refused ").values())), failed=unexplained),
        *_counted(found, "refused "),
        Figure("entries in refused files", str(found["entries in refused files"])),
        Figure("different after the second time", "yes" if doubled else "no", failed=doubled),
    ]


def _of(found: Counter[str], prefix: str) -> Counter[str]:
    return Counter({name.removeprefix(prefix): count for name, count in found.items() if name.startswith(prefix)})


def _counted(found: Counter[str], prefix: str) -> Sequence[Figure]:
    return [Figure(f"  {prefix}{name}", str(count)) for name, count in sorted(_of(found, prefix).items())]

"""Real mails: each becomes a post or lands in the bin with a reason; none raises anything else.

Data: FOLDER/emails/*.tar.gz, of which the files ending in .eml, .box or .mbox are read, and those without an ending
that begin like a mail.
"""

import re
import statistics
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from eval.figures import Figure, MissingDataError
from luister import connectors
from luister.base.connector import Account, RawItem
from luister.base.errors import UnprocessableError
from luister.base.posts import InboundPost

RECEIVED_AT = datetime(2026, 11, 1, tzinfo=UTC)
ACCOUNT = Account(1, "service@luister.example", {"address": "service@luister.example"}, {})

_BEGINS_LIKE_A_MAIL = re.compile(rb"(?:>?From [^\n]*\n)?[A-Za-z][A-Za-z0-9-]{1,40}:[ \t]")
_NEXT_IN_BOX = re.compile(rb"(?m)^From [^\n]*\d{4}[^\n]*\n")


def run(data_folder: Path) -> list[Figure]:
    """Read every mail and count what became of it.

    Raises:
        MissingDataError: there are no archives with mails.
    """
    posts: list[InboundPost] = []
    bin_: Counter[str] = Counter()
    raised: list[str] = []
    seconds: list[float] = []
    connector = connectors.get("email")
    for name, content in read_mails(data_folder):
        began = time.perf_counter()
        try:
            posts.extend(connector.parse(ACCOUNT, RawItem(name, content, RECEIVED_AT)))
        except UnprocessableError as error:
            bin_[error.reason.code] += 1
        except Exception as error:  # noqa: BLE001  # that there is none is what is measured
            raised.append(f"{name}: {error!r}")
        seconds.append(time.perf_counter() - began)
    if not seconds:
        raise MissingDataError(f"{data_folder}/emails/*.tar.gz")
    return _figures(posts, bin_, raised, seconds)


def read_mails(data_folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each mail in the archives."""
    for archive in sorted((data_folder / "emails").glob("*.tar.gz")):
        with tarfile.open(archive) as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isfile() else None
                if file is not None:
                    yield from _mails_in(member.name, file.read())


def _mails_in(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    ending = Path(name).suffix.lower()
    if ending == ".eml" or (not ending and _BEGINS_LIKE_A_MAIL.match(content)):
        yield name, content
    elif ending in (".box", ".mbox"):
        for number, mail in enumerate(_NEXT_IN_BOX.split(content)[1:] or [content]):
            yield f"{name}#{number}", mail


def _figures(posts: list[InboundPost], bin_: Counter[str], raised: list[str], seconds: list[float]) -> list[Figure]:
    kinds = Counter(post.automatic.value if post.automatic else "written by a person" for post in posts)
    notices = Counter(notice.code for post in posts for notice in post.notices)
    folded = sum(bool(post.quoted_text) for post in posts)
    return [
        Figure("mails", str(len(seconds))),
        Figure("posts", str(len(posts))),
        *(Figure(f"  {kind}", str(count)) for kind, count in kinds.most_common()),
        Figure("in the bin", str(bin_.total())),
        *(Figure(f"  {code}", str(count)) for code, count in bin_.most_common()),
        Figure("raised something else", str(len(raised)), failed=tuple(raised)),
        Figure("with something folded away", str(folded)),
        *(Figure(f"  notice {code}", str(count)) for code, count in notices.most_common()),
        Figure("time a mail, median", f"{statistics.median(seconds) * 1000:.1f} ms"),
        Figure("time a mail, slowest", f"{max(seconds) * 1000:.0f} ms"),
    ]

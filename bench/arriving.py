"""What `bench.arrivals` runs: programs that hand posts in one by one, and repeat what was not answered.

Each conversation is handed in by one program, its posts in turn, as a network calls a webhook. What was answered with
2xx is then compared with what is stored, and conversations with cases.
"""

import json
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection

from bench import rolled
from bench.asking import Asker, Asking
from bench.farm import Farm
from bench.flooding.desk import through
from bench.outage import until
from luister.accounts.enums import Role
from luister.accounts.models import Membership, User, Workspace
from luister.api.actions import tokens
from luister.base.clock import utc_now
from luister.channels.actions import NewChannel, connect
from luister.channels.models import Channel
from luister.inbox.models import CasePost
from luister.posts.models import Post

LENGTH = 2  # posts of a conversation


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is handed in, by how many programs, and what happens meanwhile."""

    posts: int
    kills: int  # of a web process, with another that goes on
    crashes: int  # of the database
    programs: int = 16
    posts_a_second: float = 100.0
    webs: int = 2
    workers: int = 1
    patience_seconds: float = 1800.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    accepted: int
    kills: int
    crashes: int
    cut: int
    refused: int
    again: int
    missing: int
    doubled: int
    conversations: int
    torn: int  # conversations that are not one case with all their posts
    rate: float  # posts accepted in a second
    drained_seconds: float
    seconds: float
    unclear: list[str] = field(default_factory=list)


def run(plan: Plan, crash: Callable[[], None], *, database_url: str, home: str) -> Outcome:
    """Have everything handed in while web processes are killed in turn, and return what came of it."""
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="luister-arrivals-")))
        env = {"DATABASE_URL": database_url, "LUISTER_HOME": home, "LUISTER_LOG_LEVEL": "WARNING"}
        env |= {"LUISTER_API_REQUESTS_A_MINUTE": "1000000", "LUISTER_RETRY_SECONDS": "0.5"}
        webs = rolled.Webs(env, folder / "web.log")
        stack.callback(webs.stop)
        farm = stack.enter_context(Farm(sending=1, env=env, log=folder / "workers.log"))
        for _ in range(plan.workers):
            farm.spawn()
        for _ in range(plan.webs):
            webs.start()
        askers = [
            stack.enter_context(Asker(webs.port, askings, pause=plan.programs / plan.posts_a_second))
            for askings in _programs(plan)
        ]
        kills = _wreak(plan, webs, crash, askers)
        until(lambda: all(one.is_done for one in askers), "all is handed in", seconds=plan.patience_seconds)
        answered_at = time.monotonic()
        until(lambda: through() >= plan.posts, "all is through", seconds=plan.patience_seconds)
        drained = time.monotonic() - answered_at
    heard = [one.heard for one in askers]
    accepted = [name for one in heard for name in one.confirmed]
    stored = Counter(Post.objects.values_list("external_id", flat=True))
    return Outcome(
        accepted=len(accepted), kills=kills[0], crashes=kills[1],
        cut=sum(one.cut for one in heard), refused=sum(one.refused for one in heard),
        again=sum(one.cut + one.refused + len(one.unclear) for one in heard),
        missing=sum(name not in stored for name in accepted), doubled=sum(count > 1 for count in stored.values()),
        conversations=plan.posts // LENGTH, torn=_torn(plan.posts // LENGTH),
        rate=len(accepted) / (answered_at - began), drained_seconds=drained, seconds=time.monotonic() - began,
        unclear=[line for one in heard for line in one.unclear],
    )  # fmt: skip


def _programs(plan: Plan) -> Iterator[Iterator[Asking]]:
    """Yield what each program hands in, with a token of its own."""
    now = utc_now()
    workspace = Workspace.objects.create(slug="aankomst", name="Aankomst")
    new = NewChannel("api", "Programma's", "app", "public", settings={"handle": "app"}, secrets={})
    channel = connect(new, workspace=workspace, by=None, now=now)
    user = User.objects.create(email="beheer@example.nl", name="Beheer")
    member = Membership.objects.create(workspace=workspace, user=user, role=Role.ADMINISTRATOR)
    for number in range(plan.programs):
        made = tokens.make(f"p{number}", member=member, scopes=["posts:write"], expires_at=None, by=None, now=now)[1]
        yield _handed_in(range(number, plan.posts // LENGTH, plan.programs), channel, token=made)


def _handed_in(conversations: range, channel: Channel, *, token: str) -> Iterator[Asking]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for conversation in conversations:
        for place in range(LENGTH):
            name = f"{conversation}-{place}"
            body = json.dumps({"channel_id": channel.pk, "posts": [_post(conversation, place, name)]})
            yield Asking("POST", "/api/v1/posts", headers | {"Idempotency-Key": name}, body=body, name=name)


def _post(conversation: int, place: int, name: str) -> Mapping[str, object]:
    root = f"{conversation}-0"
    author = {"external_id": f"a{conversation}", "name": "Iemand", "handle": f"iemand_{conversation}"}
    post = {"external_id": name, "text": f"Waar blijft mijn pakket {conversation}? ({place})", "author": author}
    if place:
        post |= {"kind": "reply", "parent_external_id": root, "thread_external_id": root}
    return post


def _wreak(plan: Plan, webs: rolled.Webs, crash: Callable[[], None], askers: list[Asker]) -> tuple[int, int]:
    """Kill, spread over all that is handed in, and return how often a web process and the database were killed."""
    kills = crashes = 0
    for turn in range(plan.kills):
        share = (turn + 0.5) / plan.kills * plan.posts

        def is_time(share: float = share) -> bool:
            return sum(len(one.heard.confirmed) for one in askers) >= share

        until(is_time, "so many are handed in", seconds=plan.patience_seconds)
        webs.restart_oldest(by=signal.SIGKILL)
        kills += 1
        if (turn + 1) * plan.crashes // plan.kills > crashes:
            crash()
            connection.close()
            crashes += 1
    return kills, crashes


def _torn(conversations: int) -> int:
    """Return how many conversations are not one case with all their posts."""
    found = CasePost.objects.filter(is_context=False).values_list("case_id", "post__external_id")
    cases: dict[str, Counter[int]] = {}
    for case, name in found:
        cases.setdefault(name.partition("-")[0], Counter())[case] += 1
    whole = sum(list(counts.values()) == [LENGTH] for counts in cases.values())
    return conversations - whole

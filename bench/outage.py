"""What `bench.outages` runs: a desk at work whose database is stopped, killed and cut off.

Customers write, programs hand in posts, people answer cases and look at pages, screens listen. What was confirmed to
them is then compared with what is stored, and with what arrived at the network.
"""

import itertools
import json
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError

from django.conf import settings
from django.db import Error, connection

from bench import rolled
from bench.asking import Asker, Asking
from bench.farm import Farm
from bench.storm import Plan as StormPlan
from bench.storm import _connect, _environment, _judge, _network, _post
from luister.accounts.enums import Role
from luister.accounts.models import Membership, User
from luister.api.actions import tokens
from luister.base.clock import utc_now
from luister.base.connector import Idempotency
from luister.base.ids import new_uuid
from luister.channels.actions import NewChannel, connect
from luister.channels.models import Channel
from luister.delivery.enums import SendState
from luister.delivery.models import Outgoing
from luister.inbox.models import Case, Reply
from luister.posts.models import Post

CSRF = "a" * 32
PEOPLE = 4
SLACK_SECONDS = 1.0  # our own listener may hear of a change later than a screen
BUNDLED_SECONDS = 6.0  # for as long a screen may be kept waiting for a change of a list that changes all the time


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is done to the database, and taken back after so many seconds."""

    name: str
    begin: Callable[[], None]
    end: Callable[[], None]
    seconds: float
    alone: bool = False  # the workers die with it and come back later: only web is left


@dataclass(frozen=True, slots=True)
class Plan:
    """How much goes on."""

    screens: int = 20
    webs: int = 1
    workers: int = 2
    replies: int = 40
    reply_seconds: float = 0.4  # from one reply to the next
    posts_a_second: float = 5.0
    calm_seconds: float = 3.0  # before each fault
    settle_seconds: float = 6.0
    patience_seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Recovery:
    """In seconds from when the database was back: when each was at work again."""

    fault: str
    web: float  # a page is answered
    worker: float  # something new is stored
    screens: float  # every screen was told to look


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    recoveries: list[Recovery] = field(default_factory=list)
    confirmed: int = 0  # replies
    accepted: int = 0  # posts that programs handed in
    written: int = 0  # posts of customers
    missing: int = 0  # of all these
    doubled: int = 0
    lost: int = 0  # replies that are stored and did not arrive
    sent_twice: int = 0
    missed: int = 0  # changes, summed over the screens
    told_seconds: float = 0.0  # the slowest, from the change or from when the database was back
    refused: int = 0  # answers that said clearly why
    slowest_seconds: float = 0.0  # of all answers
    unclear: list[str] = field(default_factory=list)  # other answers
    seconds: float = 0.0


def run(plan: Plan, faults: Sequence[Fault], *, database_url: str, env: Mapping[str, str]) -> Outcome:
    """Have one fault after the other while the desk is at work, and return what came of it.

    Args:
        database_url: of the database itself, for who looks on.
        env: where web and workers find it, and what else they are set to.
    """
    began, outcome = time.monotonic(), Outcome()
    with ExitStack() as stack:
        desk = _Desk(plan, stack, database_url=database_url, env=env)
        desk.open(stack)
        with desk.customers() as written:
            for fault in faults:
                time.sleep(plan.calm_seconds)
                outcome.recoveries.append(desk.go_through(fault))
            until(lambda: desk.replies.is_done, "every reply is confirmed", seconds=plan.patience_seconds)
        outcome.written = len(written)
        desk.posts.__exit__()
        desk.settle(outcome)
        desk.judge(outcome, written=written)
    outcome.seconds = time.monotonic() - began
    return outcome


class _Desk:
    """A desk at work, and all who work with it."""

    def __init__(self, plan: Plan, stack: ExitStack, *, database_url: str, env: Mapping[str, str]) -> None:
        self._plan = plan
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="luister-outage-")))
        self._log = self.folder / "deliveries.jsonl"
        self._storm = StormPlan((Idempotency.LOOKUP,), posts=plan.replies, channels=1)
        self._network = stack.enter_context(_network(self._storm, log=self._log))
        (self._channel,) = _connect(self._storm, self._network)
        Channel.objects.filter(pk=self._channel.pk).update(undo_seconds=1)
        told = _environment(self._storm, database_url="", home="", address=self._network)
        env = told | {"LUISTER_SETTLE_SECONDS": str(plan.settle_seconds)} | dict(env)
        self._webs = rolled.Webs(env, self.folder / "web.log")
        stack.callback(self._webs.stop)
        self._farm = stack.enter_context(Farm(sending=3, env=env, log=self.folder / "workers.log"))
        for _ in range(plan.workers):
            self._farm.spawn()
        for _ in range(plan.webs):
            self._webs.start()
        self._topic = f"workspace:{self._channel.workspace_id}"
        self._changes = stack.enter_context(rolled.noted(self._topic, database_url=database_url))
        self._away: list[tuple[float, float]] = []  # from when to when the database was

    def open(self, stack: ExitStack) -> None:
        """Let everybody begin, once there are cases to be answered."""
        workspace = self._channel.workspace
        cookies = [rolled.signed_in(workspace) for _ in range(PEOPLE)]
        self._screens = [rolled.Screen(self._topic, cookies[n % PEOPLE]) for n in range(self._plan.screens)]
        replies, posts = list(self._replies(cookies[0])), self._handed_in()
        stack.enter_context(rolled.Audience(self._webs.port, self._screens))
        pages = itertools.repeat(Asking("GET", f"/w/{workspace.slug}/inbox/inbox/", {"Cookie": cookies[1]}))
        self.replies = stack.enter_context(Asker(self._webs.port, replies, pause=self._plan.reply_seconds))
        self.posts = stack.enter_context(Asker(self._webs.port, posts, pause=0.3))
        self.pages = stack.enter_context(Asker(self._webs.port, pages, pause=0.5, insists=False))

    def _replies(self, cookie: str) -> Iterator[Asking]:
        slug, handle = self._channel.workspace.slug, self._channel.handle
        for number in range(self._plan.replies):
            _post(self._network, "/play", {"text": f"@{handle} hulp {number}", "handle": f"vrager_{number}"})
        until(lambda: Case.objects.count() >= self._plan.replies, "every question has its case")
        for case in Case.objects.order_by("number")[: self._plan.replies]:
            form = {"text": f"Antwoord {case.number}", "client_id": str(new_uuid()), "seen_version": str(case.version)}
            form |= {"is_public": "1", "effect": "completed", "view": "inbox", "csrfmiddlewaretoken": CSRF}
            headers = {"Cookie": f"{cookie}; {settings.CSRF_COOKIE_NAME}={CSRF}"}
            path = f"/w/{slug}/cases/{case.number}/reply/"
            yield Asking("POST", path, headers, form=form, name=form["client_id"])

    def _handed_in(self) -> Iterator[Asking]:
        now, workspace = utc_now(), self._channel.workspace
        new = NewChannel("api", "Programma's", "app", "public", settings={"handle": "app"}, secrets={})
        channel = connect(new, workspace=workspace, by=None, now=now)
        user = User.objects.create(email="beheer@example.nl", name="Beheer")
        member = Membership.objects.create(workspace=workspace, user=user, role=Role.ADMINISTRATOR)
        made = tokens.make("programma", member=member, scopes=["posts:write"], expires_at=None, by=None, now=now)[1]
        headers = {"Authorization": f"Bearer {made}", "Content-Type": "application/json"}

        def post(number: int) -> Asking:
            author = {"external_id": f"a{number}", "name": "Iemand", "handle": f"iemand_{number}"}
            given = {"external_id": f"p{number}", "text": f"ingeleverd {number}", "author": author}
            body = json.dumps({"channel_id": channel.pk, "posts": [given]})
            known = headers | {"Idempotency-Key": f"k{number}"}
            return Asking("POST", "/api/v1/posts", known, body=body, name=f"p{number}")

        return map(post, itertools.count())

    @contextmanager
    def customers(self) -> Iterator[list[str]]:
        """Have customers write for as long as the block lasts; yields what they wrote."""
        stop, written = threading.Event(), list[str]()

        def write() -> None:
            while not stop.wait(1 / self._plan.posts_a_second):
                text = f"@{self._channel.handle} vraag {len(written)}"
                _post(self._network, "/play", {"text": text, "handle": f"klant_{len(written)}"})
                written.append(text)

        thread = threading.Thread(target=write)
        thread.start()
        try:
            yield written
        finally:
            stop.set()
            thread.join()

    def go_through(self, fault: Fault) -> Recovery:
        """Let it happen, take it back, and return when everybody was at work again."""
        away_at = time.time()
        workers = len(self._farm.workers)
        if fault.alone:
            self._farm.end_all()
        fault.begin()
        time.sleep(fault.seconds)
        fault.end()
        back_at = time.time()
        self._away.append((away_at, back_at))
        connection.close()
        stored = _stored()
        looks = {
            "web": lambda: self.pages.heard.answered_at[-1:] > [back_at],
            "worker": lambda: _stored() > stored,
            "screens": lambda: all(screen.told_at[-1] > back_at for screen in self._screens),
        }
        seconds = dict[str, float]()

        def are_back() -> bool:
            for name in looks.keys() - seconds.keys():
                if looks[name]():
                    seconds[name] = time.time() - back_at
            if fault.alone and "web" in seconds and not self._farm.workers:
                for _ in range(workers):
                    self._farm.spawn()
            return seconds.keys() == looks.keys()

        until(are_back, f"everybody is back after: {fault.name}", seconds=self._plan.patience_seconds)
        return Recovery(fault.name, seconds["web"], seconds["worker"], seconds["screens"])

    def settle(self, outcome: Outcome) -> None:
        """Wait until all is done that was taken on."""
        texts = Post.objects.filter(text__startswith=f"@{self._channel.handle} vraag")
        waiting = Outgoing.objects.exclude(state=SendState.SENT)
        patience = self._plan.patience_seconds
        accepted = len(self.posts.heard.confirmed)
        until(lambda: texts.count() >= outcome.written, "every post is stored", seconds=patience)
        until(lambda: Post.objects.filter(channel__kind="api").count() >= accepted, "those too", seconds=patience)
        until(lambda: not waiting.exists(), "every reply is out", seconds=patience)
        self._changes = list(self._changes)  # what comes from now on is not waited for
        last = self._changes[-1] - SLACK_SECONDS
        until(lambda: all(one.told_at[-1] >= last for one in self._screens), "all were told", seconds=20)

    def judge(self, outcome: Outcome, *, written: Sequence[str]) -> None:
        """Compare what was confirmed with what is stored, and with what arrived."""
        heard = [asker.heard for asker in (self.replies, self.posts, self.pages)]
        replies = Counter(str(one) for one in Reply.objects.values_list("client_id", flat=True))
        handed_in = Counter(Post.objects.filter(channel__kind="api").values_list("external_id", flat=True))
        texts = Counter(Post.objects.filter(channel=self._channel).values_list("text", flat=True))
        outcome.confirmed, outcome.accepted = len(heard[0].confirmed), len(heard[1].confirmed)
        for told, there in ((heard[0].confirmed, replies), (heard[1].confirmed, handed_in), (written, texts)):
            outcome.missing += sum(one not in there for one in told)
            outcome.doubled += sum(there[one] > 1 for one in told)
        deliveries = [json.loads(line) for line in self._log.read_text().splitlines()]
        verdict = _judge(Idempotency.LOOKUP, self._storm, deliveries)
        outcome.lost, outcome.sent_twice = verdict.lost + verdict.flagged, verdict.twice
        outcome.refused = sum(one.refused for one in heard)
        outcome.unclear = [line for one in heard for line in one.unclear]
        outcome.slowest_seconds = max(one.slowest_seconds for one in heard)
        lags = [rolled.lag(one, at) for one in self._screens for at in self._seen_from() if at > one.told_at[0]]
        outcome.missed = lags.count(None)
        outcome.told_seconds = max((lag for lag in lags if lag is not None), default=0.0)

    def _seen_from(self) -> list[float]:
        """Return from when on each change can be known to a screen: what happens behind a cut, once that is mended."""
        moments = []
        for at in self._changes:
            back = [until_when for since, until_when in self._away if since - BUNDLED_SECONDS <= at <= until_when]
            moments.append(back[-1] if back else at - SLACK_SECONDS)
        return moments


def _stored() -> int:
    return Post.objects.filter(text__contains=" vraag ").count()


def until(look: Callable[[], bool], what: str, *, seconds: float = 90.0) -> float:
    """Wait until something is so, whatever the database does meanwhile, and return when it was.

    Raises:
        AssertionError: not within that time.
    """
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        try:
            if look():
                return time.time()
        except (Error, URLError):
            connection.close()
        time.sleep(0.05)
    message = f"Not within {seconds:.0f} s: {what}."
    raise AssertionError(message)

"""What a route has to find and to be sent before it does what it is for, so that whoever may is seen to be let in.

Each entry readies things of the world for one request, which is taken back with all that it did. A route without an
entry does what it is for with an empty form, or is entered by looking at its page.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from luister.base.clock import utc_now
from luister.base.ids import new_uuid
from luister.delivery.models import Outgoing
from luister.events.models import Event
from luister.imports.models import Import
from luister.inbox.models import Reply, SavedView
from luister.listening.access import may_handle
from luister.listening.actions import mentions
from luister.listening.models import Monitor
from luister.posts.models import Post
from tests import factories as make
from tests.access_world import EVERYONE, PRIVATE_KINDS, READS_PRIVATE, World

LONG_AFTER = "2099-01-01T09:00:00+00:00"


@dataclass(frozen=True)
class Filled:
    """What is sent: in the form of a POST, and in the address."""

    form: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)


Filler = Callable[[World, str, str], Filled]  # person, kind of thing


def _with(**form: Any) -> Filler:
    return lambda _world, _person, _kind: Filled(form)


def _row(world: World, model: str, kind: str) -> Any:
    return world.things[model].get(kind.removeprefix("said in "))


def _of_reply(*, state: str, is_own: bool, **form: Any) -> Filler:
    """Have a reply be in a state, and be the person's own where only its writer may."""

    def ready(world: World, person: str, kind: str) -> Filled:
        reply, now = _row(world, "reply", kind), utc_now()
        if reply is not None:
            Outgoing.objects.filter(pk=reply.outgoing_id).update(
                state=state, created_at=now, send_after=now + timedelta(hours=1)
            )
            if is_own:
                Reply.objects.filter(pk=reply.pk).update(author=world.users[person])
        return Filled(form)

    return ready


def _reply(world: World, person: str, kind: str) -> Filled:
    is_public = kind not in PRIVATE_KINDS or person not in READS_PRIVATE
    case = world.cases.get(kind)
    if kind in PRIVATE_KINDS and is_public:  # who reads only what is public in it can answer only that
        public = make.PostFactory(workspace=world.own, channel=case.channel, author=case.identity, is_public=True)
        make.CasePostFactory(case=case, post=public)
    form = {"text": "Goedemorgen!", "client_id": new_uuid(), "effect": "waiting", "seen_version": 1_000}
    return Filled(form | ({"is_public": "on"} if is_public else {}))


def _note(_world: World, _person: str, _kind: str) -> Filled:
    return Filled({"text": "Belt morgen terug.", "client_id": new_uuid()})


def _hand_over(world: World, _person: str, kind: str) -> Filled:
    """Hand it to a partner; a partner, who may not, gives it back."""
    partner = world.members["partner"].pk
    return Filled({"back": partner} if "handed" in kind else {"to": partner})


def _undo(world: World, person: str, kind: str) -> Filled:
    event = _row(world, "event", kind)
    if event is not None:
        data = {"before": {"is_urgent": True}, "after": {"is_urgent": False}}
        Event.objects.filter(pk=event.pk).update(by=world.users[person], at=utc_now(), data=data)
    return Filled()


def _corrected(world: World, kind: str) -> int:
    post = _row(world, "post", kind)
    return make.CorrectionFactory(post=post).pk if post is not None else 0


def _topic(*, is_removed: bool) -> Filler:
    def ready(world: World, _person: str, kind: str) -> Filled:
        post, topic = _row(world, "post", kind), world.things["topic"]["own"]
        if post is not None and post.workspace_id == world.own.pk:
            make.PostTopicFactory(post=post, topic=topic, is_removed=is_removed)
        return Filled(query={"topic": topic.pk})

    return ready


def _own_monitor(world: World, person: str, _kind: str) -> Filled:
    Monitor.objects.filter(workspace=world.own).update(owner=world.users[person])
    return Filled({"muted": "1"})


def _taken_up(world: World, person: str, kind: str) -> Filled:
    mention, member = _row(world, "mention", kind), world.members.get(person)
    if mention is None or member is None or member.workspace_id != mention.workspace_id or not may_handle(member):
        return Filled()
    return Filled(query={"event": mentions.make_case(mention.pk, by=member, now=utc_now()).event_id})


def _html(world: World, _person: str, kind: str) -> Filled:
    post = _row(world, "post", kind)
    if post is not None:
        Post.objects.filter(pk=post.pk).update(html=f"<p>{post.text}</p>")
    return Filled()


def _deleted_view(world: World, person: str, kind: str) -> Filled:
    saved = _row(world, "saved view", kind)
    if saved is not None:
        SavedView.objects.filter(pk=saved.pk).update(deleted_at=utc_now(), audience="me", owner=world.users[person])
    return Filled()


def _import(*, state: str) -> Filler:
    def ready(world: World, _person: str, kind: str) -> Filled:
        batch = _row(world, "import", kind)
        if batch is not None:
            Import.objects.filter(pk=batch.pk).update(state=state, stored_as="bestand")
        return Filled()

    return ready


FILLED_IN: dict[str, Filler] = {
    "imports:cancel": _import(state="reading"),
    "imports:go_on": _import(state="cancelled"),
    "inbox:correct": _with(aspect="sentiment", value="negative"),
    "inbox:draft": _with(mode="reply", text="Goedemorgen"),
    "inbox:give_topic": _with(name="Bagage"),
    "inbox:hand_over": _hand_over,
    "inbox:here": _with(activity="viewing"),
    "inbox:hold": _of_reply(state="queued", is_own=True),
    "inbox:judge": _of_reply(state="proposed", is_own=False, decision="approve"),
    "inbox:label": _with(name="spoed"),
    "inbox:note": _note,
    "inbox:origin": _with(origin="proactive"),
    "inbox:post_html": _html,
    "inbox:query_check": _with(q="koffer"),
    "inbox:query_suggest": _with(q="koffer lab"),
    "inbox:remove_topic": _topic(is_removed=False),
    "inbox:reply": _reply,
    "inbox:restore_view": _deleted_view,
    "inbox:settle": _of_reply(state="unknown", is_own=False, decision="sent"),
    "inbox:snooze": _with(until=LONG_AFTER),
    "inbox:state": _with(state="waiting"),
    "inbox:take_back": _of_reply(state="queued", is_own=True),
    "inbox:undo": _undo,
    "inbox:undo_correction": lambda world, _person, kind: Filled(query={"correction": _corrected(world, kind)}),
    "inbox:undo_learned": lambda world, _person, kind: Filled({"correction": _corrected(world, kind)}),
    "inbox:undo_topic": _topic(is_removed=True),
    "listening:change": _own_monitor,
    "listening:delete": _own_monitor,
    "listening:mute": _own_monitor,
    "listening:preview": _with(query="koffer"),
    "listening:preview_topic": _with(query="koffer"),
    "listening:rename_source": _with(name="Nieuws"),
    "listening:stop": _own_monitor,
    "listening:take_back": _taken_up,
    "webhooks:replay_failed": _with(since="2026-01-01T09:00"),
}

PARTNERS = ("partner", "partner who sees private")

# Who has the permission and comes to the thing, and is told in words that this is not for them, or not to be had here.
TOLD_WHY_NOT: dict[str, tuple[tuple[str, ...], str]] = {
    "delivery:check": (EVERYONE, "the channel's network is not there"),
    "inbox:hand_over": (PARTNERS, "colleagues hand over and take back"),
    "inbox:judge": (PARTNERS, "colleagues approve"),
    "practice:connect": (EVERYONE, "the practice network answers on an address of its own"),
}
# What the permission and the case do not show to everyone whom they let in: these are answered as by what is not there.
MENTIONS = ({(person, "own") for person in PARTNERS}, "partners do not see what monitors find")
PRIVATE_FILE = ({("partner", "private handed")}, "of a private case that was handed to them, only what is public")
HIDDEN: dict[str, tuple[set[tuple[str, str]], str]] = {
    "inbox:attachment": PRIVATE_FILE,
    "inbox:post_html": PRIVATE_FILE,
    "inbox:sent_file": PRIVATE_FILE,
    "listening:dismiss": MENTIONS,
    "listening:make_case": MENTIONS,
    "listening:restore": MENTIONS,
    "listening:take_back": MENTIONS,
}

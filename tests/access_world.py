"""The world of the access matrix: people of every role, things of every kind, and a table of who may reach what.

The tables here are written by hand and on purpose repeat nothing of luister's own: they are the expectation that
`access` and the gates are held against. A new route needs an entry only when it takes an argument of a new name.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.client import ClientHandler

from luister.accounts.models import Membership, User, Workspace
from luister.channels.models import Channel
from luister.inbox.models import Case
from luister.posts.files import store
from tests import factories as make

PERMISSIONS = {
    "administrator": {
        "see_cases",
        "work_cases",
        "correct",
        "teach",
        "see_all_work",
        "see_figures",
        "see_listening",
        "manage_listening",
        "see_raw",
        "import",
        "manage_channels",
        "stop_sending",
        "manage_people",
        "manage_workspace",
    },
    "lead": {
        "see_cases",
        "work_cases",
        "correct",
        "teach",
        "see_all_work",
        "see_figures",
        "see_listening",
        "manage_listening",
        "import",
        "stop_sending",
    },
    "agent": {"see_cases", "work_cases", "correct", "see_listening"},
    "analyst": {"see_cases", "see_all_work", "see_figures", "see_listening"},
    "partner": {"see_cases", "work_cases", "correct"},
}

# Kinds of case in our own workspace, and who sees them.
PUBLIC_KINDS = {"no team", "own team", "other team", "assigned", "handed"}
PRIVATE_KINDS = {"private", "private handed"}
CASE_KINDS = PUBLIC_KINDS | PRIVATE_KINDS
VISIBLE_CASES = {
    "administrator": CASE_KINDS,
    "lead": CASE_KINDS,
    "agent": {"no team", "own team", "assigned", "private"},
    "analyst": PUBLIC_KINDS,
    "analyst who sees private": CASE_KINDS,
    "partner": {"handed", "private handed"},  # of the second one only what is public in it
    "partner who sees private": {"handed", "private handed"},
}
# Whoever of our workspace may read what is private, where they see the case.
READS_PRIVATE = {"administrator", "lead", "agent", "analyst who sees private", "partner who sees private"}

# Posts are read in cases, and in the archive, which shows an agent those of every team.
READABLE_POSTS = {
    "administrator": CASE_KINDS,
    "lead": CASE_KINDS,
    "agent": CASE_KINDS,
    "analyst": PUBLIC_KINDS,
    "analyst who sees private": CASE_KINDS,
    "partner": {"handed"},
    "partner who sees private": {"handed", "private handed"},
}

INSIDERS = tuple(VISIBLE_CASES)
OUTSIDERS = ("administrator elsewhere", "removed", "without workspace")
NOBODIES = ("deactivated", "anonymous")
EVERYONE = INSIDERS + OUTSIDERS + NOBODIES


def role_of(person: str) -> str:
    """Return the role that a person has in our workspace."""
    return person.split(" ", 1)[0]


def canary(kind: str) -> str:
    """Return the words that only a thing of this kind contains."""
    return f"kanarie-{kind.replace(' ', '-')}-fluit"


@dataclass
class World:
    """Two workspaces with people and things."""

    own: Workspace
    other: Workspace
    users: dict[str, User | None]
    members: dict[str, Membership] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    things: dict[str, dict[str, Any]] = field(default_factory=dict)  # name of the model → kind of case → row
    channels: dict[str, Channel] = field(default_factory=dict)
    remembered: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def browser(self, person: str, *, asks_for_tokens: bool = False) -> "Browser":
        """Return a browser in which this person is signed in."""
        return Browser(self._cookies.get(person), asks_for_tokens=asks_for_tokens)

    def sign_everyone_in(self) -> None:
        """Open a session for everyone; afterwards switch off who is deactivated."""
        self._cookies = {}
        for person, user in self.users.items():
            if user is not None:
                client = Client()
                client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
                self._cookies[person] = client.cookies
        User.objects.filter(pk=self.users["deactivated"].pk).update(is_active=False)


class Browser(RequestFactory):
    """Django's test client without what it keeps of every template, and with the middleware loaded once."""

    _handlers: dict[tuple[bool, str], ClientHandler] = {}  # middleware knows one kind of session

    def __init__(self, cookies: SimpleCookie | None, *, asks_for_tokens: bool) -> None:
        super().__init__()
        kept = (asks_for_tokens, settings.SESSION_ENGINE)
        self._handler = self._handlers.setdefault(kept, ClientHandler(enforce_csrf_checks=asks_for_tokens))
        if cookies is not None:
            self.cookies = cookies

    def request(self, **environment: Any) -> HttpResponse:
        """Ask, and return the answer."""
        return self._handler(self._base_environ(**environment))


def build() -> World:
    """Make the world."""
    own, other = (
        make.WorkspaceFactory(slug="eigen", next_case_number=100_000),
        make.WorkspaceFactory(slug="ander", name=canary("elsewhere")),
    )
    users = {person: make.UserFactory() for person in EVERYONE if person != "anonymous"} | {"anonymous": None}
    world = World(own, other, users)
    own_team, other_team = make.TeamFactory(workspace=own), make.TeamFactory(workspace=own)
    for person in INSIDERS:
        world.members[person] = make.MembershipFactory(
            workspace=own,
            user=users[person],
            role=role_of(person),
            teams=[own_team],
            sees_private="private" in person,
        )
    world.members["deactivated"] = make.MembershipFactory(
        workspace=own, user=users["deactivated"], role="administrator"
    )
    world.members["removed"] = make.MembershipFactory(
        workspace=own, user=users["removed"], role="administrator", is_active=False
    )
    world.members["administrator elsewhere"] = make.MembershipFactory(
        workspace=other, user=users["administrator elsewhere"], role="administrator"
    )
    world.channels = {
        "own": make.ChannelFactory(workspace=own),
        "elsewhere": make.ChannelFactory(workspace=other, name=canary("elsewhere")),
    }
    teams = {"own team": own_team, "other team": other_team, "assigned": other_team, "handed": other_team}
    for kind in sorted(CASE_KINDS):
        _make_case(world, kind, team=teams.get(kind, other_team if "handed" in kind else None))
    _make_case(world, "elsewhere", team=make.TeamFactory(workspace=other))
    Case.objects.filter(pk=world.cases["assigned"].pk).update(assignee=users["agent"])
    for kind in ("handed", "private handed"):
        for person in ("partner", "partner who sees private"):
            make.HandoverFactory(case=world.cases[kind], member=world.members[person])
    world.things["team"] = {"own": own_team, "elsewhere": world.cases["elsewhere"].team}
    world.things["member"] = {"own": world.members["agent"], "elsewhere": world.members["administrator elsewhere"]}
    world.things["raw"] = {
        where: make.RawItemFactory(
            workspace=channel.workspace, channel=channel, state="unprocessable", content=canary(where).encode()
        )
        for where, channel in world.channels.items()
    }
    for where, channel in world.channels.items():
        monitor = make.MonitorFactory(workspace=channel.workspace, name=f"monitor {canary(where)}")
        post = make.PostFactory(workspace=channel.workspace, channel=channel, text=f"koffer {canary(where)}")
        mention = make.MentionFactory(workspace=channel.workspace, monitor=monitor, post=post)
        world.things.setdefault("monitor", {})[where] = monitor
        world.things.setdefault("mention", {})[where] = mention
    world.things["topic"] = {
        where: make.TopicFactory(workspace=channel.workspace, name=canary(where))
        for where, channel in world.channels.items()
    }
    world.things["import"] = {
        where: make.ImportFactory(workspace=channel.workspace, file_name=canary(where), state="done")
        for where, channel in world.channels.items()
    }
    for where, batch in world.things["import"].items():
        make.ImportRefusalFactory(batch=batch, text=canary(where), cells=[canary(where)])
    world.things["token"] = {
        where: make.TokenFactory(member=world.members[person], name=canary(where))
        for where, person in (("own", "administrator"), ("elsewhere", "administrator elsewhere"))
    }
    world.things["saved view"] = {
        where: make.SavedViewFactory(workspace=channel.workspace, name=canary(where))
        for where, channel in (("own", world.channels["own"]), ("elsewhere", world.channels["elsewhere"]))
    }
    world.things["source"] = {
        "own": make.ChannelFactory(workspace=own, kind="feed"),
        "elsewhere": make.ChannelFactory(workspace=other, kind="feed", name=canary("elsewhere")),
    }
    world.things["stream"] = {
        where: make.ChannelFactory(
            workspace=channel.workspace, kind="stream", name=canary(where), settings={"address": "nats://127.0.0.1/P"}
        )
        for where, channel in world.channels.items()
    }
    for where, workspace in (("own", own), ("elsewhere", other)):
        endpoint = make.EndpointFactory(workspace=workspace, description=canary(where))
        told = make.DeliveryFactory(workspace=workspace, endpoint=endpoint, payload=f'{{"says":"{canary(where)}"}}')
        world.things.setdefault("webhook", {})[where] = endpoint
        world.things.setdefault("delivery", {})[where] = told
    world.sign_everyone_in()
    return world


def _make_case(world: World, kind: str, *, team: Any) -> None:
    """Make a case with a thing of every kind in it, each with the kind's own words."""
    where = "elsewhere" if kind == "elsewhere" else "own"
    workspace, channel, words = world.channels[where].workspace, world.channels[where], canary(kind)
    is_public = kind not in PRIVATE_KINDS
    identity = make.IdentityFactory(workspace=workspace, contact__name=words)
    case = make.CaseFactory(
        workspace=workspace, channel=channel, identity=identity, team=team, is_public=is_public, subject=words
    )
    post = make.PostFactory(workspace=workspace, channel=channel, author=identity, is_public=is_public, text=words)
    make.CasePostFactory(case=case, post=post)
    make.UnderstandingFactory(post=post)
    outgoing = make.OutgoingFactory(
        workspace=workspace, channel=channel, lane=case.pk, is_public=is_public, text=words, state="sent"
    )
    things = {
        "post": post,
        "attachment": make.AttachmentFactory(
            workspace=workspace, post=post, name=f"{words}.jpg", stored_as=store(words.encode())
        ),
        "file": make.OutgoingFileFactory(outgoing=outgoing, name=f"{words}.png", stored_as=store(words.encode())),
        "outgoing": outgoing,
        "reply": make.ReplyFactory(workspace=workspace, case=case, outgoing=outgoing, text=words),
        "note": make.NoteFactory(workspace=workspace, case=case, text=words),
        # Labels are the workspace's own words, known to everyone in it: not a secret of the case they are on.
        "label": make.CaseLabelFactory(case=case).label,
        "event": make.EventFactory(workspace=workspace, case_id=case.pk),
    }
    for name, thing in things.items():
        world.things.setdefault(name, {})[kind] = thing
    world.cases[kind] = case


NOWHERE = 999_999_999

# Routes that hand out a file with what people wrote in it, and for which kinds of thing it has that thing's words.
EXPORTS: dict[str, set[str]] = {
    "delivery:raw": {"own"},
    "imports:refused": {"own"},
    "inbox:attachment": CASE_KINDS,
    "inbox:sent_file": CASE_KINDS,
    "imports:example": set(),  # the same for everyone
}

# What stands in an address: which values to try, by kind. "case" kinds follow VISIBLE_CASES; "own", "elsewhere"
# and "nowhere" follow the workspace alone.
Values = dict[str, Any]
ARGUMENTS: dict[str, Callable[[World], Values]] = {
    "member_id": lambda world: _ids(world.things["member"]),
    "team_id": lambda world: _ids(world.things["team"]),
    "channel_id": lambda world: _ids(world.channels),
    "import_id": lambda world: _ids(world.things["import"]),
    "source_id": lambda world: _ids(world.things["source"]),
    "stream_id": lambda world: _ids(world.things["stream"]),
    "webhook_id": lambda world: _ids(world.things["webhook"]),
    "delivery_id": lambda world: _ids(world.things["delivery"]),
    "raw_id": lambda world: _ids(world.things["raw"]),
    "case_id": lambda world: _ids(world.cases),
    "number": lambda world: {kind: case.number for kind, case in world.cases.items()} | {"nowhere": NOWHERE},
    "post_id": lambda world: _ids(world.things["post"]),
    "said_id": lambda world: {_said(kind): pk for kind, pk in _ids(world.things["post"]).items()},  # of the archive too
    "aspect": lambda world: dict.fromkeys([*map(_said, world.things["post"]), "nowhere"], "sentiment"),
    "picture_id": lambda world: _ids(world.things["post"]),  # of the practice network, which is open to all
    "attachment_id": lambda world: _ids(world.things["attachment"]),
    "reply_id": lambda world: _ids(world.things["reply"]),
    "outgoing_id": lambda world: _ids(world.things["outgoing"]),
    "file_id": lambda world: _ids(world.things["file"]),
    "monitor_id": lambda world: _ids(world.things["monitor"]),
    "mention_id": lambda world: _ids(world.things["mention"]),
    "topic_id": lambda world: _ids(world.things["topic"]),
    "note_id": lambda world: _ids(world.things["note"]),
    "event_id": lambda world: _ids(world.things["event"]),
    "view": lambda _world: {"own": "all", "nowhere": "nergens"},  # of the work queue
    "within": lambda world: dict.fromkeys([*world.cases, "nowhere"], "all"),  # the same, around a case
    "label_id": lambda world: _ids(world.things["label"]),
    "saved_id": lambda world: _ids(world.things["saved view"]),
    "contact_id": lambda world: {kind: case.contact_id for kind, case in world.cases.items()} | {"nowhere": NOWHERE},
    "token_id": lambda world: _ids(world.things["token"]),
    "kind": lambda world: {"own": "practice", "nowhere": "geen-netwerk"},
    # Those who have no workspace in their address: open to anyone who knows the value.
    "token": lambda world: {"nowhere": "geen-penning"},
    "uidb36": lambda world: {"nowhere": "1"},
    "key": lambda world: {"nowhere": "geen-sleutel"},
    "handle": lambda world: {"nowhere": "niemand"},
    "path": lambda world: {"nowhere": "me"},
}


def _ids(rows: dict[str, Any]) -> Values:
    return {kind: row.pk for kind, row in rows.items()} | {"nowhere": NOWHERE}


def _said(kind: str) -> str:
    """Return the kind of a post that is read wherever it stands, of the kind of its case."""
    return f"said in {kind}" if kind in CASE_KINDS else kind


def reaches(person: str, permission: str, kind: str) -> bool:
    """Say whether a person may reach a thing of this kind in our own workspace by a route with this permission."""
    if person not in INSIDERS or permission not in PERMISSIONS[role_of(person)]:
        return False
    if kind in CASE_KINDS:
        return kind in VISIBLE_CASES[person]
    if kind.startswith("said in "):
        return kind.removeprefix("said in ") in READABLE_POSTS[person]
    return kind == "own"

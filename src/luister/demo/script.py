"""The written content of the demo, read from content/*.toml: who works there, who writes, and what is said."""

import re
import tomllib
import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from luister.base.errors import LuisterError

MAIL_DOMAINS = ("post.example", "mail.example", "home.example")  # reserved by RFC 2606: nobody's
STEP_MINUTES = 5  # clock times in texts are rounded to this

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")
_FIXED = re.compile(r"(\d+)d (\d\d):(\d\d)")
_CLOCK = re.compile(r"\{([+-])((?:\d+h)?(?:\d+m)?)\}")


class ScriptError(LuisterError):
    """The written content contradicts itself."""


class Stage(StrEnum):
    """What kind of day the demo shows."""

    QUIET = "quiet"
    BUSY = "busy"
    CRISIS = "crisis"


class Place(StrEnum):
    """Where something is said."""

    PUBLIC = "public"
    PRIVATE = "private"
    MAIL = "mail"


class Part(StrEnum):
    """What a step of a thread is."""

    CUSTOMER = "customer"
    REPLY = "reply"
    NOTE = "note"
    BOUNCE = "bounce"


@dataclass(frozen=True, slots=True)
class Customer:
    """Someone who writes to the airport."""

    handle: str
    name: str
    mail_name: str
    mail_address: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """Someone who works at the airport, or for it."""

    key: str
    name: str
    signature: str
    mail: str
    role: str
    language: str
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Monitor:
    """What a colleague listens for."""

    name: str
    query: str
    owner: str
    sharing: str
    team: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """The organisation: its name, colleagues, teams, labels (key → name) and monitors."""

    name: str
    handle: str
    mail: str
    time_zone: str
    colleagues: tuple[Colleague, ...]
    teams: Mapping[str, str]
    labels: Mapping[str, str]
    monitors: tuple[Monitor, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A text file that came with a mail."""

    name: str
    content_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing said: by a customer, by a colleague, among colleagues, or by a mail server."""

    after: timedelta  # since the step before
    part: Part
    who: str
    text: str
    html: str = ""
    files: tuple[File, ...] = ()
    is_holding: bool = False  # a reply that says that the answer is being looked into


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation as it was written; without stages it comes in while the demo runs."""

    key: str
    place: Place
    language: str
    team: str  # "" where nobody has looked at it yet
    labels: tuple[str, ...]
    steps: tuple[Step, ...]
    then: tuple[str, ...] = ()  # what the customer may say once answered
    stages: frozenset[Stage] = frozenset()
    when: str = ""
    state: str = ""
    assignee: str = ""
    subject: str = ""
    kind: str = ""  # of a mail: auto-reply
    snooze: str = ""

    @property
    def customer(self) -> str:
        """Who began."""
        return self.steps[0].who

    def begins_at(self, now: datetime, *, zone: ZoneInfo) -> datetime:
        """Return when the first step happened: all of a thread lies before now.

        `when` is a duration before now ("3h05m") or a clock time some days ago ("2d 09:14"); of the latter, a
        thread that would not be over yet happened as many days earlier as it takes.
        """
        length = sum((step.after for step in self.steps), timedelta())
        fixed = _FIXED.fullmatch(self.when)
        if fixed is None:
            return now - duration(self.when)
        days, hour, minute = (int(number) for number in fixed.groups())
        local = now.astimezone(zone).replace(hour=hour, minute=minute, second=0, microsecond=0)
        begin = local - timedelta(days=days)
        while begin + length > now:
            begin -= timedelta(days=1)
        return begin.astimezone(now.tzinfo)


def duration(text: str) -> timedelta:
    """Return the duration that is written as 1d2h30m.

    Raises:
        ScriptError: it is not written so.
    """
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise ScriptError(text)
    days, hours, minutes = (int(number or 0) for number in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def ahead(text: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment that is written as a clock time some days from now ("1d 16:00")."""
    fixed = _FIXED.fullmatch(text)
    if fixed is None:
        raise ScriptError(text)
    days, hour, minute = (int(number) for number in fixed.groups())
    local = now.astimezone(zone).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (local + timedelta(days=days)).astimezone(now.tzinfo)


def with_clock(text: str, *, at: datetime, language: str, zone: ZoneInfo) -> str:
    """Fill in clock times: {+40m} is forty minutes after the post, as people write it (14.10 or 14:10)."""

    def fill(found: re.Match[str]) -> str:
        offset = duration(found[2])
        local = (at + offset if found[1] == "+" else at - offset).astimezone(zone)
        local -= timedelta(minutes=local.minute % STEP_MINUTES)
        return f"{local.hour}{':' if language == 'en' else '.'}{local.minute:02}"

    return _CLOCK.sub(fill, text)


@cache
def desk() -> Desk:
    """Return the organisation."""
    content = read("desk.toml")
    people = (Colleague(**{**one, "teams": tuple(one["teams"])}) for one in content["colleague"])
    return Desk(
        **content["workspace"],
        colleagues=tuple(people),
        teams={team["key"]: team["name"] for team in content["team"]},
        labels=content["labels"],
        monitors=tuple(Monitor(**one) for one in content["monitor"]),
    )


@cache
def customers() -> Mapping[str, Customer]:
    """Return everyone who writes, by handle."""
    content = read("customers.toml")
    return {handle: _customer(handle, name, content["mail"].get(handle)) for handle, name in content["name"].items()}


def customer(handle: str, name: str) -> Customer:
    """Return someone whose mail address is made of their name."""
    return _customer(handle, name, None)


@cache
def threads() -> tuple[Thread, ...]:
    """Return every written thread, in the order of the files.

    Raises:
        ScriptError: a thread names a team, label or person that is not there, or a key twice.
    """
    folder = files("luister.demo") / "content" / "threads"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))
    found = tuple(_thread(raw) for name in names for raw in read(f"threads/{name}")["thread"])
    if len({thread.key for thread in found}) != len(found):
        raise ScriptError("a key is used twice")
    return found


def read(path: str) -> dict[str, Any]:
    """Return one file of the content."""
    return tomllib.loads((files("luister.demo") / "content" / path).read_text(encoding="utf-8"))


def _thread(raw: dict[str, Any]) -> Thread:
    fields = {name: raw[name] for name in ("when", "state", "assignee", "subject", "kind", "snooze") if name in raw}
    thread = Thread(
        key=raw["key"],
        place=Place(raw["place"]),
        language=raw.get("language", "nl"),
        team=raw["team"],
        labels=tuple(raw["labels"]),
        steps=tuple(_step(*one) for one in raw["steps"]),
        then=tuple(text.strip() for text in raw.get("then", ())),
        stages=frozenset(Stage(name) for name in raw.get("stages", ())),
        **fields,
    )
    if thread.team not in desk().teams or not set(thread.labels) <= set(desk().labels):
        raise ScriptError(thread.key)
    return thread


def _step(after: str, who: str, text: str, more: Mapping[str, Any] | None = None) -> Step:
    kind, _, name = who.rpartition(":")
    is_colleague = any(one.key == name for one in desk().colleagues)
    is_holding = kind == "hold"
    part = Part.REPLY if is_holding else Part(kind) if kind else Part.REPLY if is_colleague else Part.CUSTOMER
    if not is_colleague and name not in customers():
        raise ScriptError(who)
    html = (more or {}).get("html", "").strip()
    attached = (more or {}).get("attachments", ())
    came_with = tuple(File(file["name"], file["type"], file["text"].lstrip()) for file in attached)
    return Step(duration(after), part, name, text.strip(), html, came_with, is_holding)


def _customer(handle: str, name: str, mail: Mapping[str, str] | None) -> Customer:
    if mail is not None:
        return Customer(handle, name, mail["name"], mail["address"])
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z]+", plain) or [handle]
    domain = MAIL_DOMAINS[zlib.crc32(handle.encode()) % len(MAIL_DOMAINS)]
    return Customer(handle, name, name, f"{'.'.join(words)[:60].rstrip('.')}@{domain}")

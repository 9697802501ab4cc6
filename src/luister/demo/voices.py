"""Letting a customer speak at this moment, on the practice network or by mail."""

import logging
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from luister.base.connector import Fetched, RawItem
from luister.channels.models import Channel
from luister.delivery import actions as delivery
from luister.demo.mails import Letter, raw_letter
from luister.demo.script import Customer, Place, Thread, desk, with_clock
from luister.practice import actions as practice
from luister.practice.core import RefusedError

logger = logging.getLogger("luister.demo")


@dataclass(frozen=True, slots=True)
class Channels:
    """Where the desk can be spoken to; people may have taken the mailbox away."""

    square: Channel
    mailbox: Channel | None


def key_of(thread: Thread, number: int) -> str:
    """Return the name of a post of a thread: the same post is never made twice."""
    return f"demo:{thread.key}:{number}"


def words(text: str, thread: Thread, *, at: datetime) -> str:
    """Return a text as it is said at a moment."""
    return with_clock(text, at=at, language=thread.language, zone=ZoneInfo(desk().time_zone))


def begin(thread: Thread, *, by: Customer, channels: Channels, now: datetime) -> None:
    """Let a customer begin a thread."""
    step, key = thread.steps[0], key_of(thread, 0)
    text = words(step.text, thread, at=now)
    if thread.place is Place.MAIL:
        letter = Letter(by, thread.subject, text, now, language=thread.language, html=step.html, files=step.files)
        hand_in(letter, channels=channels, key=key)
    else:
        to = channels.square.handle if thread.place is Place.PRIVATE else ""
        say(text, by=by, to=to, key=key, now=now)


def say(text: str, *, by: Customer, key: str, now: datetime, to: str = "", parent_id: str = "") -> None:
    """Let a customer speak on the practice network: in private `to` us, else in public."""
    try:
        person = practice.known_customer(by.handle, name=by.name, now=now)
        practice.say(text, by=person, to=to, parent_id=parent_id, key=key, now=now)
    except RefusedError as error:  # the post that is answered was deleted, say
        logger.info("demo.refused", extra={"code": error.code})


def hand_in(letter: Letter, *, channels: Channels, key: str) -> None:
    """Let a mail arrive, as if it had been fetched from the mailbox."""
    if channels.mailbox is None:
        return
    raw = raw_letter(letter, to=channels.mailbox.handle, zone=ZoneInfo(desk().time_zone))
    delivery.store_fetched(channels.mailbox.pk, Fetched((RawItem(key, raw, letter.at),), {}), now=letter.at)

"""Customers who answer our replies: with what was written for them, or with what people say in general."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from luister.demo import queries
from luister.demo.mails import Answered, Letter
from luister.demo.script import Customer, Place, Thread, customers, read, threads
from luister.demo.voices import Channels, hand_in, say, words
from luister.inbox.enums import ReplyEffect
from luister.inbox.models import Reply

AFTER_SECONDS = (12.0, 50.0)  # how long a customer takes
THANKS_SHARE = 0.75  # how many say something once they have an answer
HOLD_SHARE = 0.4  # and how many when they were only told that it is being looked into

_GENERATED = re.compile(r"(storm|everyday)-(.+)-[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class _Voice:
    """Who answers, and the thread they wrote."""

    customer: Customer
    thread: Thread


def answer(reply: Reply, *, channels: Channels, now: datetime) -> None:
    """Have the customer answer a reply of ours when it is time; always the same for the same reply."""
    dice = random.Random(f"answer:{reply.outgoing.external_id}")  # noqa: S311 - made to be repeatable
    after = timedelta(seconds=dice.uniform(*AFTER_SECONDS))
    is_holding = reply.effect == ReplyEffect.KEEP_OPEN
    is_silent = dice.random() > (HOLD_SHARE if is_holding else THANKS_SHARE)
    settled_at = reply.outgoing.settled_at
    if is_silent or settled_at is None or now < settled_at + after:
        return
    outgoing, key = reply.outgoing, f"demo:then:{reply.outgoing.key}"
    voice = None if queries.was_said(key) else _voice_of(reply)
    text = _next_words(reply, voice.thread, is_holding=is_holding, dice=dice) if voice else None
    if voice is None or text is None:
        return
    if voice.thread.place is Place.MAIL:
        ours = Answered(outgoing.external_id, tuple(outgoing.references), outgoing.text, settled_at)
        language, subject = voice.thread.language, voice.thread.subject
        letter = Letter(voice.customer, subject, text, now, language=language, answers=ours)
        hand_in(letter, channels=channels, key=key)
    elif outgoing.is_public:
        say(text, by=voice.customer, parent_id=outgoing.external_id, key=key, now=now)
    else:
        say(text, by=voice.customer, to=channels.square.handle, key=key, now=now)


def _next_words(reply: Reply, thread: Thread, *, is_holding: bool, dice: random.Random) -> str | None:
    """Return what the customer has left to say; None when they said it all."""
    if thread.then and not is_holding:
        said = queries.said_in(reply.case_id)
        left = [text for text in thread.then if _beginning(text) not in {_beginning(one) for one in said}]
        return words(dice.choice(left), thread, at=reply.created_at) if left else None
    general = dice.choice(_general()["hold" if is_holding else "thanks"][thread.language])
    agent = reply.author.caret_signature.removeprefix("^") if reply.author else "team"
    return general.format(agent=agent)


def _beginning(text: str) -> str:
    """Return enough of a text to know it again, without clock times and quoted mail."""
    return text.split("{")[0][:40].strip()


def _voice_of(reply: Reply) -> _Voice | None:
    """Return who the demo has speak in this case; None when a person plays the customer."""
    identity = reply.case.identity
    if reply.case.channel.kind == "email":
        return _letter_writers().get(identity.external_id)
    key = queries.key_of(reply.case)
    thread = thread_of(key) if key else None
    if thread is None:
        return None
    known = customers().get(identity.handle)
    return _Voice(known or Customer(identity.handle, identity.name, identity.name, ""), thread)


def thread_of(key: str) -> Thread | None:
    """Return the thread that a post of this key belongs to, with what its writer may still say."""
    name = key.removeprefix("demo:").rpartition(":")[0]
    if name in _written():
        return _written()[name]
    generated = _GENERATED.fullmatch(name)
    kind = _kinds(generated[1]).get(generated[2]) if generated else None
    if kind is None:
        return None
    language, then = kind
    return Thread(name, Place.PUBLIC, language, team="webcare", labels=(), steps=(), then=then)


@cache
def _written() -> Mapping[str, Thread]:
    return {thread.key: thread for thread in threads()}


@cache
def _letter_writers() -> Mapping[str, _Voice]:
    written = [_Voice(customers()[thread.customer], thread) for thread in threads() if thread.place is Place.MAIL]
    return {voice.customer.mail_address: voice for voice in written}


@cache
def _kinds(book: str) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    return {kind["key"]: (kind["language"], tuple(kind["then"])) for kind in read(f"{book}.toml")["kind"]}


@cache
def _general() -> Mapping[str, Mapping[str, list[str]]]:
    return read("thanks.toml")

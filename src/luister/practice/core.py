"""The practice network itself, without Django: who hears which post, and what of a request is acceptable.

The pages and the API in Django and the stand-alone server share this; each brings its own store.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from luister.base.connector import Idempotency
from luister.practice.pictures import MAX_PICTURE_BYTES, MOST_PICTURES, NewPicture, Picture

PUBLIC_LENGTH = 500
PRIVATE_LENGTH = 5000
PAGE = 100

# A handle begins with a letter, so that it is never taken for an id.
HANDLE = re.compile(r"[a-z][a-z0-9_]{1,29}")
MENTION = re.compile(r"(?<![\w@])@([a-z][a-z0-9_]{1,29})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Person:
    """An account: a customer that somebody plays, or a brand that a desk answers for."""

    id: str
    handle: str
    name: str
    is_brand: bool = False


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand's account as its API sees it."""

    person: Person
    idempotency: Idempotency
    token_expired: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """The first post of a thread; of a private conversation only its id is known."""

    id: str
    author_id: str = ""
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """One thing said here; `to` makes it private."""

    id: str
    author: Person
    text: str
    created_at: datetime
    thread: Thread
    to: Person | None = None
    parent_id: str = ""
    parent_author_handle: str = ""
    is_deleted: bool = False
    pictures: tuple[Picture, ...] = ()

    @property
    def mentions(self) -> tuple[str, ...]:
        """Handles that the text mentions, in lower case."""
        return mentions(self.text)


class EventKind(StrEnum):
    """What a brand is told of."""

    POST = "post"
    DELETED = "deleted"
    ECHO = "echo"  # our own post arrived; gives back our key


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a brand is told, in the order in which it happened."""

    id: int
    kind: EventKind
    post: Post
    created_at: datetime
    key: str = ""


class Repeat(StrEnum):
    """What a second post with the same key does."""

    POST_AGAIN = "post_again"
    KEEP = "keep"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Draft:
    """A post that was found acceptable and waits to be stored."""

    author: Person
    text: str
    to: Person | None = None
    parent: Post | None = None
    key: str = ""
    repeat: Repeat = Repeat.POST_AGAIN
    echo: bool = False
    pictures: tuple[NewPicture, ...] = ()


class Store(Protocol):
    """Where a network keeps its accounts and posts; every method is safe under concurrency."""

    def brand(self, token: str) -> Brand | None:
        """Return the brand whose token this is."""

    def person(self, id_or_handle: str) -> Person | None:
        """Return an account."""

    def post(self, post_id: str) -> Post | None:
        """Return a post, deleted ones too."""

    def publish(self, draft: Draft, *, now: datetime) -> Post:
        """Store a post and tell whom it concerns, or do with its predecessor what `repeat` says; atomic."""

    def events(self, brand: Person, *, after: int, limit: int) -> Sequence[Event]:
        """Return what a brand is told after an event, oldest first; none is ever added before a known one."""

    def own_posts(self, brand: Person, *, before: int | None, limit: int) -> Sequence[Post]:
        """Return a brand's posts that are not deleted, newest first."""


class RefusedError(Exception):
    """Something that the network does not accept; `code` is documented in docs/connectors/practice.md."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def mentions(text: str) -> tuple[str, ...]:
    """Return the handles that a text mentions, in lower case, each once."""
    return tuple(dict.fromkeys(handle.lower() for handle in MENTION.findall(text)))


def private_thread(one: Person, other: Person) -> Thread:
    """Return the thread of everything two accounts write to each other in private."""
    first, second = sorted((one.id, other.id))
    return Thread(id=f"private-{first}-{second}")


def thread_of(draft: Draft, *, new_id: str) -> Thread:
    """Return the thread that a new post is in."""
    if draft.to is not None:
        return private_thread(draft.author, draft.to)
    if draft.parent is not None:
        return draft.parent.thread
    return Thread(id=new_id, author_id=draft.author.id, mentions=mentions(draft.text))


def hears(brand: Person, post: Post, *, taking_part: Collection[str]) -> bool:
    """Return whether a brand is told of a post; `taking_part` are the ids of accounts in its thread.

    An account takes part when it wrote in the thread or was mentioned there.
    """
    if post.author.id == brand.id:
        return False
    if post.to is not None:
        return post.to.id == brand.id
    return brand.handle in post.mentions or brand.id in taking_part


def checked(draft: Draft) -> Draft:
    """Return the draft when the network accepts it.

    Raises:
        RefusedError: otherwise.
    """
    private = draft.to is not None
    if not draft.text.strip():
        raise RefusedError(422, "empty_text", "A post needs a text.")
    if len(draft.text) > (PRIVATE_LENGTH if private else PUBLIC_LENGTH):
        raise RefusedError(422, "text_too_long", "The text is too long.")
    if not (_is_storable(draft.text) and _is_storable(draft.key)):
        raise RefusedError(400, "bad_request", "The text or key has characters that cannot be stored.")
    if draft.to is not None and draft.to.id == draft.author.id:
        raise RefusedError(422, "unknown_recipient", "You cannot write to yourself.")
    if draft.parent is not None:
        _check_parent(draft, draft.parent)
    _check_pictures(draft.pictures)
    return draft


def _check_parent(draft: Draft, parent: Post) -> None:
    if parent.to is not None and draft.author.id not in (parent.to.id, parent.author.id):
        raise RefusedError(404, "unknown_parent", "There is no such post.")
    if parent.is_deleted:
        raise RefusedError(410, "parent_deleted", "The post was deleted.")
    if parent.to is not None and (draft.to is None or draft.to.id not in (parent.to.id, parent.author.id)):
        raise RefusedError(403, "parent_is_private", "A private message can only be answered in private.")


def _check_pictures(pictures: Collection[NewPicture]) -> None:
    if len(pictures) > MOST_PICTURES:
        raise RefusedError(422, "too_many_pictures", "The post has too many pictures.")
    if any(len(picture.content) > MAX_PICTURE_BYTES for picture in pictures):
        raise RefusedError(413, "picture_too_large", "A picture is too large.")
    if not all(picture.content_type for picture in pictures):
        raise RefusedError(415, "not_a_picture", "Only PNG, JPEG, GIF and WebP pictures are taken.")


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return "\x00" not in text

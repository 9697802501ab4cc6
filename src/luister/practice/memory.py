"""A store in memory, for the stand-alone server and tests; it also keeps a record of every delivery."""

import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from luister.base.connector import Idempotency
from luister.practice.core import (
    Brand,
    Draft,
    Event,
    EventKind,
    Person,
    Post,
    RefusedError,
    Repeat,
    hears,
    thread_of,
)
from luister.practice.pictures import Picture


@dataclass(frozen=True, slots=True)
class Delivery:
    """A post of a brand that arrived on the network."""

    post_id: str
    account: str  # the brand's handle
    key: str
    text: str
    to: str  # handle, or "" when public
    parent_id: str
    at: str
    replaces: bool  # the same object was written again
    picture_bytes: tuple[int, ...] = ()  # the size of each picture


class MemoryStore:
    """Implements `luister.practice.core.Store`."""

    def __init__(self, *, log: Path | None = None) -> None:
        self.deliveries: list[Delivery] = []
        self._log = log
        self._lock = threading.RLock()
        self._people: dict[str, Person] = {}  # by handle and by id
        self._brands: dict[str, Brand] = {}  # by token
        self._posts: dict[str, Post] = {}
        self._by_key: dict[tuple[str, str], str] = {}
        self._events: dict[str, list[Event]] = {}  # by brand's id
        self._own: dict[str, list[str]] = {}  # post ids by author's id, oldest first
        self._taking_part: dict[str, set[str]] = {}  # ids of accounts by thread's id

    def add_person(self, handle: str, name: str = "", *, is_brand: bool = False) -> Person:
        """Return the account of that handle, made when there is none."""
        with self._lock:
            if handle not in self._people:
                person = Person(str(len(self._own) + 1), handle, name or handle, is_brand)
                self._people[handle] = self._people[person.id] = person
                self._own[person.id] = []
                if is_brand:
                    self._events[person.id] = []
            return self._people[handle]

    def add_brand(self, handle: str, *, token: str, idempotency: Idempotency, name: str = "") -> Brand:
        """Make a brand's account, or set the token and class of an existing one."""
        with self._lock:
            brand = Brand(self.add_person(handle, name, is_brand=True), idempotency)
            self._brands = {old: kept for old, kept in self._brands.items() if kept.person != brand.person}
            self._brands[token] = brand
            return brand

    def expire(self, token: str, *, expired: bool = True) -> None:
        """Make a token expire, or work again."""
        with self._lock:
            self._brands[token] = replace(self._brands[token], token_expired=expired)

    def delete(self, post_id: str, *, now: datetime) -> None:
        """Delete a post, as its author would."""
        with self._lock:
            post = self._posts[post_id] = replace(self._posts[post_id], is_deleted=True)
            for brand in self._hearing(post):
                self._tell(brand.person, EventKind.DELETED, post, now)

    def brand(self, token: str) -> Brand | None:
        """Return the brand whose token this is."""
        return self._brands.get(token)

    def person(self, id_or_handle: str) -> Person | None:
        """Return an account."""
        return self._people.get(id_or_handle.removeprefix("@").lower())

    def post(self, post_id: str) -> Post | None:
        """Return a post, deleted ones too."""
        return self._posts.get(post_id)

    def publish(self, draft: Draft, *, now: datetime) -> Post:
        """Store a post and tell whom it concerns, or do with its predecessor what `repeat` says; atomic."""
        with self._lock:
            before = self._by_key.get((draft.author.id, draft.key)) if draft.key else None
            if before is None or draft.repeat is Repeat.POST_AGAIN:
                return self._add(draft, now)
            post = self._posts[before]
            if post.is_deleted:
                raise RefusedError(410, "deleted", "The post was deleted.")
            if draft.repeat is Repeat.REPLACE:
                post = self._posts[before] = replace(post, text=draft.text, pictures=_pictures(draft, before))
                self._record(draft, post, now, replaces=True)
            return post

    def events(self, brand: Person, *, after: int, limit: int) -> Sequence[Event]:
        """Return what a brand is told after an event, oldest first."""
        with self._lock:
            found = self._events[brand.id][after : after + limit]
            return [replace(event, post=self._posts[event.post.id]) for event in found]

    def own_posts(self, brand: Person, *, before: int | None, limit: int) -> Sequence[Post]:
        """Return a brand's posts that are not deleted, newest first."""
        with self._lock:
            own = (self._posts[post_id] for post_id in reversed(self._own[brand.id]))
            shown = (post for post in own if not post.is_deleted and (before is None or int(post.id) < before))
            return list(islice(shown, limit))

    def _add(self, draft: Draft, now: datetime) -> Post:
        post_id = str(len(self._posts) + 1)
        post = Post(
            id=post_id,
            author=draft.author,
            text=draft.text,
            created_at=now,
            thread=thread_of(draft, new_id=post_id),
            to=draft.to,
            parent_id=draft.parent.id if draft.parent else "",
            parent_author_handle=draft.parent.author.handle if draft.parent else "",
            pictures=_pictures(draft, post_id),
        )
        mentioned = {self._people[handle].id for handle in post.mentions if handle in self._people}
        self._taking_part.setdefault(post.thread.id, set()).update(mentioned, {post.author.id})
        self._posts[post_id] = post
        self._own[draft.author.id].append(post_id)
        if draft.key:
            self._by_key[draft.author.id, draft.key] = post_id
        for brand in self._hearing(post):
            self._tell(brand.person, EventKind.POST, post, now)
        if draft.echo:
            self._tell(draft.author, EventKind.ECHO, post, now, draft.key)
        if draft.author.is_brand:
            self._record(draft, post, now, replaces=False)
        return post

    def _hearing(self, post: Post) -> list[Brand]:
        part = self._taking_part[post.thread.id]
        return [brand for brand in self._brands.values() if hears(brand.person, post, taking_part=part)]

    def _tell(self, brand: Person, kind: EventKind, post: Post, now: datetime, key: str = "") -> None:
        events = self._events[brand.id]
        events.append(Event(len(events) + 1, kind, post, now, key))

    def _record(self, draft: Draft, post: Post, now: datetime, *, replaces: bool) -> None:
        to = post.to.handle if post.to else ""
        delivery = Delivery(
            post_id=post.id,
            account=post.author.handle,
            key=draft.key,
            text=post.text,
            to=to,
            parent_id=post.parent_id,
            at=now.isoformat(),
            replaces=replaces,
            picture_bytes=tuple(len(picture.content) for picture in draft.pictures),
        )
        self.deliveries.append(delivery)
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as log:
                log.write(json.dumps(asdict(delivery)) + "\n")


def _pictures(draft: Draft, post_id: str) -> tuple[Picture, ...]:
    """Return what is told of a draft's pictures; their contents are not kept."""
    return tuple(
        Picture(f"{post_id}-{number}", picture.name, picture.content_type)
        for number, picture in enumerate(draft.pictures, start=1)
    )

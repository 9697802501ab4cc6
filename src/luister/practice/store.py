"""The practice network's store in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Prefetch, Q, QuerySet

from luister.base.connector import Idempotency
from luister.base.ids import token_digest
from luister.practice import models
from luister.practice.core import (
    HANDLE,
    Brand,
    Draft,
    Event,
    EventKind,
    Person,
    Post,
    RefusedError,
    Repeat,
    Thread,
    hears,
    mentions,
    private_thread,
)
from luister.practice.pictures import Picture

LARGEST_ID = 2**63 - 1


class DatabaseStore:
    """Implements `luister.practice.core.Store`."""

    def brand(self, token: str) -> Brand | None:
        """Return the brand whose token this is."""
        account = models.Account.objects.filter(is_brand=True, token_digest=token_digest(token)).first()
        return Brand(person_of(account), Idempotency(account.repeats), account.token_expired) if account else None

    def person(self, id_or_handle: str) -> Person | None:
        """Return an account."""
        handle = id_or_handle.removeprefix("@").lower()
        found = Q(handle=handle) if HANDLE.fullmatch(handle) else Q(pk=as_id(id_or_handle))
        account = models.Account.objects.filter(found).first()
        return person_of(account) if account else None

    def post(self, post_id: str) -> Post | None:
        """Return a post, deleted ones too."""
        row = whole_posts().filter(pk=as_id(post_id)).first()
        return post_of(row) if row else None

    def publish(self, draft: Draft, *, now: datetime) -> Post:
        """Store a post and tell whom it concerns, or do with its predecessor what `repeat` says; atomic."""
        try:
            with transaction.atomic():
                return _add(draft, now)
        except IntegrityError:
            if draft.repeat is Repeat.POST_AGAIN:
                raise
            with transaction.atomic():
                return _repeated(draft)

    def delete(self, post_id: str, *, now: datetime) -> None:
        """Delete a post, as its author would."""
        with transaction.atomic():
            models.Post.objects.filter(pk=as_id(post_id), deleted_at=None).update(deleted_at=now)
            row = whole_posts().get(pk=as_id(post_id))
            _tell(_hearing(row), EventKind.DELETED, row, now)

    def events(self, brand: Person, *, after: int, limit: int) -> Sequence[Event]:
        """Return what a brand is told after an event, oldest first."""
        rows = models.Event.objects.filter(brand=int(brand.id), pk__gt=min(after, LARGEST_ID)).order_by("pk")[:limit]
        posts = whole_posts().in_bulk([row.post_id for row in rows])
        return [
            Event(row.pk, EventKind(row.kind), post_of(posts[row.post_id]), row.created_at, row.key) for row in rows
        ]

    def own_posts(self, brand: Person, *, before: int | None, limit: int) -> Sequence[Post]:
        """Return a brand's posts that are not deleted, newest first."""
        rows = whole_posts().filter(author=int(brand.id), deleted_at=None).order_by("-pk")
        if before is not None:
            rows = rows.filter(pk__lt=min(before, LARGEST_ID))
        return [post_of(row) for row in rows[:limit]]


def as_id(text: str) -> int:
    """Return the number of an id, or 0, which no row has."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return number if number <= LARGEST_ID else 0


def whole_posts() -> QuerySet[models.Post]:
    """Return posts with all that `post_of` needs."""
    pictures = models.Picture.objects.defer("content").order_by("pk")
    posts = models.Post.objects.select_related("author", "to", "parent__author", "root")
    return posts.prefetch_related(Prefetch("pictures", queryset=pictures))


def person_of(account: models.Account) -> Person:
    """Return a row as the core knows it."""
    return Person(str(account.pk), account.handle, account.name, account.is_brand)


def post_of(row: models.Post) -> Post:
    """Return a row of `whole_posts` as the core knows it."""
    author, to = person_of(row.author), person_of(row.to) if row.to else None
    root = row.root or row
    thread = Thread(str(root.pk), str(root.author_id), tuple(root.mentions))
    return Post(
        id=str(row.pk),
        author=author,
        text=row.text,
        created_at=row.created_at,
        thread=private_thread(author, to) if to else thread,
        to=to,
        parent_id=str(row.parent_id) if row.parent_id else "",
        parent_author_handle=row.parent.author.handle if row.parent else "",
        is_deleted=row.deleted_at is not None,
        pictures=tuple(Picture(str(one.pk), one.name, one.content_type) for one in row.pictures.all()),
    )


def _add(draft: Draft, now: datetime) -> Post:
    parent = models.Post.objects.get(pk=int(draft.parent.id)) if draft.parent else None
    row = models.Post.objects.create(
        author_id=int(draft.author.id),
        to_id=int(draft.to.id) if draft.to else None,
        text=draft.text,
        mentions=list(mentions(draft.text)),
        parent=parent,
        root_id=(parent.root_id or parent.pk) if parent and draft.to is None else None,
        key=draft.key,
        is_once=draft.repeat is not Repeat.POST_AGAIN,
        created_at=now,
    )
    _add_pictures(draft, row)
    row = whole_posts().get(pk=row.pk)
    _tell(_hearing(row), EventKind.POST, row, now)
    if draft.echo:
        _tell([row.author_id], EventKind.ECHO, row, now, draft.key)
    return post_of(row)


def _repeated(draft: Draft) -> Post:
    row = whole_posts().select_for_update(of=("self",)).get(author=int(draft.author.id), key=draft.key, is_once=True)
    if row.deleted_at is not None:
        raise RefusedError(410, "deleted", "The post was deleted.")
    if draft.repeat is Repeat.REPLACE:
        row.text, row.mentions = draft.text, list(mentions(draft.text))
        row.save(update_fields=["text", "mentions"])
        models.Picture.objects.filter(post=row).delete()
        _add_pictures(draft, row)
        row = whole_posts().get(pk=row.pk)
    return post_of(row)


def _add_pictures(draft: Draft, row: models.Post) -> None:
    models.Picture.objects.bulk_create(
        models.Picture(post=row, name=one.name, content_type=one.content_type, content=one.content)
        for one in draft.pictures
    )


def _hearing(row: models.Post) -> list[int]:
    post = post_of(row)
    brands = [person_of(account) for account in models.Account.objects.filter(is_brand=True)]
    part = _taking_part(row, brands) if post.to is None else set()
    return [int(brand.id) for brand in brands if hears(brand, post, taking_part=part)]


def _taking_part(row: models.Post, brands: Collection[Person]) -> set[str]:
    root_id = row.root_id or row.pk
    thread = models.Post.objects.filter(Q(pk=root_id) | Q(root=root_id))
    authors = thread.filter(author__is_brand=True).values_list("author_id", flat=True).distinct()
    naming = thread.filter(mentions__overlap=[brand.handle for brand in brands]).values_list("mentions", flat=True)
    named = {handle for handles in naming for handle in handles}
    return {str(author) for author in authors} | {brand.id for brand in brands if brand.handle in named}


def _tell(brands: Collection[int], kind: EventKind, row: models.Post, now: datetime, key: str = "") -> None:
    # The lock makes ids go up in the order of commits, so that no reader's cursor passes one that comes later.
    locked = models.Account.objects.select_for_update(no_key=True).filter(pk__in=brands).order_by("pk")
    models.Event.objects.bulk_create(
        models.Event(brand=brand, kind=kind.value, post=row, key=key, created_at=now) for brand in locked
    )

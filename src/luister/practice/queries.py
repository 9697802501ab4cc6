"""What the pages and the API of the practice network read."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from luister.base.connector import Idempotency
from luister.practice.core import Brand, Person, Post
from luister.practice.faults import FaultPlan
from luister.practice.models import Account, Faults
from luister.practice.models import Picture as PictureRow
from luister.practice.models import Post as PostRow
from luister.practice.store import LARGEST_ID, as_id, person_of, post_of, whole_posts

PAGE = 25
MOST_IN_THREAD = 300


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as a page shows it."""

    post: Post
    replies: int = 0

    @property
    def id(self) -> int:
        """The number of the post, which goes up with time."""
        return int(self.post.id)


@dataclass(frozen=True, slots=True)
class Square:
    """A part of the public posts, newest first."""

    posts: Sequence[Shown]
    before: int | None  # where the next part begins


@dataclass(frozen=True, slots=True)
class Talk:
    """A private conversation and its last message."""

    other: Person
    last: Post


def fault_plan() -> FaultPlan:
    """Return what goes wrong at present."""
    row = Faults.objects.filter(id=1).first()
    return FaultPlan(**{field.name: getattr(row, field.name) for field in fields(FaultPlan)}) if row else FaultPlan()


def brands() -> list[Brand]:
    """Return the brands, by handle."""
    rows = Account.objects.filter(is_brand=True).order_by("handle")
    return [Brand(person_of(row), Idempotency(row.repeats), row.token_expired) for row in rows]


def person(handle: str) -> Person | None:
    """Return an account by its handle."""
    row = Account.objects.filter(handle=handle.lower()).first() if "\x00" not in handle else None
    return person_of(row) if row else None


def customer(account_id: object) -> Person | None:
    """Return a customer by the id that a visitor's session holds."""
    row = Account.objects.filter(pk=as_id(str(account_id)), is_brand=False).first()
    return person_of(row) if row else None


def latest_customers(*, limit: int = 24) -> list[Person]:
    """Return the customers who wrote last, and after them the newest."""
    last = PostRow.objects.filter(author=OuterRef("pk")).order_by("-pk").values("created_at")[:1]
    rows = Account.objects.filter(is_brand=False).annotate(active_at=Coalesce(Subquery(last), "created_at"))
    return [person_of(row) for row in rows.order_by("-active_at", "-pk")[:limit]]


def square(*, before: int | None = None, author: Person | None = None) -> Square:
    """Return public posts, newest first: threads' first posts, or all of one author."""
    rows = _public().filter(deleted_at=None).order_by("-pk")
    rows = rows.filter(author=int(author.id)) if author else rows.filter(root=None)
    if before is not None:
        rows = rows.filter(pk__lt=min(before, LARGEST_ID))
    found = _shown(rows[: PAGE + 1])
    return Square(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


def newest_id() -> int:
    """Return the number of the newest first post, 0 when there is none."""
    rows = PostRow.objects.filter(to=None, root=None, deleted_at=None)
    return rows.aggregate(newest=Max("pk"))["newest"] or 0


def count_since(post_id: int) -> int:
    """Return how many first posts there are after this one."""
    return PostRow.objects.filter(to=None, root=None, deleted_at=None, pk__gt=min(post_id, LARGEST_ID)).count()


def thread(post_id: int, *, after: int = 0) -> list[Shown] | None:
    """Return a public thread, oldest first and its first post first, or what came after a post; None: no such."""
    start = PostRow.objects.filter(pk=min(post_id, LARGEST_ID), to=None).first()
    if start is None:
        return None
    root_id = start.root_id or start.pk
    rows = _public().filter(Q(pk=root_id) | Q(root=root_id), pk__gt=min(after, LARGEST_ID))
    return _shown(rows.order_by("pk")[:MOST_IN_THREAD])


def talk(one: Person, other: Person, *, after: int = 0) -> list[Shown]:
    """Return the last private messages between two accounts, oldest first, or those after one."""
    rows = whole_posts().filter(_between(one, other), pk__gt=min(after, LARGEST_ID)).order_by("-pk")[:MOST_IN_THREAD]
    return [Shown(post_of(row)) for row in reversed(rows)]


def picture(picture_id: int, *, reader: Person | None) -> PictureRow | None:
    """Return a picture of a public post, or of a private message that the reader is a party to."""
    seen = Q(post__to=None)
    if reader is not None:
        seen |= Q(post__to=int(reader.id)) | Q(post__author=int(reader.id))
    rows = PictureRow.objects.filter(seen, post__deleted_at=None)
    return rows.filter(pk=min(picture_id, LARGEST_ID)).first()


def talks(one: Person) -> list[Talk]:
    """Return the private conversations of an account, the latest first."""
    mine = Q(author=int(one.id)) | Q(to=int(one.id))
    rows = whole_posts().filter(mine).exclude(to=None).order_by("-pk")[:MOST_IN_THREAD]
    found: dict[str, Talk] = {}
    for post in map(post_of, rows):
        other = post.author if post.to == one else post.to
        if other is not None:
            found.setdefault(other.id, Talk(other, post))
    return list(found.values())


def _between(one: Person, other: Person) -> Q:
    return Q(author=int(one.id), to=int(other.id)) | Q(author=int(other.id), to=int(one.id))


def _public() -> QuerySet[PostRow]:
    return whole_posts().filter(to=None)


def _shown(rows: QuerySet[PostRow]) -> list[Shown]:
    found = list(rows)
    roots = [row.pk for row in found if row.root_id is None]
    counted = PostRow.objects.filter(root__in=roots, deleted_at=None).values("root").annotate(n=Count("pk"))
    replies = {row["root"]: row["n"] for row in counted.order_by()}
    return [Shown(post_of(row), replies.get(row.pk, 0)) for row in found]

"""Lists that no page shows in this form: posts, contacts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from luister.accounts.models import Membership
from luister.inbox.access import readable_posts, visible_cases
from luister.inbox.models import CasePost
from luister.inbox.queries.labels import PostLabels
from luister.inbox.queries.people import contacts_of
from luister.listening.queries.found import moment_of
from luister.people.models import Contact, Identity
from luister.posts.models import Post
from luister.posts.queries import archive
from luister.posts.queries.archive import UNREAD
from luister.posts.queries.cursors import Cursor
from luister.query import Node
from luister.understanding.queries.shown import Shown, of_posts


@dataclass(frozen=True, slots=True)
class Told:
    """A post with the number of its case, where the reader sees that, and what was understood of it."""

    post: Post
    case_number: int | None
    understood: Shown | None


def newest_posts(
    member: Membership,
    *,
    after: tuple[datetime, int] | None,
    limit: int,
    channel_id: int | None = None,
    external_id: str = "",
) -> Sequence[Told]:
    """Return the posts that came in last, among what the member may read; those behind `after`."""
    posts = readable_posts(member)
    if channel_id is not None:
        posts = posts.filter(channel_id=channel_id)
    if external_id:
        posts = posts.filter(external_id=external_id)
    if after is not None:
        at, last_id = after
        posts = posts.filter(Q(received_at__lt=at) | Q(received_at=at, pk__lt=last_id), received_at__lte=at)
    found = posts.select_related("author", "channel").defer(*UNREAD).order_by("-received_at", "-id")
    return told(list(found[:limit]), member=member)


def searched_posts(
    node: Node, *, member: Membership, now: datetime, after: Cursor | None, limit: int
) -> tuple[Sequence[Told], Cursor | None, bool]:
    """Return a page of the posts that a query finds, where it ended, and whether time ran out."""
    found = archive.search(
        node,
        member=member,
        moment=moment_of(member.workspace, now=now),
        labels=PostLabels(member),
        after=after,
        limit=limit,
    )
    return told([hit.post for hit in found.hits], member=member), found.following, found.is_partial


def one_post(member: Membership, *, post_id: int) -> Told | None:
    """Return a post that the member may read."""
    post = readable_posts(member).filter(pk=post_id).select_related("author", "channel").defer(*UNREAD).first()
    return None if post is None else told([post], member=member)[0]


def told(posts: Sequence[Post], *, member: Membership) -> Sequence[Told]:
    """Return posts with what belongs to them, in the same number of queries whatever their number."""
    ids = [post.pk for post in posts]
    own = CasePost.objects.filter(case__in=visible_cases(member), is_context=False, post_id__in=ids)
    numbers: Mapping[int, int] = dict(own.values_list("post_id", "case__number"))
    understood = of_posts(posts, member=member)
    return [Told(post, numbers.get(post.pk), understood.get(post.pk)) for post in posts]


def contacts(member: Membership, *, text: str, after_id: int, limit: int) -> Sequence[Contact]:
    """Return contacts of cases that the member may read, by id; `text` is part of a name or handle."""
    found = contacts_of(member).filter(pk__gt=after_id)
    if text:
        handles = Identity.objects.filter(contact=OuterRef("pk"), handle__icontains=text)
        found = found.filter(Q(name__icontains=text) | Q(Exists(handles)))
    return list(found.order_by("id")[:limit])


def one_contact(member: Membership, *, contact_id: int) -> Contact | None:
    """Return a contact of a case that the member may read."""
    return contacts_of(member).filter(pk=contact_id).first()


def identities(contacts: Sequence[Contact]) -> Mapping[int, list[Identity]]:
    """Return the handles and addresses of contacts."""
    found: dict[int, list[Identity]] = {}
    for identity in Identity.objects.filter(contact__in=[one.pk for one in contacts]).order_by("kind", "id"):
        found.setdefault(identity.contact_id, []).append(identity)
    return found

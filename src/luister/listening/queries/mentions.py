"""Streams of mentions: of one monitor, or of all that a member sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from luister.accounts.models import Membership
from luister.channels.models import Channel
from luister.inbox.access import visible_cases
from luister.inbox.models import Case, CasePost
from luister.listening.access import visible_mentions, visible_monitors
from luister.listening.enums import MentionState
from luister.listening.models import Mention, Monitor, ReadUpTo
from luister.listening.queries.standing import standing
from luister.posts.access import visible_posts
from luister.posts.index.documents import document
from luister.posts.models import Post
from luister.posts.queries.archive import UNREAD
from luister.posts.queries.marked import Piece, marked
from luister.understanding.queries.shown import Shown, of_posts

PAGE = 50
LONGEST = 200  # rows at once, for a stream that was paged through and is refreshed
AROUND = 30  # posts of a thread that are shown around a mention


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a stream."""

    state: str = ""  # of MentionState
    network: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A mention as a stream shows it, once for each post.

    `case` is where the post is being worked on, as far as the reader may know; `has_case` also where they may not.
    """

    mention: Mention
    monitors: Sequence[Monitor]
    title: Sequence[Piece]
    text: Sequence[Piece]
    case: Case | None
    has_case: bool
    is_unread: bool
    understood: Shown | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a stream, newest first; `newest_id` is the last one that came in of all it could show."""

    rows: Sequence[Row]
    next_cursor: str  # "" on the last page
    newest_id: int


def stream(
    member: Membership, *, monitor: Monitor | None, filters: Filters, cursor: str = "", limit: int = PAGE
) -> Page:
    """Return a page of what a monitor found, or all monitors, in the same number of queries whatever its length."""
    every = _scope(member, monitor)
    newest = every.filter(is_live=True).order_by("-pk").values_list("pk", flat=True).first() if not cursor else 0
    found = _after(_narrowed(every, filters), cursor)
    if monitor is None:
        found = found.order_by("-posted_at", "-post_id", "pk").distinct("posted_at", "post_id")
    else:
        found = found.order_by("-posted_at", "-post_id")
    limit = min(limit, LONGEST)
    mentions = list(_with_post(found)[: limit + 1])
    more = len(mentions) > limit
    rows = _rows(mentions[:limit], member=member, monitor=monitor)
    last = rows[-1].mention if rows else None
    return Page(rows, f"{last.posted_at.isoformat()}_{last.post_id}" if more and last else "", newest or 0)


def news(member: Membership, *, monitor: Monitor | None, filters: Filters, since: int) -> int:
    """Return how many posts were found since that mention; stops counting at 100."""
    found = _narrowed(_scope(member, monitor), filters).filter(pk__gt=since, is_live=True)
    return len(set(found.order_by("pk").values_list("post_id", flat=True)[:100]))


def one(member: Membership, *, mention_id: int, alone: bool) -> Row | None:
    """Return the row of a mention that the member may see; `alone` as in the stream of its own monitor."""
    mentions = list(_with_post(visible_mentions(member).filter(pk=mention_id)).select_related("monitor"))
    if not mentions:
        return None
    return _rows(mentions, member=member, monitor=mentions[0].monitor if alone else None)[0]


def around(mention: Mention, *, member: Membership) -> Sequence[Post]:
    """Return what was said in the thread of a mention, itself included, oldest first."""
    post = mention.post
    if not post.thread_external_id:
        return [post]
    thread = Post.objects.filter(
        visible_posts(member), channel_id=post.channel_id, thread_external_id=post.thread_external_id
    )
    found = list(thread.select_related("author", "channel").order_by("-posted_at", "-id")[:AROUND])
    known = {other.pk for other in found}
    return sorted([*found, *([] if post.pk in known else [post])], key=lambda other: (other.posted_at, other.pk))


def networks(member: Membership) -> Sequence[str]:
    """Return the networks of the workspace's channels."""
    found = Channel.objects.filter(workspace_id=member.workspace_id).order_by("network")
    return list(found.values_list("network", flat=True).distinct())


def monitors_of_case(case_number: int, *, member: Membership) -> Sequence[Monitor] | None:
    """Return the monitors of the member that found what a case is about; None where the case is not for them."""
    case = visible_cases(member).filter(number=case_number).first()
    if case is None:
        return None
    posts = CasePost.objects.filter(case=case, is_context=False).values("post_id")
    found = visible_mentions(member).filter(post_id__in=posts, monitor=OuterRef("pk"))
    return list(visible_monitors(member).filter(Exists(found)).order_by("name", "id"))


def _scope(member: Membership, monitor: Monitor | None) -> QuerySet[Mention]:
    mentions = visible_mentions(member)
    return mentions if monitor is None else mentions.filter(monitor=monitor)


def _narrowed(mentions: QuerySet[Mention], filters: Filters) -> QuerySet[Mention]:
    in_case = Exists(CasePost.objects.filter(post_id=OuterRef("post_id"), is_context=False))
    if filters.state == MentionState.NEW:
        mentions = mentions.filter(~in_case, state=MentionState.NEW)
    elif filters.state == MentionState.CASE:
        mentions = mentions.filter(in_case)
    elif filters.state == MentionState.DISMISSED:
        mentions = mentions.filter(state=MentionState.DISMISSED)
    exact = {"post__channel__network": filters.network, "post__language": filters.language}
    return mentions.filter(**{name: value for name, value in exact.items() if value})


def _after(mentions: QuerySet[Mention], cursor: str) -> QuerySet[Mention]:
    moment, _, post_id = cursor.partition("_")
    try:
        at, last_id = datetime.fromisoformat(moment), int(post_id)
    except ValueError:
        return mentions
    earlier = Q(posted_at__lt=at) | Q(posted_at=at, post_id__lt=last_id)
    return mentions.filter(earlier, posted_at__lte=at)


def _with_post(mentions: QuerySet[Mention]) -> QuerySet[Mention]:
    unread = [f"post__{name}" for name in UNREAD]
    return mentions.select_related("post__author", "post__channel", "handled_by").defer(*unread)


def _rows(mentions: Sequence[Mention], *, member: Membership, monitor: Monitor | None) -> list[Row]:
    ids = [mention.post_id for mention in mentions]
    by_post = _monitors_of(ids, member, monitor)
    cases = _cases_of(ids, member)
    read_up_to = _read_up_to(member)
    understood = of_posts([mention.post for mention in mentions], member=member)
    nodes = {one.monitor_id: one.node for one in standing(member.workspace_id)}
    rows = []
    for mention in mentions:
        seen = document(mention.post, media=0)  # marks are of words alone
        found_by = by_post.get(mention.post_id, [])
        title, text = marked(seen, [nodes[one.pk] for one in found_by if one.pk in nodes])
        link = cases.get(mention.post_id)
        rows.append(
            Row(
                mention=mention,
                monitors=found_by,
                title=title,
                text=text,
                case=link.case if link and link.is_visible else None,  # type: ignore[attr-defined] # annotated
                has_case=link is not None,
                is_unread=mention.is_live and mention.pk > read_up_to.get(mention.monitor_id, 0),
                understood=understood.get(mention.post_id),
            )
        )
    return rows


def _monitors_of(post_ids: Sequence[int], member: Membership, monitor: Monitor | None) -> Mapping[int, list[Monitor]]:
    if monitor is not None:
        return {post_id: [monitor] for post_id in post_ids}
    found: dict[int, list[Monitor]] = {}
    mentions = visible_mentions(member).filter(post_id__in=post_ids).select_related("monitor")
    for mention in mentions.order_by("monitor__name", "monitor_id"):
        found.setdefault(mention.post_id, []).append(mention.monitor)
    return found


def _cases_of(post_ids: Sequence[int], member: Membership) -> Mapping[int, CasePost]:
    """Return which cases posts are in, also those that the member may not see; `is_visible` says which."""
    is_visible = Exists(visible_cases(member).filter(pk=OuterRef("case_id")))
    links = CasePost.objects.filter(post_id__in=post_ids, is_context=False).annotate(is_visible=is_visible)
    return {link.post_id: link for link in links.select_related("case__assignee")}


def _read_up_to(member: Membership) -> Mapping[int, int]:
    read = ReadUpTo.objects.filter(user_id=member.user_id, monitor__workspace_id=member.workspace_id)
    return dict(read.values_list("monitor_id", "mention_id"))

"""Posts: handed in, listed, searched, and what was understood of them corrected."""

from datetime import datetime
from typing import Annotated

from django.http import Http404
from ninja import Path, Query
from pydantic import Field

from luister.accounts.enums import Permission
from luister.api.actions import posts as actions
from luister.api.queries import lists
from luister.api.queries.lists import Told
from luister.api.routes import pages
from luister.api.routes.gate import ApiRequest
from luister.api.routes.offers import area
from luister.api.routes.pages import Paging
from luister.api.routes.problems import ProblemError, choose_one_of
from luister.api.routes.shapes import posts as shapes
from luister.api.routes.shapes.base import MOST_ID, NO_NUL
from luister.base.clock import utc_now
from luister.inbox.actions import corrections
from luister.posts.queries.cursors import cursor_of
from luister.query import parse
from luister.understanding.aspects import words

AREA = area("Posts")
PostId = Annotated[int, Path(ge=1, le=MOST_ID)]
EXAMPLE = {
    "channel_id": 7,
    "posts": [
        {
            "external_id": "app-20260302-1",
            "text": "De app geeft een fout als ik mijn abonnement wil verlengen.",
            "author": {"external_id": "klant-481", "name": "Sanne"},
            "posted_at": "2026-03-02T09:00:00Z",
        }
    ],
}


class Filters(Paging):
    """What narrows the list of posts."""

    query: str = Field(
        "",
        max_length=20_000,
        pattern=NO_NUL,
        description="In the query language; the list is then by when posts were said.",
    )
    channel_id: int | None = Field(None, ge=1, le=MOST_ID, description="Without a query: of this channel alone.")
    external_id: str = Field("", max_length=1000, pattern=NO_NUL, description="Without a query: with this name alone.")


@AREA.offers(
    "GET",
    "/posts",
    name="listPosts",
    summary="List posts, or search the archive",
    scope="posts:read",
    permission=Permission.SEE_CASES,
    answers=shapes.PostPage,
    problems=("query_invalid", "cursor_invalid"),
)
def list_posts(request: ApiRequest, asked: Annotated[Filters, Query()]) -> shapes.PostPage:
    """Newest first: by when they came in, or with a query by when they were said."""
    if asked.query.strip():
        return _search(request, asked)
    at, _, last_id = pages.place(request, asked).partition("_")
    after = (datetime.fromisoformat(at), int(last_id)) if at else None
    rows = lists.newest_posts(
        request.member,
        after=after,
        limit=asked.limit + 1,
        channel_id=asked.channel_id,
        external_id=asked.external_id,
    )
    page = rows[: asked.limit]
    last = page[-1].post if len(rows) > asked.limit else None
    following = f"{last.received_at.isoformat()}_{last.pk}" if last else ""
    return shapes.PostPage(
        rows=[_out(one) for one in page], next_cursor=pages.cursor(request, following), is_partial=False
    )


def _search(request: ApiRequest, asked: Filters) -> shapes.PostPage:
    if not request.member.may(Permission.SEE_LISTENING):
        raise ProblemError("not_permitted")
    if asked.channel_id is not None or asked.external_id:
        raise ProblemError("invalid", detail="query, channel_id, external_id")
    at = pages.place(request, asked)
    rows, following, is_partial = lists.searched_posts(
        parse(asked.query),
        member=request.member,
        now=utc_now(),
        after=cursor_of(at) if at else None,
        limit=asked.limit,
    )
    cursor = pages.cursor(request, str(following) if following else "")
    return shapes.PostPage(rows=[_out(one) for one in rows], next_cursor=cursor, is_partial=is_partial)


@AREA.offers(
    "POST",
    "/posts",
    name="receivePosts",
    summary="Hand in posts",
    scope="posts:write",
    permission=Permission.IMPORT,
    answers=shapes.Received,
    status=202,
    body=True,
    example=EXAMPLE,
)
def receive_posts(request: ApiRequest, given: shapes.PostsIn) -> shapes.Received:
    """Posts of a channel of the kind API, which an administrator connects.

    Each is stored once by its `external_id`, understood, held against the monitors, and made a case where it was said
    to us: the same as what a network gives. That happens within seconds after the answer.
    """
    posts = [post.model_dump(mode="json") for post in given.posts]
    new = actions.receive(given.channel_id, posts, by=request.member, now=utc_now())
    return shapes.Received(received=len(posts), new=new)


@AREA.offers(
    "GET",
    "/posts/{post_id}",
    name="getPost",
    summary="Read a post",
    scope="posts:read",
    permission=Permission.SEE_CASES,
    answers=shapes.PostOut,
)
def get_post(request: ApiRequest, post_id: PostId) -> shapes.PostOut:
    """One thing said, in or out."""
    found = lists.one_post(request.member, post_id=post_id)
    if found is None:
        raise Http404
    return _out(found)


@AREA.offers(
    "POST",
    "/posts/{post_id}/corrections",
    name="correctPost",
    summary="Correct what was understood of a post",
    scope="posts:write",
    permission=Permission.CORRECT,
    answers=shapes.PostOut,
    body=True,
    problems=("refused",),
    example={"aspect": "sentiment", "value": "negative"},
)
def correct_post(request: ApiRequest, post_id: PostId, given: shapes.CorrectionIn) -> shapes.PostOut:
    """It counts at once, in searches and monitors too, and is learned from; what counts already changes nothing."""
    known = words(given.aspect)
    if given.value not in known:
        raise ProblemError("refused", reason="correction.no_such_value", detail=choose_one_of(known))
    corrections.correct(post_id, aspect=given.aspect, word=given.value, by=request.member, now=utc_now())
    return get_post(request, post_id)


def _out(one: Told) -> shapes.PostOut:
    return shapes.post_out(one.post, case_number=one.case_number, shown=one.understood)

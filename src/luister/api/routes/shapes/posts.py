"""Posts, in and out."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from luister.api.routes.shapes.base import Flag, Id, In, Moment, Out, Page, text
from luister.base.posts import Kind
from luister.people.models import Identity
from luister.posts.models import Attachment, Post
from luister.understanding.aspects import words
from luister.understanding.enums import Aspect
from luister.understanding.queries.shown import Shown


class Said(StrEnum):
    """What a post handed in can be; a mail comes in by its mailbox alone."""

    POST = Kind.POST
    REPLY = Kind.REPLY
    COMMENT = Kind.COMMENT
    MESSAGE = Kind.MESSAGE
    REVIEW = Kind.REVIEW
    ARTICLE = Kind.ARTICLE
    BROADCAST = Kind.BROADCAST
    CALL = Kind.CALL


class AuthorIn(In):
    """Who wrote it; `external_id` is what stays when a name changes."""

    external_id: Annotated[str, text(320, least=1)]
    name: Annotated[str, text(200)] = ""
    handle: Annotated[str, text(320)] = ""
    url: Annotated[str, text(500)] = ""


class PostIn(In):
    """A post that is handed in.

    `external_id` names it on its channel: the same again changes nothing. `parent_external_id` is the post that it
    answers; `thread_external_id` the root of its thread, where there is one. `is_addressed` says that it was said to
    us: it then becomes a case, or joins one.
    """

    external_id: Annotated[str, text(1000, least=1)]
    text: Annotated[str, text(200_000, least=1)]
    author: AuthorIn
    posted_at: Moment | None = None
    kind: Said = Said.POST
    is_public: Flag = True
    is_addressed: Flag = True
    subject: Annotated[str, text(500)] = ""
    url: Annotated[str, text(1000)] = ""
    parent_external_id: Annotated[str, text(1000)] = ""
    thread_external_id: Annotated[str, text(1000)] = ""
    language: Annotated[str, Field(pattern=r"^([a-z]{2})?$", description="ISO 639-1, where it is known.")] = ""
    links: Annotated[list[Annotated[str, text(2000)]], Field(max_length=100)] = []


class PostsIn(In):
    """Posts of one channel, stored in this order."""

    channel_id: Id
    posts: Annotated[list[PostIn], Field(min_length=1, max_length=100)]


_WORDS = (f"`{aspect}`: {', '.join(words(aspect))}" for aspect in Aspect)


class CorrectionIn(In):
    """What a post really says: a value of `understood`.

    Of `kinds` the value is added, or taken away where it was among them.
    """

    aspect: Aspect
    value: Annotated[str, text(30, least=1, description=f"Of {'; of '.join(_WORDS)}.")]


class Received(Out):
    """What became of posts that were handed in: those that are `new` are worked on from now on."""

    received: int
    new: int


class Author(Out):
    """Who wrote a post; `contact_id` is who that is to the workspace."""

    identity_id: int
    contact_id: int
    external_id: str
    name: str
    handle: str
    url: str


class Understood(Out):
    """What counts of a post: the machine's word, or that of who corrected it."""

    sentiment: str
    kinds: list[str]
    need: str
    urgency: str
    neglected: Annotated[bool, Field(description="It tells of earlier contact that got no answer.")]
    wants_human: Annotated[bool, Field(description="Its writer asks for a person instead of a machine.")]
    topics: list[str]
    corrected: Annotated[list[str], Field(description="What a person said instead of the machine.")]


class File(Out):
    """A file that came with a post."""

    id: int
    name: str
    content_type: str
    size_bytes: int


class PostOut(Out):
    """One thing said, in or out. `author` is null where we wrote it ourselves."""

    id: int
    channel_id: int
    network: str
    external_id: str
    direction: str
    kind: str
    is_public: bool
    author: Author | None
    subject: str
    text: str
    url: str
    language: str
    rating: float | None
    reach: int | None
    followers: int | None
    posted_at: datetime
    received_at: datetime
    edited_at: datetime | None
    case_number: Annotated[int | None, Field(description="Where it is worked on, as far as the token sees that.")]
    understood: Understood | None


class PostPage(Page[PostOut]):
    """A page of posts; `is_partial` says that time ran out, and that the next page goes on from there."""

    is_partial: bool


def author_out(identity: Identity | None) -> Author | None:
    """Return an author as they are shown."""
    if identity is None:
        return None
    return Author(
        identity_id=identity.pk,
        contact_id=identity.contact_id,
        external_id=identity.external_id,
        name=identity.name,
        handle=identity.handle,
        url=identity.url,
    )


def understood_out(shown: Shown | None) -> Understood | None:
    """Return what counts of a post; None while nothing does."""
    if shown is None or not shown.values:
        return None
    kinds = shown.values.get(Aspect.KINDS, [])
    return Understood(
        sentiment=str(shown.values.get(Aspect.SENTIMENT, "")),
        kinds=kinds if isinstance(kinds, list) else [],
        need=str(shown.values.get(Aspect.NEED, "")),
        urgency=str(shown.values.get(Aspect.URGENCY, "")),
        neglected=bool(shown.values.get(Aspect.NEGLECTED)),
        wants_human=bool(shown.values.get(Aspect.WANTS_HUMAN)),
        topics=[topic.name for topic in shown.topics],
        corrected=sorted(shown.corrected),
    )


def file_out(file: Attachment) -> File:
    """Return a file as it is shown."""
    return File(id=file.pk, name=file.name, content_type=file.content_type, size_bytes=file.size_bytes)


def post_out(post: Post, *, case_number: int | None, shown: Shown | None) -> PostOut:
    """Return a post as it is shown."""
    return PostOut(
        id=post.pk,
        channel_id=post.channel_id,
        network=post.channel.network,
        external_id=post.external_id,
        direction=post.direction,
        kind=post.kind,
        is_public=post.is_public,
        author=author_out(post.author),
        subject=post.subject,
        text=post.text,
        url=post.url,
        language=post.language,
        rating=None if post.rating is None else float(post.rating),
        reach=post.reach,
        followers=post.followers,
        posted_at=post.posted_at,
        received_at=post.received_at,
        edited_at=post.edited_at,
        case_number=case_number,
        understood=understood_out(shown),
    )

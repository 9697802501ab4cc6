"""Writing the search index. Whoever stores or changes a post calls this, in the same transaction."""

from collections.abc import Iterable, Mapping, Sequence

from luister.people.models import Identity
from luister.posts.index import lexemes
from luister.posts.index.documents import document, media_of
from luister.posts.models import AuthorName, Post, SearchText
from luister.query.documents import Document
from luister.query.prepared import prepare

FORM = 1  # goes up when what is written changes: all posts are then indexed anew, in the background
CHUNK = 500

FIELDS = (
    "workspace", "author", "posted_at", "is_public", "rating", "reach", "followers", "tokens", "addresses", "form",
)  # fmt: skip


def index_post(post: Post) -> None:
    """Let searches find a post by what it says now."""
    index_posts([post])


def index_posts(posts: Iterable[Post]) -> None:
    """Let searches find posts by what they say now; fetch their channel and author along when they are many."""
    every = list(posts)
    for start in range(0, len(every), CHUNK):
        _index(every[start : start + CHUNK])


def row(post: Post, *, media: int) -> SearchText:
    """Return a post's row of the index, not stored yet."""
    seen = prepare(document(post, media=media))
    return SearchText(
        post_id=post.pk,
        workspace_id=post.workspace_id,
        author_id=post.author_id,
        posted_at=post.posted_at,
        is_public=post.is_public,
        rating=post.rating,
        reach=post.reach,
        followers=post.followers,
        tokens=lexemes.tsvector(seen, closed=_owners(post)),
        addresses="\n".join(dict.fromkeys(seen.addresses)),
        form=FORM,
    )


def author_name(identity: Identity) -> AuthorName:
    """Return how searches know an identity, not stored yet."""
    seen = prepare(Document(id="", text="", author=identity.handle, author_name=identity.name))
    return AuthorName(
        identity_id=identity.pk,
        workspace_id=identity.workspace_id,
        handle=seen.author[: lexemes.MOST_CHARACTERS],
        name=seen.author_name[: lexemes.MOST_CHARACTERS],
    )


def _index(posts: Sequence[Post]) -> None:
    media = media_of(posts)
    rows = [row(post, media=media.get(post.pk, 0)) for post in posts]
    SearchText.objects.bulk_create(rows, update_conflicts=True, unique_fields=["post"], update_fields=FIELDS)
    _name({post.author.pk: post.author for post in posts if post.author})


def _name(identities: Mapping[int, Identity]) -> None:
    """Keep what authors are called; most are known by that name already."""
    known = AuthorName.objects.in_bulk(identities)
    names = [author_name(identity) for _, identity in sorted(identities.items())]
    changed = [name for name in names if name.pk not in known or _differs(known[name.pk], name)]
    AuthorName.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["identity"], update_fields=["handle", "name"]
    )


def _differs(known: AuthorName, name: AuthorName) -> bool:
    return (known.handle, known.name) != (name.handle, name.name)


def _owners(post: Post) -> list[str]:
    own = [] if post.author_id else [lexemes.OURS]
    return [lexemes.workspace(post.workspace_id), lexemes.channel(post.channel_id), *own]

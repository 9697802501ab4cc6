"""Posts and queries made of few words, so that queries find something, and what a search finds of them."""

import random
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from luister.accounts.models import Membership
from luister.inbox.queries.labels import PostLabels
from luister.posts.index.documents import document, media_of, topics_of
from luister.posts.index.store import index_posts
from luister.posts.models import Post
from luister.posts.queries.archive import Found, search
from luister.query import Moment, Node, matches, prepare
from luister.query import tree as t
from luister.query.tree import Wildcard
from tests import factories as make
from tests.query import strategies as written

MOMENT = Moment(written.NOW, ZoneInfo("Europe/Amsterdam"))
WORDS = (
    "koffer", "koffers", "trein", "treinvertraging", "vertraging", "vertraagd", "op", "de", "kwijt", "café", "één",
    "straße", "ĳs", "klm", "a_b", "x%y", "12", "12:30", "t-mobile", "foto's", "привет", "電車", "İstanbul", "or", "not",
)  # fmt: skip
MARKS = ("#klm", "#TreinVertraging", "@klm", "@klm.nl", "@jan@mastodon.nl", "@Jan", "👍🏽", "👍", "😡", "🇳🇱", "👩‍🚒")
ADDRESSES = ("https://www.klm.nl/Hulp?x=1_2", "http://nieuws.klm.nl.", "www.example.com/trein%20", "https://klm.nl")
NAMES = ("Jan de Vries", "Zoë  Çelik", "jan", "KLM")
HANDLES = ("jan", "@Jan@mastodon.nl", "jan.v", "zoë_ç", "klm", "")


def make_documents(workspace, *, count, seed=1):
    """Store and index posts after the documents of the language's own tests, with labels, topics and pictures."""
    dice = random.Random(seed)
    networks = ("x", "facebook", "news")
    channels = {network: make.ChannelFactory(workspace=workspace, network=network) for network in networks}
    labels = {name: make.LabelFactory(workspace=workspace, name=name) for name in written.FIELDS["label"]}
    topics = {name: make.TopicFactory(workspace=workspace, name=name) for name in written.FIELDS["topic"]}
    seen = [written.document(dice) for _ in range(count)]
    posts = Post.objects.bulk_create(_post_of(one, workspace, channels, number) for number, one in enumerate(seen))
    for post, one in zip(posts, seen, strict=True):
        for number in range(one.media or 0):
            make.AttachmentFactory(workspace=workspace, post=post, stored_as=f"{post.pk}-{number}")
        for name in one.topics:
            make.PostTopicFactory(post=post, topic=topics[name])
        for name in set(topics) - set(one.topics):
            if dice.random() < 0.1:
                make.PostTopicFactory(post=post, topic=topics[name], is_removed=True)
        if one.labels:
            case = make.CaseFactory(workspace=workspace, channel=post.channel)
            make.CasePostFactory(case=case, post=post)
            for name in one.labels:
                make.CaseLabelFactory(case=case, label=labels[name])
    index_posts(posts)
    return posts


def _post_of(one, workspace, channels, number):
    author = None
    if one.inbound is not False:
        author = make.IdentityFactory(workspace=workspace, handle=one.author, name=one.author_name, contact__name="x")
    return Post(
        workspace=workspace,
        channel=channels[one.network or "x"],
        author=author,
        external_id=str(number),
        direction="in" if author else "out",
        kind=one.type or "mail",
        is_public=one.public is not False,
        subject=one.title,
        text=one.text,
        url=one.url,
        language=one.lang or "",
        sentiment=one.sentiment or "",
        says=one.says or [],
        links=one.links,
        rating=one.rating if one.rating is None or one.rating < 10 else None,
        reach=None if one.reach is None else int(one.reach),
        followers=None if one.followers is None else int(one.followers),
        edited_at=written.NOW if one.edited else None,
        posted_at=one.published_at or written.NOW - timedelta(days=400),
        received_at=written.NOW,
    )


def make_posts(workspace, *, count, seed=1):
    """Store and index posts of all kinds, and return them."""
    dice = random.Random(seed)
    channels = [
        make.ChannelFactory(workspace=workspace, network=network, handle=handle, name=name)
        for network, handle, name in (("x", "@klm", "KLM"), ("email", "zoë@klm.nl", "Zoë"), ("news", "klm.nl", "Feed"))
    ]
    authors = [
        make.IdentityFactory(workspace=workspace, handle=handle, name=name, contact__name="x")
        for handle in HANDLES
        for name in NAMES
    ]
    posts = [_post(dice, workspace, channels, authors, number) for number in range(count)]
    posts = Post.objects.bulk_create(posts)
    for post in dice.sample(posts, count // 5):
        make.AttachmentFactory(workspace=workspace, post=post, content_type=dice.choice(["image/png", "text/plain"]))
    index_posts(posts)
    return posts


def _post(dice, workspace, channels, authors, number):
    author = dice.choice([*authors, None])
    said = dice.choices([*WORDS, *MARKS], k=dice.choice([0, 1, 3, 8, 20])) + dice.choices(
        ADDRESSES, k=dice.choice([0, 0, 1])
    )
    dice.shuffle(said)
    return Post(
        workspace=workspace,
        channel=dice.choice(channels),
        author=author,
        external_id=str(number),
        direction="in" if author else "out",
        kind=dice.choice(["post", "reply", "mail", "review"]),
        is_public=dice.random() < 0.7,
        subject=" ".join(dice.choices([*WORDS, *MARKS], k=dice.choice([0, 0, 1, 3]))),
        text=dice.choice([" ", ", ", "? ", "  \n"]).join(said),
        url=dice.choice(["", *ADDRESSES]),
        language=dice.choice(["", "nl", "en"]),
        sentiment=dice.choice(["", "positive", "negative"]),
        says=dice.sample(["question", "complaint", "thanks"], k=dice.choice([0, 1, 2])),
        links=dice.sample(ADDRESSES, k=dice.choice([0, 0, 1])),
        rating=dice.choice([None, Decimal(1), Decimal("2.5"), Decimal(5)]),
        reach=dice.choice([None, 0, 1200]),
        followers=dice.choice([None, 900, 3_000_000]),
        edited_at=dice.choice([None, make.NOW]),
        posted_at=make.NOW - timedelta(hours=dice.randrange(200)),
        received_at=make.NOW,
    )


def reader(workspace, *, sees_private=True) -> Membership:
    """Return a member who reads everything, or all that is public."""
    return make.MembershipFactory(workspace=workspace, role="analyst", sees_private=sees_private)


def ids_found(node: Node, *, member: Membership, limit: int = 50, by_relevance: bool = False) -> list[int]:
    """Return the ids of all posts that a search finds, page after page."""
    found: list[int] = []
    page: Found | None = None
    while page is None or page.following is not None:
        page = search(
            node,
            member=member,
            moment=MOMENT,
            labels=PostLabels(member),
            after=page.following if page else None,
            by_relevance=by_relevance,
            limit=limit,
            seconds=600.0,
        )
        assert not page.is_partial
        found += [hit.post.pk for hit in page.hits]
        assert page.total == len(found)
    return found


def prepared_posts(posts, *, member):
    """Return posts as the matcher sees them, newest first."""
    stored = Post.objects.filter(pk__in=[post.pk for post in posts]).select_related("author", "channel")
    media, labels = media_of(stored), PostLabels(member).labels_of([post.pk for post in posts])
    topics = topics_of(post.pk for post in posts)
    ordered = sorted(stored, key=lambda post: (post.posted_at, post.pk), reverse=True)
    own = [(post, media.get(post.pk, 0), labels.get(post.pk, ()), topics.get(post.pk, ())) for post in ordered]
    return [
        (post, prepare(document(post, media=count, labels=labelled, topics=given)))
        for post, count, labelled, given in own
    ]


def ids_matched(node: Node, posts) -> list[int]:
    """Return the ids of the posts that the matcher finds, of prepared ones."""
    return [post.pk for post, prepared in posts if matches(node, prepared, moment=MOMENT)]


# Trees

_texts = st.sampled_from(
    ["koffer", "koffers", "trein", "treinvertraging", "vertraging", "op", "de", "kwijt", "cafe", "een", "strasse",
     "ijs", "klm", "a_b", "x", "y", "12", "30", "t", "mobile", "привет", "電車", "or", "nergens", "12a", "'"]
)  # fmt: skip
_parts = st.sampled_from(
    ["ko", "trein", "ver", "ing", "vert", "raging", "a_b", "_b", "kof", "привет", "klm", "www", "123"]
)
_wild = st.builds(t.Word, _parts, st.sampled_from([Wildcard.PREFIX, Wildcard.SUFFIX, Wildcard.INFIX]))
_words = st.one_of(st.builds(t.Word, _texts), _wild)
_hashtags = st.builds(
    t.Hashtag, st.sampled_from(["klm", "treinvertraging", "tr"]), st.sampled_from([Wildcard.NONE, Wildcard.PREFIX])
)
_mentions = st.one_of(
    st.builds(t.Mention, st.sampled_from(["klm", "klm.nl", "jan", "jan.v"])),
    st.builds(t.Mention, st.just("jan"), st.sampled_from(["mastodon.nl", "klm.nl"])),
    st.builds(t.Mention, st.sampled_from(["kl", "ja"]), st.just(""), st.just(Wildcard.PREFIX)),
)
_emoji = st.builds(t.Emoji, st.sampled_from(["👍", "😡", "🇳🇱", "👩‍🚒", "🚒"]))
_tokens = st.one_of(_words, _hashtags, _mentions, _emoji)
_phrases = st.builds(t.Phrase, st.lists(_tokens, min_size=2, max_size=4).map(tuple))
_terms = st.one_of(_tokens, _tokens, _phrases)
_operands = st.one_of(_terms, st.builds(t.Or, st.lists(_terms, min_size=2, max_size=3).map(tuple)))


@st.composite
def _nears(draw):
    operands = draw(st.lists(_operands, min_size=2, max_size=3))
    distances = draw(
        st.lists(st.sampled_from([0, 1, 3, 8, 30]), min_size=len(operands) - 1, max_size=len(operands) - 1)
    )
    return t.Near(tuple(operands), tuple(distances))


_numbers = st.builds(
    t.Number,
    st.sampled_from(["rating", "reach", "followers"]),
    st.sampled_from([None, Decimal(1), Decimal("2.5"), Decimal(900)]),
    st.sampled_from([None, Decimal("2.5"), Decimal(5), Decimal(1200)]),
    st.booleans(),
    st.booleans(),
)
_values = st.sampled_from(
    [("network", "x"), ("network", "email"), ("network", "tv"), ("type", "message"), ("type", "reply"), ("lang", "nl"),
     ("lang", "de"), ("sentiment", "positive"), ("says", "question"), ("says", "spam"), ("has", "link"),
     ("has", "media"), ("has", "question"), ("is", "public"), ("is", "private"), ("is", "inbound"), ("is", "outbound"),
     ("is", "edited"), ("topic", "koffers"), ("label", "koffers")]
)  # fmt: skip
_fields = st.one_of(
    st.builds(t.In, st.sampled_from(list(t.Part)), _terms),
    st.builds(t.Author, st.sampled_from(["jan", "jan@mastodon.nl", "zoe_c", "klm"])),
    st.builds(t.Author, st.sampled_from(["ja", "zoe_"]), st.just(False), st.just(Wildcard.PREFIX)),
    st.builds(t.Author, st.sampled_from(["jan de vries", "zoe celik", "klm", "zoe"]), st.just(True)),
    st.builds(t.Author, st.sampled_from(["jan d", "zo"]), st.just(True), st.just(Wildcard.PREFIX)),
    st.builds(t.Site, st.sampled_from(["klm.nl", "nl", "www.klm.nl", "m.nl", "example.com"])),
    st.builds(t.Address, st.sampled_from(["klm", "hulp?x=1_2", "1_", "%20", "klm.nl\nhttp", "//www."])),
    st.builds(lambda value: t.Is(*value), _values),
    _numbers,
    st.builds(
        t.Since,
        st.one_of(
            st.integers(0, 200).map(lambda hours: timedelta(hours=hours)),
            st.integers(0, 200).map(lambda hours: make.NOW - timedelta(hours=hours)),
        ),
        st.booleans(),
    ),
    st.just(t.CaseIs("status", "open")),
)
leaves = st.one_of(_terms, _terms, _nears(), _fields, _fields)


def _grown(children):
    several = st.lists(children, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(t.And, several), st.builds(t.Or, several), st.builds(t.Not, children))


trees = st.recursive(leaves, _grown, max_leaves=6)

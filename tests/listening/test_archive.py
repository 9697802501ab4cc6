"""The archive on screen: what a query finds, what is wrong with it, and nothing that a reader may not see."""

from datetime import timedelta

import pytest
from django.urls import reverse

from luister.posts.index.store import index_posts
from luister.posts.models import Indexing, Post
from luister.posts.queries import archive as engine
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return make.MembershipFactory(role="agent")


@pytest.fixture
def channel(member):
    return make.ChannelFactory(workspace=member.workspace, name="Luchthaven")


@pytest.fixture
def ask(client, member):
    """Open the archive with a query."""

    def open_page(q="", reader=member, **parameters):
        client.force_login(reader.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        headers = parameters.pop("headers", {})
        return client.get(
            reverse("listening:archive", args=[reader.workspace.slug]), {"q": q, **parameters}, headers=headers
        )

    return open_page


def say(channel, *texts, **fields):
    """Store and index posts, the first the newest."""
    posts = [
        make.PostFactory(
            workspace=channel.workspace, channel=channel, text=text,
            **({"posted_at": make.NOW - timedelta(minutes=number)} | fields),
        )
        for number, text in enumerate(texts)
    ]  # fmt: skip
    index_posts(posts)
    return posts


def test_found_posts_are_shown_with_their_words_marked(ask, channel):
    say(channel, "Waar is mijn KÖFFER <b>nu</b>?", "Iets anders.")
    shown = ask("koffer").content.decode()
    assert "Waar is mijn <mark>KÖFFER</mark> &lt;b&gt;nu&lt;/b&gt;?" in shown
    assert "Iets anders" not in shown
    assert "1 bericht<" in shown.replace("\n", "")


def test_without_a_query_the_page_teaches(ask):
    shown = ask().content.decode()
    assert "koffer NEAR/5 kwijt" in shown
    assert "Niets gevonden" not in shown


def test_a_query_that_finds_nothing_says_what_to_do(ask):
    assert "Laat een woord weg" in ask("bestaatniet").content.decode()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ('"koffer', "aanhalingsteken"),
        ("kleur:rood", "kleur"),
        ("(" * 10_000, "Haakjes"),
        ("a" * 50_000, "10000"),
        ("after:31-02-2026", "after"),
        ("after:2026-13-01", "after"),
        ("before:gisteren", "before"),
        ("naam:*", "naam"),
    ],
)
def test_a_mistake_is_told_with_its_place(ask, query, sentence):
    """Q2, Q4, Q5: too deep, too long, unknown fields and dates that are none."""
    answer = ask(query)
    assert answer.status_code == 422
    assert "data-error" in answer.content.decode()
    assert sentence in answer.content.decode()


@pytest.mark.parametrize(
    "query", ["' OR 1=1 --", "%", "_", "\\", "%' ; DROP TABLE posts_post; --", "(a+)+$", "\x00koffer"]
)
def test_signs_of_other_languages_mean_nothing(ask, channel, query):
    """Q1, Q3: a literal search, or a sentence about what is wrong."""
    say(channel, "koffer")
    assert ask(query).status_code in (200, 422)


def test_letters_are_found_however_they_are_written(ask, channel):
    """Q7."""
    say(channel, "één ﬁets in de STRASSE, ĳs 👍🏽")
    for query in ("een", "één", "FIETS", "straße", "ijs", "ĳs", "👍", "👍🏿"):
        assert "<mark>" in ask(query).content.decode(), query


@pytest.mark.parametrize(
    ("query", "period"),
    [
        ("a after:2026-03-26 before:2026-03-27", "26 mrt 2026 00:00–24:00"),
        ("a after:2026-03-29 before:2026-03-30", "29 mrt 2026 00:00–24:00"),  # clocks skip an hour
        ("a after:2026-03-26T10:00", "vanaf 26 mrt 2026 10:00"),
        ("a before:2026-03-26T10:00Z", "tot 26 mrt 2026 11:00"),
        ("a after:2026-03-27 before:2026-03-26", "vanaf 27 mrt 2026 00:00, tot 26 mrt 2026 00:00"),
    ],
)
def test_moments_are_shown_as_they_were_understood(ask, query, period):
    """Q5."""
    assert period in ask(query).content.decode()


def test_a_period_that_ends_before_it_begins_is_told(ask):
    assert "Verwissel after: en before:" in ask("a after:2026-03-27 before:2026-03-26").content.decode()


def test_pages_follow_each_other_without_gaps(ask, channel, monkeypatch):
    monkeypatch.setattr(engine.search, "__kwdefaults__", {**engine.search.__kwdefaults__, "limit": 2})
    posts = say(channel, *(f"koffer nummer{number}" for number in range(5)))
    first = ask("koffer")
    page = first.context["page"]
    assert [row.post.pk for row in page.rows] == [post.pk for post in posts[:2]]
    assert "Minstens 2 berichten" in first.content.decode()
    say(channel, "koffer van later", posted_at=make.NOW + timedelta(hours=1))
    second = ask("koffer", after=str(page.following), headers={"HX-Request": "true", "HX-Target": "more"})
    assert [row.post.pk for row in second.context["page"].rows] == [post.pk for post in posts[2:4]]
    assert "<html" not in second.content.decode()


@pytest.mark.parametrize("after", ["-1", "100000", "1.-1.0", "x", "9" * 400, "1.1.1.1", "999999999999999999.1.1"])
def test_a_page_that_is_none_is_refused(ask, after):
    """Q9."""
    answer = ask("koffer", after=after)
    assert answer.status_code == 422
    assert "Deze pagina bestaat niet" in answer.content.decode()


def test_a_page_behind_the_last_one_is_empty(ask, channel):
    say(channel, "koffer")
    assert ask("koffer", after="1.1.7").status_code == 200


def test_an_unfinished_index_is_told(ask, channel):
    make.PostFactory.create_batch(3, workspace=channel.workspace, channel=channel)
    Indexing.objects.create(form=1, done_to=0, started_at=make.NOW + timedelta(days=1))
    assert "0% is klaar" in ask("koffer").content.decode()


def test_a_post_leads_to_its_case_and_its_original(ask, member, channel):
    (post,) = say(channel, "koffer", url="https://klm.example/1")
    case = make.CaseFactory(workspace=member.workspace, channel=channel, number=77)
    make.CasePostFactory(case=case, post=post)
    shown = ask("koffer").content.decode()
    assert reverse("inbox:permalink", args=[member.workspace.slug, 77]) in shown
    assert 'href="https://klm.example/1"' in shown


def test_a_case_of_another_team_is_not_named(ask, member, channel):
    """Q6."""
    (post,) = say(channel, "koffer")
    case = make.CaseFactory(
        workspace=member.workspace, channel=channel, number=77, team=make.TeamFactory(workspace=member.workspace)
    )
    make.CasePostFactory(case=case, post=post)
    make.CaseLabelFactory(case=case, label__name="geheim")
    assert "#77" not in ask("koffer").content.decode()
    assert "Niets gevonden" in ask("label:geheim").content.decode()


def test_labels_are_those_of_the_case(ask, member, channel):
    post, _ = say(channel, "koffer van Anna", "koffer van Bob")
    case = make.CaseFactory(workspace=member.workspace, channel=channel)
    make.CasePostFactory(case=case, post=post)
    make.CaseLabelFactory(case=case, label__name="Té laat")
    found = ask('koffer label:"te laat"').context["page"].rows
    assert [row.post.pk for row in found] == [post.pk]
    found = ask('koffer -label:"te laat"').context["page"].rows
    assert [row.post.text for row in found] == ["koffer van Bob"]


def test_only_what_a_reader_may_read_is_found(ask, member, channel):
    say(channel, "koffer open")
    say(channel, "koffer dicht", is_public=False)
    other = make.ChannelFactory()
    say(other, "koffer elders")
    analyst = make.MembershipFactory(workspace=member.workspace, role="analyst")
    assert [row.post.text for row in ask("koffer", reader=analyst).context["page"].rows] == ["koffer open"]
    trusted = make.MembershipFactory(workspace=member.workspace, role="analyst", sees_private=True)
    assert len(ask("koffer", reader=trusted).context["page"].rows) == 2
    partner = make.MembershipFactory(workspace=member.workspace, role="partner")
    assert ask("koffer", reader=partner).status_code == 404


def test_a_search_that_takes_too_long_says_so(ask, channel, monkeypatch):
    """Q3."""
    say(channel, "koffer")
    monkeypatch.setattr(engine.search, "__kwdefaults__", {**engine.search.__kwdefaults__, "seconds": 0.0})
    answer = ask("koffer")
    assert answer.status_code == 200
    assert "Verfijn je zoekvraag" in answer.content.decode()


@pytest.mark.parametrize("rows", [1, 50])
def test_a_page_takes_the_same_number_of_statements_whatever_its_length(
    ask, client, channel, rows, django_assert_num_queries
):
    say(channel, *["koffer"] * rows)
    for post in Post.objects.all():
        make.UnderstandingFactory(post=post)
        make.CorrectionFactory(post=post)
    Indexing.objects.create(form=1, started_at=make.NOW, finished_at=make.NOW)
    address = ask("koffer").request["PATH_INFO"]
    with django_assert_num_queries(13):
        assert len(client.get(address, {"q": "koffer"}).context["page"].rows) == rows

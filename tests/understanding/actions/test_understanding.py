"""Understanding posts: what the machine says is kept, and what the network or people said stays."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from luister.base.posts import Automatic
from luister.inbox.queries.labels import PostLabels
from luister.listening.queries.found import moment_of
from luister.posts.actions import revise
from luister.posts.queries.archive import search
from luister.query import parse
from luister.text.contract import Kind, Need, Personal, PersonalData, Sentiment, Urgency
from luister.text.lessons import Lessons
from luister.understanding.actions import understand_post, understand_posts
from luister.understanding.models import Understanding
from tests import factories as make
from tests.factories import NOW
from tests.inbox.helpers import said
from tests.understanding.helpers import COMPLAINT

pytestmark = pytest.mark.django_db


def understood(post):
    understand_post(post, now=NOW)
    post.refresh_from_db()
    return Understanding.objects.get(post=post)


@pytest.mark.sql
def test_understand_post_writes_down_what_the_machine_says(machine):
    machine.changes(
        kinds=(Kind.QUESTION, Kind.COMPLAINT),
        urgency=Urgency.HIGH,
        neglected=True,
        wants_human=True,
        personal_data=(PersonalData(Personal.EMAIL, 3, 9),),
        emotions=("anger",),
        key_phrases=("kapotte koffer",),
    )
    post = make.PostFactory()

    row = understood(post)

    assert (post.language, post.sentiment, post.says) == ("nl", "negative", ["question", "complaint"])
    assert (row.score, row.need, row.urgency, row.is_neglected, row.wants_human) == (
        -0.8,
        "redress",
        "high",
        True,
        True,
    )
    assert row.personal_data == [{"kind": "email", "start": 3, "end": 9}]
    assert (row.emotions, row.key_phrases) == (["anger"], ["kapotte koffer"])
    assert row.why["sentiment"][0] == {"code": "words", "text": "kapot", "weight": 0.8}
    assert row.inferred["kinds"] == ["question", "complaint"]
    assert row.workspace == post.workspace


def test_understand_post_tells_the_post_that_was_passed_in(machine):
    post = make.PostFactory()

    understand_post(post, now=NOW)

    assert (post.language, post.sentiment, post.says) == ("nl", "negative", ["complaint"])


@pytest.mark.sql
def test_understand_post_lets_searches_find_the_post_by_it(machine):
    post = make.PostFactory(text="koffer")
    understand_post(post, now=NOW)
    member = make.MembershipFactory(workspace=post.workspace, role="lead")

    found = found_by("koffer sentiment:negative says:complaint lang:nl", member)

    assert found == [post.pk]


def found_by(query, member):
    page = search(parse(query), member=member, moment=moment_of(member.workspace, now=NOW), labels=PostLabels(member))
    return [hit.post.pk for hit in page.hits]


def test_understand_post_keeps_what_the_network_or_a_file_said(machine):
    post = make.PostFactory(language="de", sentiment="positive", says=["idea"])

    for _ in range(2):
        row = understood(post)

    assert (post.language, post.sentiment, post.says) == ("de", "positive", ["idea"])
    assert row.given == {"lang": "de", "sentiment": "positive", "kinds": ["idea"]}
    assert row.inferred["sentiment"] == "negative"
    assert machine.asked[-1]["lang"] == "de"


def test_understand_post_keeps_what_a_person_said(machine):
    post = make.PostFactory()
    understand_post(post, now=NOW)
    make.CorrectionFactory(post=post, aspect="sentiment", after="positive")
    make.CorrectionFactory(post=post, aspect="need", after="hearing")
    make.CorrectionFactory(post=post, aspect="urgency", after="high", undone_at=NOW)

    row = understood(post)

    assert (post.sentiment, row.need, row.urgency) == ("positive", "hearing", "normal")
    assert (row.inferred["sentiment"], row.inferred["need"]) == ("negative", "redress")


def test_understand_post_infers_anew_what_it_inferred_before(machine):
    post = make.PostFactory()
    understand_post(post, now=NOW)
    revise(said("p1", text="Nu ben ik blij"), post=post, now=NOW)
    machine.changes(sentiment=Sentiment.POSITIVE, kinds=(Kind.COMPLIMENT,), need=Need.NONE)

    row = understood(post)

    assert machine.asked[-1]["text"] == "Nu ben ik blij"
    assert (post.sentiment, post.says, row.need) == ("positive", ["compliment"], "none")
    assert row.given == {}


@pytest.mark.parametrize("fields", [{"direction": "out", "author": None}, {"automatic": Automatic.AUTO_REPLY}])
def test_understand_post_asks_only_the_language_of_what_no_customer_wrote(machine, fields):
    post = make.PostFactory(**fields)

    row = understood(post)

    assert (post.language, post.sentiment, post.says, row.need, row.why) == ("nl", "", [], "", {})


def test_understand_post_leaves_the_language_open_where_the_machine_does(machine):
    machine.changes(lang="und")
    post = make.PostFactory()

    understood(post)

    assert post.language == ""


def test_understand_post_expects_the_language_of_the_channel(machine):
    channel = make.ChannelFactory(workspace__language="nl")
    few = make.PostFactory(workspace=channel.workspace, channel=channel, language="fr")
    understand_post(make.PostFactory(workspace=channel.workspace, channel=channel), now=NOW)
    for _ in range(5):
        make.PostFactory(workspace=channel.workspace, channel=channel, language="fr")
    understand_post(make.PostFactory(workspace=channel.workspace, channel=channel), now=NOW)

    assert few.language == "fr"
    assert [asked["prior"] for asked in machine.asked] == ["nl", "fr"]


def test_understand_post_hands_on_what_the_workspace_taught_while_that_is_on(machine):
    post = make.PostFactory()
    learned = make.LearnedModelFactory(workspace=post.workspace, data={"need hearing": {"luister": 1.5}})
    understand_post(post, now=NOW)
    learned.is_on = False
    learned.save()
    understand_post(post, now=NOW)

    assert [asked["lessons"] for asked in machine.asked] == [Lessons(learned.data), None]


@pytest.mark.sql
def test_understand_posts_takes_the_same_number_of_queries_for_one_and_for_fifty(machine):
    channel = make.ChannelFactory()
    one, *fifty = make.PostFactory.create_batch(51, workspace=channel.workspace, channel=channel)
    with CaptureQueriesContext(
        connection,
    ) as for_one:
        understand_posts([one], now=NOW)
    with CaptureQueriesContext(connection) as for_fifty:
        understand_posts(fifty, now=NOW)

    assert len(for_one) == len(for_fifty)
    assert Understanding.objects.count() == 51


def test_a_text_that_breaks_the_machine_keeps_no_other_from_being_understood(monkeypatch, caplog):
    def brittle(text, **known):
        if text == "kapot":
            raise ZeroDivisionError
        return COMPLAINT

    monkeypatch.setattr("luister.understanding.actions.understanding.understand", brittle)
    broken, other = make.PostFactory(text="kapot"), make.PostFactory(text="heel")

    for post in (broken, other):
        understand_post(post, now=NOW)

    assert [row.post for row in Understanding.objects.all()] == [other]
    assert broken.sentiment == ""
    assert "post.not_understood" in caplog.text

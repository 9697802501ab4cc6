"""From a file to posts and cases: stored once, one case a thread and customer, with the moments of then."""

import pytest

from luister.channels.models import Channel
from luister.delivery.models import Outgoing
from luister.events.models import Event
from luister.imports.models import ImportRow
from luister.inbox.models import Case, CasePost, Notification
from luister.inbox.queries.timeline import timeline
from luister.posts.models import Post, PostTopic, SearchText
from luister.queue import collecting
from luister.understanding.models import Understanding
from tests import factories as make
from tests.imports.helpers import TWITTER, import_all

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def workspace():
    return make.WorkspaceFactory()


def own(case):
    return list(
        CasePost.objects.filter(case=case, is_context=False)
        .order_by("version")
        .values_list("post__external_id", flat=True)
    )


def test_twitter_support_is_stored_with_a_case_per_thread_and_customer(workspace):
    batch = import_all(TWITTER, workspace=workspace)

    assert (batch.state, batch.rows_read, batch.rows_stored, batch.rows_present, batch.rows_refused) == (
        "done", 10, 10, 0, 0,
    )  # fmt: skip
    assert (batch.threads, batch.cases) == (4, 4)
    cases = {case.identity.external_id: case for case in Case.objects.select_related("identity", "channel")}
    assert set(cases) == {"9001", "9002", "9003", "9005"}
    assert own(cases["9001"]) == ["100", "101", "102", "103"]
    assert own(cases["9002"]) == ["202", "204"]
    assert own(cases["9003"]) == ["203"]
    assert not ImportRow.objects.exists()


def test_each_brand_is_a_channel_on_its_network(workspace):
    import_all(TWITTER, workspace=workspace)

    channels = {(one.kind, one.network, one.handle) for one in Channel.objects.all()}
    assert channels == {("upload", "x", "SpoorNet"), ("upload", "x", "BankHelp")}
    unanswered = Post.objects.get(external_id="401")
    assert unanswered.channel.handle == "SpoorNet"  # whom it speaks to


def test_text_is_as_people_wrote_it(workspace):
    import_all(TWITTER, workspace=workspace)

    assert Post.objects.get(external_id="100").text == "@SpoorNet where is my train & why?"
    assert Post.objects.get(external_id="102").text == "@SpoorNet The 10:15\nto Delft"


def test_what_others_said_in_the_thread_is_context(workspace):
    import_all(TWITTER, workspace=workspace)

    case = Case.objects.get(identity__external_id="9003")
    context = CasePost.objects.filter(case=case, is_context=True).values_list("post__external_id", flat=True)
    assert set(context) == {"201", "202", "204"}


def test_answers_of_the_same_second_follow_what_they_answer(workspace):
    import_all(TWITTER, workspace=workspace)

    first, second = Post.objects.get(external_id="102"), Post.objects.get(external_id="103")
    assert first.posted_at == second.posted_at
    assert first.pk < second.pk
    assert second.parent == first


def test_cases_are_history_with_the_moments_of_then(workspace):
    import_all(TWITTER, workspace=workspace)

    case = Case.objects.get(identity__external_id="9001")
    posts = {post.external_id: post for post in Post.objects.all()}
    assert (case.state, case.waiting_since) == ("completed", None)
    assert case.opened_at == posts["100"].posted_at
    assert case.state_since == case.last_post_at == posts["103"].posted_at
    events = Event.objects.filter(case_id=case.pk).order_by("id").values_list("name", "at", "data__post")
    assert list(events) == [
        ("case.opened", posts["100"].posted_at, posts["100"].pk),
        ("case.post_received", posts["100"].posted_at, posts["100"].pk),
        ("case.answered_elsewhere", posts["101"].posted_at, posts["101"].pk),
        ("case.post_received", posts["102"].posted_at, posts["102"].pk),
        ("case.answered_elsewhere", posts["103"].posted_at, posts["103"].pk),
        ("case.state_changed", posts["103"].posted_at, None),
    ]


def test_what_nobody_answered_is_open_work_when_asked(workspace):
    import_all(TWITTER, workspace=workspace, as_open=True)

    states = dict(Case.objects.values_list("identity__external_id", "state"))
    assert states == {"9001": "completed", "9002": "completed", "9003": "open", "9005": "open"}
    case = Case.objects.get(identity__external_id="9003")
    assert case.waiting_since == case.opened_at == Post.objects.get(external_id="203").posted_at


def test_imported_again_changes_nothing(workspace):
    import_all(TWITTER, workspace=workspace)
    before = [list(model.objects.order_by("pk").values()) for model in (Post, Case, CasePost, Event, Channel)]

    batch = import_all(TWITTER, workspace=workspace)

    assert (batch.rows_stored, batch.rows_present, batch.cases) == (0, 10, 0)
    assert before == [list(model.objects.order_by("pk").values()) for model in (Post, Case, CasePost, Event, Channel)]


def test_a_file_that_half_overlaps_continues_its_threads(workspace):
    lines = TWITTER.splitlines(keepends=True)
    import_all("".join(lines[:3]), workspace=workspace)  # 100 and 101

    batch = import_all(TWITTER, workspace=workspace)

    assert (batch.rows_stored, batch.rows_present) == (8, 2)
    case = Case.objects.get(identity__external_id="9001")
    assert own(case) == ["100", "101", "102", "103"]
    assert case.version == 4


def test_nothing_leaves_and_nobody_is_told(workspace):
    make.MembershipFactory(workspace=workspace, role="administrator")
    with collecting() as jobs:
        import_all(TWITTER, workspace=workspace, as_open=True)

    assert not Outgoing.objects.exists()
    assert not Notification.objects.exists()
    assert not [job for job in jobs if not job.name.startswith("imports.")]


def test_what_is_imported_can_be_searched(workspace):
    import_all(TWITTER, workspace=workspace)

    assert SearchText.objects.count() == 10


def test_timeline_shows_turns_in_order(workspace):
    import_all(TWITTER, workspace=workspace)
    member = make.MembershipFactory(workspace=workspace, role="agent")

    case = Case.objects.get(identity__external_id="9001")
    said = [entry.post for entry in timeline(case, member=member) if entry.post]

    assert [(post.external_id, post.direction) for post in said] == [
        ("100", "in"), ("101", "out"), ("102", "in"), ("103", "out"),
    ]  # fmt: skip


def test_what_is_imported_is_understood_and_found_by_it(workspace):
    import_all(TWITTER, workspace=workspace)

    posts = Post.objects.filter(workspace=workspace)
    assert Understanding.objects.filter(post__in=posts).count() == posts.count() == SearchText.objects.count()
    theirs = posts.filter(direction="in").first()
    assert theirs.sentiment
    assert f"=sentiment:{theirs.sentiment}" in SearchText.objects.get(post=theirs).tokens


def test_topics_in_a_file_are_given_to_the_posts_and_made_where_they_are_missing(workspace):
    make.TopicFactory(workspace=workspace, name="Bagage")
    content = "id,text,published_at,author,network,brand,topics\n1,Mijn koffer,2026-01-31,jan,x,Zuid,bagage; Te laat\n"

    for _ in range(2):
        import_all(content, workspace=workspace)

    given = PostTopic.objects.values_list("post__external_id", "topic__name", "given_by")
    assert sorted(given) == [("1", "Bagage", "file"), ("1", "Te laat", "file")]

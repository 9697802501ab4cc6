"""What becomes a delivery: everything that was committed, once, in its own workspace, and no more than it may say."""

import json
import threading

import pytest
from django.db import connection, transaction

from luister.inbox.actions import changes
from luister.inbox.enums import CaseState
from luister.webhooks.actions.following import follow
from luister.webhooks.deliver import look
from luister.webhooks.enums import Kind, Source
from luister.webhooks.models import Delivery
from tests import factories as make
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


def told(endpoint=None):
    """Read on until there is no more, and return the kinds and payloads that were made."""
    for source in (Source.EVENT, Source.MENTION):
        for _ in range(5):
            follow(source, now=NOW)
    rows = Delivery.objects.order_by("pk")
    rows = rows if endpoint is None else rows.filter(endpoint=endpoint)
    return [(row.kind, json.loads(row.payload)) for row in rows]


def new_case(workspace, **fields):
    channel = fields.pop("channel", None) or make.ChannelFactory(workspace=workspace)
    return make.CaseFactory(workspace=workspace, channel=channel, **fields)


def test_actions_on_a_case_are_told_with_what_was_there_before_and_after():
    lead = make.MembershipFactory(role="lead")
    case = new_case(lead.workspace, state="open")
    endpoint = make.EndpointFactory(workspace=lead.workspace)

    changes.assign(case.pk, to=lead.user, by=lead, now=NOW)
    changes.change_state(case.pk, state=CaseState.COMPLETED, by=lead, now=NOW)
    changes.add_label(case.pk, name="Bagage", by=lead, now=NOW)
    found = told(endpoint)

    assert [kind for kind, _ in found] == [
        Kind.CASE_ASSIGNED,
        Kind.CASE_STATE_CHANGED,
        Kind.CASE_COMPLETED,
        Kind.CASE_LABELS_CHANGED,
    ]
    assigned, state, completed, labels = (said for _, said in found)
    person = {"id": lead.user_id, "name": lead.user.name}
    assert (assigned["type"], assigned["version"], assigned["workspace"]) == (
        "case.assigned",
        1,
        lead.workspace.slug,
    )
    assert assigned["timestamp"] == NOW.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert (assigned["data"]["before"], assigned["data"]["after"]) == ({"assignee": None}, {"assignee": person})
    assert assigned["data"]["by"] == person
    assert (state["data"]["before"]["state"], state["data"]["after"]["state"]) == ("open", "completed")
    assert completed["data"]["case"]["number"] == case.number
    assert labels["data"]["added"] == "Bagage"


def test_each_event_is_told_once_to_who_wants_it_in_its_own_workspace():
    wants, wants_other = make.EndpointFactory(), make.EndpointFactory(kinds=[Kind.REPLY_FAILED])
    elsewhere, is_off = make.EndpointFactory(), make.EndpointFactory(workspace=wants.workspace, state="off")
    case = new_case(wants.workspace)
    make.EventFactory(workspace=wants.workspace, case_id=case.pk)
    # An event that says that it is about another workspace's case is told to nobody.
    make.EventFactory(workspace=elsewhere.workspace, case_id=case.pk)

    told()
    told()

    assert [row.endpoint_id for row in Delivery.objects.all()] == [wants.pk]
    assert not Delivery.objects.filter(endpoint__in=[wants_other, elsewhere, is_off]).exists()


def test_what_happened_before_an_endpoint_was_made_is_none_of_its_business():
    case = new_case(make.WorkspaceFactory())
    old = make.EventFactory(workspace=case.workspace, case_id=case.pk)
    make.EndpointFactory(workspace=case.workspace, after_event_id=old.pk)
    new = make.EventFactory(workspace=case.workspace, case_id=case.pk)

    told()

    assert [row.source_id for row in Delivery.objects.all()] == [new.pk]


def test_private_content_is_withheld_unless_somebody_who_may_see_it_answers_for_it():
    member = make.MembershipFactory(role="administrator")
    workspace = member.workspace
    careful = make.EndpointFactory(workspace=workspace)
    open_ = make.EndpointFactory(workspace=workspace, private_by=member)
    removed = make.EndpointFactory(
        workspace=workspace, private_by=make.MembershipFactory(workspace=workspace, is_active=False)
    )
    channel = make.ChannelFactory(workspace=workspace, publicness="private")
    case = new_case(workspace, channel=channel, subject="kanarie", is_public=False)
    post = make.PostFactory(workspace=workspace, channel=channel, is_public=False, text="kanarie", subject="kanarie")
    make.EventFactory(workspace=workspace, case_id=case.pk, name="case.post_received", data={"post": post.pk})
    outgoing = make.OutgoingFactory(workspace=workspace, channel=channel, is_public=False, text="kanarie")
    reply = make.ReplyFactory(workspace=workspace, case=case, outgoing=outgoing, text="kanarie")
    make.EventFactory(workspace=workspace, case_id=case.pk, name="reply.failed", data={"reply": reply.pk})
    monitor = make.MonitorFactory(workspace=workspace)
    make.MentionFactory(workspace=workspace, monitor=monitor, post=post, words=["kanarie"])

    kinds = [Kind.POST_RECEIVED, Kind.REPLY_FAILED, Kind.MENTION_FOUND]
    assert [kind for kind, _ in told(open_)] == kinds
    assert all("kanarie" in json.dumps(said) for _, said in told(open_))
    for endpoint in (careful, removed):
        assert [kind for kind, _ in told(endpoint)] == kinds
        assert not any("kanarie" in json.dumps(said) for _, said in told(endpoint))
        assert post.author.name not in json.dumps(told(endpoint))


def test_public_posts_and_live_mentions_are_told_in_full_and_history_is_not():
    workspace = make.WorkspaceFactory()
    make.EndpointFactory(workspace=workspace, kinds=[Kind.POST_RECEIVED, Kind.MENTION_FOUND])
    post = make.PostFactory(workspace=workspace, is_public=True, text="Waar blijft mijn koffer?" + "a" * 9000)
    case = new_case(workspace, channel=post.channel)
    make.EventFactory(workspace=workspace, case_id=case.pk, name="case.post_received", data={"post": post.pk})
    imported = new_case(workspace, channel=make.ChannelFactory(workspace=workspace, kind="upload"))
    make.EventFactory(workspace=workspace, case_id=imported.pk, name="case.post_received", data={"post": post.pk})
    mention = make.MentionFactory(workspace=workspace, post=post, monitor__workspace=workspace)
    make.MentionFactory(workspace=workspace, monitor__workspace=workspace, is_live=False)

    (_, received), (_, found) = told()

    assert received["data"]["post"]["text"].startswith("Waar blijft mijn koffer?")
    assert (len(received["data"]["post"]["text"]), received["data"]["post"]["text_is_cut"]) == (8000, True)
    assert received["data"]["post"]["author"]["name"] == post.author.name
    assert found["data"]["mention"]["monitor"]["name"] == mention.monitor.name


@pytest.mark.django_db(transaction=True)
def test_an_event_whose_transaction_commits_late_is_not_missed():
    """Ids are given out when rows are written, and appear when they are committed: the later may come first."""
    case = new_case(make.WorkspaceFactory())
    make.EndpointFactory(workspace=case.workspace)
    written, may_commit = threading.Event(), threading.Event()
    late = []

    def write():
        with transaction.atomic():
            late.append(make.EventFactory(workspace_id=case.workspace_id, workspace=None, case_id=case.pk).pk)
            written.set()
            may_commit.wait(30)
        connection.close()

    writing = threading.Thread(target=write)
    writing.start()
    written.wait(30)
    early = make.EventFactory(workspace=case.workspace, case_id=case.pk).pk
    told()
    while_writing = list(Delivery.objects.values_list("source_id", flat=True))
    may_commit.set()
    writing.join(30)
    told()

    assert while_writing == []
    assert late[0] < early
    assert list(Delivery.objects.order_by("source_id").values_list("source_id", flat=True)) == [late[0], early]


def test_when_nobody_listens_a_look_is_one_question(django_assert_num_queries):
    make.EventFactory()
    make.EndpointFactory(state="off")

    with django_assert_num_queries(1):
        look(None, {})


def test_a_batch_of_events_takes_the_same_questions_as_one(django_assert_max_num_queries):
    workspace = make.WorkspaceFactory()
    make.EndpointFactory(workspace=workspace)

    def happen(number):
        for _ in range(number):
            post = make.PostFactory(workspace=workspace)
            case = new_case(workspace, channel=post.channel)
            make.EventFactory(workspace=workspace, case_id=case.pk, name="case.post_received", data={"post": post.pk})

    follow(Source.EVENT, now=NOW)
    counts = []
    for number in (1, 50):
        happen(number)
        with django_assert_max_num_queries(25) as asked:
            follow(Source.EVENT, now=NOW)
        counts.append(len(asked))

    assert counts[0] == counts[1]
    assert Delivery.objects.count() == 51

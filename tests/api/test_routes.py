"""What routes answer, and what they do: the same as the pages."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from luister.base.clock import utc_now
from luister.delivery import actions as delivery
from luister.delivery import parsing
from luister.delivery.models import Outgoing, RawItem
from luister.inbox.actions.changes import wake_snoozed
from luister.inbox.models import Case, Note, Reply
from luister.listening.models import Mention, Monitor
from luister.pipeline.actions import run_all
from luister.posts.index.store import index_posts
from luister.posts.models import Post
from luister.queue import collecting
from tests import factories as make
from tests.api.programs import program
from tests.api.test_gate import problem

pytestmark = pytest.mark.django_db


def test_me_says_as_whom_the_token_acts(app, lead):
    told = app.get("/me").json()

    assert told["user"] == {"id": lead.user_id, "name": "Pim de Vries"}
    assert (told["role"], told["workspace"]["slug"]) == ("administrator", lead.workspace.slug)
    assert app.text not in str(told)


def test_posts_handed_in_are_stored_once_and_become_cases_and_mentions(app, lead):
    channel = make.ChannelFactory(workspace=lead.workspace, kind="api", network="api", handle="app", publicness="both")
    make.MonitorFactory(workspace=lead.workspace, name="Fouten", query="fout")
    post = {"external_id": "a-1", "text": "De app geeft een fout.", "author": {"external_id": "s", "name": "Sanne"}}

    with collecting() as jobs:
        first = app.post("/posts", {"channel_id": channel.pk, "posts": [post, post | {"external_id": "a-2"}]})
        again = app.post("/posts", {"channel_id": channel.pk, "posts": [post]})
        work_off(jobs)

    assert (first.status_code, first.json()) == (202, {"received": 2, "new": 2})
    assert again.json() == {"received": 1, "new": 0}
    assert Post.objects.filter(channel=channel).count() == 2
    assert Mention.objects.count() == 2
    found = app.get(f"/posts?channel_id={channel.pk}&external_id=a-1").json()["rows"]
    assert [(row["text"], row["author"]["name"]) for row in found] == [("De app geeft een fout.", "Sanne")]
    assert found[0]["case_number"] in Case.objects.values_list("number", flat=True)
    assert len(app.get("/posts?query=fout").json()["rows"]) == 2
    assert app.get(f"/posts/{found[0]['id']}").json() == found[0]


def work_off(jobs):
    """Do what workers would do."""
    for job in jobs:
        if job.name == "delivery.process_raw":
            delivery.process_raw(job.arguments["raw_ids"], now=utc_now())
        elif job.name == "pipeline.run_all":
            run_all(job.arguments["post_ids"], now=utc_now())
    parsing.stop()


def test_posts_go_only_into_a_channel_for_programs(app, lead):
    other = make.ChannelFactory(workspace=lead.workspace)
    post = {"external_id": "a-1", "text": "x", "author": {"external_id": "s"}}

    told = problem(app.post("/posts", {"channel_id": other.pk, "posts": [post]}), 422, "invalid")

    assert told["errors"][0]["at"] == "body.channel_id"
    assert not RawItem.objects.exists()


def test_case_is_read_with_its_timeline(app, case):
    make.NoteFactory(workspace=case.workspace, case=case, text="intern")
    index_posts(list(Post.objects.all()))

    told = app.get(f"/cases/{case.number}").json()

    assert told["contact"]["name"] == "Sanne Bakker"
    assert [entry["post"]["text"] for entry in told["timeline"] if entry["post"]] == ["Waar is mijn koffer?"]
    assert [entry["note"]["text"] for entry in told["timeline"] if entry["note"]] == ["intern"]
    [row] = app.get("/cases?query=koffer").json()["rows"]
    assert row["version"] == told["version"]
    assert problem(app.get("/cases?query=(koffer"), 422, "query.unclosed_parenthesis")["offset"] == 0


def test_case_is_changed_all_or_nothing(app, lead, case):
    team = make.TeamFactory(workspace=lead.workspace)
    until = (utc_now() + timedelta(days=1)).isoformat()
    fields = {"assignee_id": lead.user_id, "team_id": team.pk, "is_urgent": True, "snoozed_until": until}

    changed = app.ask("PATCH", f"/cases/{case.number}", fields)

    assert changed.status_code == 200, changed.content
    told = changed.json()
    assert (told["state"], told["assignee"]["id"], told["team"]["id"]) == ("waiting", lead.user_id, team.pk)
    assert wake_snoozed(now=utc_now() + timedelta(days=2)) == 1
    refused = app.ask("PATCH", f"/cases/{case.number}", {"is_urgent": False, "assignee_id": 999_999})
    assert problem(refused, 422, "invalid")["errors"][0]["at"] == "body.assignee_id"
    assert Case.objects.get(pk=case.pk).is_urgent


def test_labels_and_notes(app, case):
    labelled = app.post(f"/cases/{case.number}/labels", {"name": "bagage"}).json()
    assert [label["name"] for label in labelled["labels"]] == ["bagage"]
    assert app.get("/labels").json()["rows"] == labelled["labels"]
    gone = app.ask("DELETE", f"/cases/{case.number}/labels/{labelled['labels'][0]['id']}")
    assert gone.json()["labels"] == []
    assert app.post(f"/cases/{case.number}/notes", {"text": "Belde ook."}).status_code == 201
    assert Note.objects.get().author_id == app.member.user_id


def test_reply_goes_through_the_outbox_once_and_its_state_is_true(app, case):
    reply = {"text": "Gevonden!", "is_public": True, "seen_version": 1, "then": "open"}
    first = app.post(f"/cases/{case.number}/replies", reply, Idempotency_Key="r-1")
    app.post(f"/cases/{case.number}/replies", reply, Idempotency_Key="r-1")

    assert first.status_code == 201, first.content
    outgoing = Outgoing.objects.get()
    told = app.get(f"/replies/{first.json()['id']}").json()
    assert (told["state"], told["sent_at"], told["url"], told["is_settled"]) == ("queued", None, "", False)
    Outgoing.objects.update(state="unknown", reason_code="send.unknown", asked_at=utc_now())
    told = app.get(f"/replies/{first.json()['id']}").json()
    assert (told["state"], told["sent_at"], told["is_settled"]) == ("unknown", None, True)
    assert told["says"]
    Outgoing.objects.update(state="queued", reason_code="")
    taken = app.ask("DELETE", f"/replies/{first.json()['id']}")
    assert taken.json()["state"] == "cancelled"
    outgoing.refresh_from_db()
    assert outgoing.state == "cancelled"
    assert Reply.objects.count() == 1


def test_reply_of_which_nobody_knows_is_settled_once(app, case):
    reply = make.ReplyFactory(workspace=case.workspace, case=case, outgoing__state="unknown")
    place = f"/replies/{reply.pk}/settle"

    assert app.post(place, {"decision": "sent"}).json()["state"] == "sent"
    problem(app.post(place, {"decision": "again"}), 409, "reply.already_settled")
    told = problem(app.post(place, {"decision": "perhaps"}, Accept_Language="nl"), 422, "invalid")
    assert told["detail"] == "body.decision: Kies uit: sent, again, give_up."


@pytest.mark.parametrize(("decision", "state"), [("approve", "queued"), ("send_back", "cancelled")])
def test_proposed_reply_is_judged_by_a_colleague_once(app, lead, case, decision, state):
    writer = make.MembershipFactory(workspace=lead.workspace, role="agent", needs_approval=True)
    reply = {"text": "Gevonden!", "is_public": True, "seen_version": 1}
    proposed = program(writer).post(f"/cases/{case.number}/replies", reply).json()
    place = f"/replies/{proposed['id']}/judge"
    assert proposed["state"] == "proposed"

    problem(program(writer, name="own").post(place, {"decision": decision}), 422, "reply.not_yours_to_approve")
    told = app.post(place, {"decision": decision, "why": "Vriendelijker, graag." if decision == "send_back" else ""})

    assert told.json()["state"] == state
    assert [note.text for note in Note.objects.all()] == ["Vriendelijker, graag."] * (decision == "send_back")
    problem(app.post(place, {"decision": decision}), 409, "reply.already_judged")


def test_post_is_corrected(app, lead, case):
    post = Post.objects.get()
    make.UnderstandingFactory(post=post)
    place = f"/posts/{post.pk}/corrections"

    told = app.post(place, {"aspect": "sentiment", "value": "negative"}).json()

    assert (told["understood"]["sentiment"], told["understood"]["corrected"]) == ("negative", ["sentiment"])
    told = app.post(place, {"aspect": "wants_human", "value": "yes"}).json()
    assert (told["understood"]["wants_human"], told["understood"]["neglected"]) == (True, False)
    refused = app.post(place, {"aspect": "sentiment", "value": "boos"}, Accept_Language="nl")
    told = problem(refused, 422, "correction.no_such_value")
    assert told["detail"] == "Kies uit: positive, neutral, negative."
    problem(app.post("/posts/999999/corrections", {"aspect": "need", "value": "none"}), 404, "not_found")
    analyst = make.MembershipFactory(workspace=lead.workspace, role="analyst")
    problem(program(analyst).post(place, {"aspect": "need", "value": "none"}), 403, "not_permitted")


def test_monitor_is_made_changed_and_deleted(app):
    made = app.post("/monitors", {"name": "Koffers", "query": "koffer", "is_muted": True})
    assert made.status_code == 201, made.content
    place = f"/monitors/{made.json()['id']}"
    assert made.headers["Location"] == f"/api/v1{place}"
    changed = app.ask("PUT", place, {"name": "Tassen", "query": "tas"}, If_Match=made.headers["ETag"])
    assert (changed.json()["name"], changed.json()["is_muted"]) == ("Tassen", False)
    problem(app.ask("DELETE", place, If_Match=made.headers["ETag"]), 409, "version_conflict")
    told = problem(app.ask("PUT", place, {"name": "Tassen", "query": "tas OR"}), 422, "query.missing_operand")
    assert told["offset"] >= 4
    assert app.post("/monitors/preview", {"query": "tas"}).json()["found"] == 0
    assert app.ask("DELETE", place, If_Match=changed.headers["ETag"]).status_code == 204
    assert not Monitor.objects.exists()


def test_mention_becomes_a_case_or_is_put_aside(app, lead):
    mentions = [
        make.MentionFactory(
            workspace=lead.workspace,
            post__channel__workspace=lead.workspace,
            post__author=make.IdentityFactory(workspace=lead.workspace),
        )
        for _ in range(2)
    ]
    assert len(app.get("/mentions?limit=1").json()["rows"]) == 1

    made = app.post(f"/mentions/{mentions[0].pk}/case")
    aside = app.post(f"/mentions/{mentions[1].pk}/dismiss")

    assert made.status_code == 201, made.content
    assert app.get(f"/cases/{made.json()['number']}").json()["assignee"]["id"] == lead.user_id
    assert aside.json()["state"] == "dismissed"
    assert app.post(f"/mentions/{mentions[1].pk}/restore").json()["state"] == "new"


def test_people_and_channels_are_told_without_secrets(app, lead, case):
    agent = make.MembershipFactory(workspace=lead.workspace, role="agent")
    assert {row["id"] for row in app.get("/users").json()["rows"]} == {lead.user_id, agent.user_id}
    assert program(agent).get("/users").json()["rows"][0]["email"] is None
    assert app.get("/teams").json()["rows"] == []
    [channel] = app.get("/channels").json()["rows"]
    assert not {"settings", "secrets", "sealed_secrets"} & set(channel)
    assert app.get(f"/channels/{channel['id']}").json() == channel
    [contact] = app.get("/contacts?name=bakker").json()["rows"]
    assert app.get(f"/contacts/{contact['id']}").json() == contact


def test_lists_are_paged_to_the_end_without_gaps(app, lead, case):
    for _ in range(6):
        make.LabelFactory(workspace=lead.workspace)
        make.CaseFactory(workspace=lead.workspace, channel=case.channel)
    for path in ("/cases", "/contacts", "/labels", "/posts"):
        every = [str(row) for row in app.get(f"{path}?limit=200").json()["rows"]]
        seen, cursor = [], ""
        while cursor is not None:
            page = app.get(f"{path}?limit=2{f'&cursor={cursor}' if cursor else ''}").json()
            seen += [str(row) for row in page["rows"]]
            cursor = page["next_cursor"]
        assert seen == every, path


@pytest.mark.parametrize("path", ["/cases", "/posts", "/mentions", "/contacts"])
def test_list_asks_the_database_as_often_for_fifty_rows_as_for_one(app, lead, path):
    monitor = make.MonitorFactory(workspace=lead.workspace)
    counts = []
    for many in (1, 50):
        for _ in range(many - len(app.get(f"{path}?limit=200").json()["rows"])):
            identity = make.IdentityFactory(workspace=lead.workspace)
            channel = make.ChannelFactory(workspace=lead.workspace)
            post = make.PostFactory(workspace=lead.workspace, channel=channel, author=identity)
            make.MentionFactory(workspace=lead.workspace, monitor=monitor, post=post)
            case = make.CaseFactory(workspace=lead.workspace, channel=channel, identity=identity, is_public=True)
            make.CasePostFactory(case=case, post=post)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert len(app.get(f"{path}?limit=200").json()["rows"]) == many
        counts.append(len(asked))

    assert counts[0] == counts[1] <= 16

import json
from datetime import UTC, datetime

import pytest

from luister.base.posts import Kind
from luister.inbox.enums import CaseState, Origin
from luister.inbox.models import Case, CaseLabel, CasePost, Handover, Reply
from tests.factories import MembershipFactory, TeamFactory
from tests.inbox.helpers import BRAM, said, take_in
from tests.inbox.views.helpers import BACKEND


def fresh(desk) -> Case:
    return Case.objects.get(pk=desk.case.pk)


def told(response) -> dict:
    return json.loads(response.headers["HX-Trigger"])


def undo(desk, response) -> None:
    address = told(response)["luister:toast"]["undo"].split(f"/{desk.member.workspace.slug}/")[1]
    assert desk.post(address, target="x").status_code == 204


def test_assign_and_undo(desk):
    colleague = MembershipFactory(workspace=desk.member.workspace, user__name="Sam Jansen")
    menu = desk.get(desk.of_case("assign"), target="x").content.decode()
    assert "Sam Jansen" in menu
    assert "<html" not in menu

    response = desk.post(desk.of_case("assign"), target="x", to=colleague.user_id)

    assert fresh(desk).assignee == colleague.user
    assert told(response)["luister:toast"]["text"] == "Assigned to Sam Jansen."
    undo(desk, response)
    assert fresh(desk).assignee is None


def test_assign_to_someone_elsewhere_is_not_found(desk):
    assert desk.post(desk.of_case("assign"), to=MembershipFactory().user_id).status_code == 404


def test_menus_are_pages_without_scripts(desk):
    for menu in ("assign", "label", "snooze"):
        page = desk.get(desk.of_case(menu)).content.decode()
        assert page.startswith("<!doctype html>")
        assert "Back to the case" in page


def test_team_is_given_and_taken_away(desk):
    team = TeamFactory(workspace=desk.member.workspace)
    desk.member.teams.add(team)

    desk.post(desk.of_case("team"), target="x", team=team.pk)
    assert fresh(desk).team == team
    desk.post(desk.of_case("team"), target="x", team="")
    assert fresh(desk).team is None
    assert desk.post(desk.of_case("team"), team=TeamFactory().pk).status_code == 404


def test_label_is_put_on_and_taken_off(desk):
    desk.post(desk.of_case("label"), target="x", name="Bagage")
    label = CaseLabel.objects.get().label
    assert label.name == "Bagage"
    assert "choose it to take it off" in desk.get(desk.of_case("label"), target="x").content.decode()

    desk.post(desk.of_case("label"), target="x", remove=label.pk)
    assert not CaseLabel.objects.exists()
    assert desk.post(desk.of_case("label"), target="x", name=" ").status_code == 422


def test_snooze_in_words_goes_on_to_the_next_case(desk):
    response = desk.post(desk.of_case("snooze"), target="x", until="2030-03-04 09:00")

    assert fresh(desk).snoozed_until == datetime(2030, 3, 4, 8, 0, tzinfo=UTC)  # nine in Amsterdam
    assert "Monday 4 March 2030, 09:00" in told(response)["luister:toast"]["text"]
    assert "luister:go-on" in told(response)
    undo(desk, response)
    assert fresh(desk).state == CaseState.OPEN


@pytest.mark.parametrize(("until", "sentence"), [("ooit", "Write a day or a time"), ("2020-01-01", "has passed")])
def test_snooze_that_cannot_be_says_why(desk, until, sentence):
    response = desk.post(desk.of_case("snooze"), target="x", until=until)

    assert response.status_code == 422
    assert sentence in told(response)["luister:toast"]["text"]


def test_complete_and_reopen_without_scripts(desk):
    response = desk.post(desk.of_case("state"), state="completed", view="inbox")
    assert response.headers["Location"].endswith(f"/inbox/inbox/{desk.case.number}/")
    assert fresh(desk).state == CaseState.COMPLETED

    desk.post(desk.of_case("state"), state="open")
    assert fresh(desk).state == CaseState.OPEN
    assert desk.post(desk.of_case("state"), state="lost").status_code == 404


def test_closed_case_offers_notes_alone(desk):
    desk.post(desk.of_case("state"), state="closed")

    page = desk.get(f"inbox/all/{desk.case.number}/").content.decode()

    assert "This case is closed" in page
    assert 'data-mode-tab="public"' not in page


def test_urgent_and_origin_are_marked(desk):
    undo(desk, desk.post(desk.of_case("urgent"), target="x", urgent="1"))
    assert not fresh(desk).is_urgent
    desk.post(desk.of_case("urgent"), target="x", urgent="1")
    desk.post(desk.of_case("origin"), target="x", origin="proactive")

    assert fresh(desk).is_urgent
    assert fresh(desk).origin == Origin.PROACTIVE
    page = desk.get("inbox/all/").content.decode()
    assert "Urgent" in page
    assert "Proactive" in page


def test_who_handled_it_and_how_is_in_the_thread(desk):
    desk.post(desk.of_case("assign"), target="x", to=desk.member.user_id)
    desk.post(desk.of_case("label"), target="x", name="Bagage")
    desk.post(desk.of_case("state"), target="x", state="completed")

    thread = desk.get(desk.of_case("refresh"), target="case").content.decode()

    for sentence in ("Pim de Vries took this case", "Pim de Vries put on Bagage", "Pim de Vries completed this"):
        assert sentence in thread


def test_undo_after_someone_else_changed_it_says_so(desk):
    response = desk.post(desk.of_case("urgent"), target="x", urgent="1")
    Case.objects.filter(pk=desk.case.pk).update(is_urgent=False)
    address = told(response)["luister:toast"]["undo"].split(f"/{desk.member.workspace.slug}/")[1]

    refused = desk.post(address, target="x")

    assert refused.status_code == 422
    assert "Someone changed this since" in told(refused)["luister:toast"]["text"]


def make_partner(desk, **fields):
    return MembershipFactory(
        workspace=desk.member.workspace, role="partner", user__name="Bureau Bruin", user__language="en", **fields
    )


def enter(desk, member):
    desk.client.force_login(member.user, backend=BACKEND)


def test_partner_is_handed_a_case_answers_it_and_loses_it_again(desk):
    partner = make_partner(desk)
    _, other = take_in(said("p2", by=BRAM, text="Iets anders"), channel=desk.channel)
    assert "Bureau Bruin" in desk.get(desk.of_case("assign"), target="x").content.decode()

    response = desk.post(desk.of_case("hand-over"), target="x", to=partner.pk)

    assert told(response)["luister:toast"]["text"] == "Handed to Bureau Bruin."
    assert "Handed to Bureau Bruin" in desk.get(f"inbox/all/{desk.case.number}/").content.decode()
    assert "Take back from Bureau Bruin" in desk.get(desk.of_case("assign"), target="x").content.decode()
    enter(desk, partner)
    page = desk.get("inbox/all/").content.decode()
    assert "Anna de Wit" in page
    assert "Bram Bos" not in page
    assert desk.get(f"inbox/all/{other.case.number}/").status_code == 404
    assert desk.reply("Dag, hier Bureau Bruin").status_code == 200
    note = {"text": "Gebeld.", "client_id": "0b6e1a3a-5f1e-4b52-9ac7-6a9d5a8d5d10"}
    assert desk.post(desk.of_case("note"), target="composer", **note).status_code == 200
    assert Reply.objects.get().author == partner.user
    assert fresh(desk).assignee == partner.user

    enter(desk, desk.member)
    response = desk.post(desk.of_case("hand-over"), target="x", back=partner.pk)

    assert told(response)["luister:toast"]["text"] == "Taken back from Bureau Bruin."
    assert fresh(desk).assignee is None
    enter(desk, partner)
    assert desk.get(f"inbox/all/{desk.case.number}/").status_code == 404


@pytest.mark.parametrize("sees_private", [True, False])
def test_partner_reads_private_posts_where_granted(desk, sees_private):
    partner = make_partner(desk, sees_private=sees_private)
    private = said("p3", text="Mijn adres is Dam 1", kind=Kind.MESSAGE, public=False, thread_external_id="p1")
    take_in(private, channel=desk.channel, minutes=1)
    case = Case.objects.get(number=CasePost.objects.get(post__external_id="p3").case.number)
    desk.post(f"cases/{case.number}/hand-over/", target="x", to=partner.pk)
    menu = desk.get(f"cases/{case.number}/assign/", target="x").content.decode()
    assert "Take back from Bureau Bruin" in menu
    enter(desk, partner)

    page = desk.get(f"inbox/all/{case.number}/").content.decode()

    assert ("Mijn adres is Dam 1" in page) == sees_private


def test_partner_hands_nothing_on(desk):
    partner, another = make_partner(desk), make_partner(desk)
    desk.post(desk.of_case("hand-over"), target="x", to=partner.pk)
    enter(desk, partner)
    assert "Hand to a partner" not in desk.get(desk.of_case("assign"), target="x").content.decode()

    onwards = desk.post(desk.of_case("hand-over"), target="x", to=another.pk)
    away = desk.post(desk.of_case("hand-over"), target="x", back=partner.pk)

    assert (onwards.status_code, away.status_code) == (422, 422)
    assert [row.member for row in Handover.objects.all()] == [partner]


def test_case_is_handed_to_partners_of_the_workspace_alone(desk):
    for other in (MembershipFactory(role="partner"), MembershipFactory(workspace=desk.member.workspace)):
        assert desk.post(desk.of_case("hand-over"), target="x", to=other.pk).status_code == 422
    assert not Handover.objects.exists()


def test_case_is_assigned_to_a_partner_only_when_handed_to_them(desk):
    partner = make_partner(desk)
    assert desk.post(desk.of_case("assign"), target="x", to=partner.user_id).status_code == 404

    desk.post(desk.of_case("hand-over"), to=partner.pk)  # without scripts
    desk.post(desk.of_case("assign"), target="x", to=partner.user_id)

    assert fresh(desk).assignee == partner.user

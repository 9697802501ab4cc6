import json
from datetime import UTC, datetime

import pytest

from luister.inbox.enums import CaseState, Origin
from luister.inbox.models import Case, CaseLabel
from tests.factories import MembershipFactory, TeamFactory


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

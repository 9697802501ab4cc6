import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from luister.base.clock import utc_now
from luister.base.connector import Limits
from luister.delivery.models import Outgoing
from luister.inbox.enums import Activity, CaseState, Mode
from luister.inbox.models import Case, Draft, DraftFile, Note, Presence, Reply
from tests.factories import NOW, MembershipFactory
from tests.inbox.helpers import said, take_in
from tests.inbox.views.helpers import BACKEND


def told(response) -> dict:
    return json.loads(response.headers["HX-Trigger"])


def test_reply_clears_the_composer_and_offers_undo(desk):
    response = desk.reply("Dag Anna!")

    reply = Reply.objects.get()
    assert reply.outgoing.text == "Dag Anna! ^Pim"
    toast = told(response)["luister:toast"]
    assert toast["undo"].endswith(f"/replies/{reply.pk}/take-back/")
    assert 0 < toast["seconds"] <= 10  # what is left of the channel's ten
    html = response.content.decode()
    assert re.search(r'<textarea[^>]*id="composer-text"[^>]*></textarea>', html)
    assert "Waiting to be sent" in html
    assert Case.objects.get(pk=desk.case.pk).state == CaseState.WAITING


def test_reply_without_scripts_goes_back_to_the_case(desk):
    data = {"text": "Dag!", "client_id": uuid4(), "is_public": "1", "effect": "open", "seen_version": 1}

    response = desk.post(desk.of_case("reply"), view="inbox", **data)

    assert response.status_code == 303
    assert response.headers["Location"].endswith(f"/inbox/inbox/{desk.case.number}/")
    assert Case.objects.get(pk=desk.case.pk).state == CaseState.OPEN  # a holding reply


def test_reply_sent_twice_is_one_reply(desk):
    client_id = uuid4()
    for _ in range(2):
        assert desk.reply("Dag!", client_id=client_id, seen_version=1).status_code == 200

    assert Reply.objects.count() == 1


def test_reply_that_completes_goes_on_to_the_next_case(desk):
    response = desk.reply(effect="completed")

    assert told(response)["luister:go-on"] == {"number": desk.case.number}
    assert Case.objects.get(pk=desk.case.pk).state == CaseState.COMPLETED


def test_reply_that_crosses_another_shows_both_texts_and_sends_nothing(desk):
    take_in(said("p2", text="Laat maar, gevonden!", thread_external_id="p1"), channel=desk.channel)

    response = desk.reply("We zoeken hem", seen_version=1)

    html = response.content.decode()
    assert response.status_code == 409
    assert not Reply.objects.exists()
    dialog = re.search(r"<dialog.*?</dialog>", html, re.DOTALL)[0]
    assert "Laat maar, gevonden!" in dialog
    assert "We zoeken hem" in dialog
    assert "Send anyway" in dialog
    # Whoever read both may send: the form now knows the newest version.
    assert 'name="seen_version" value="2"' in html


def test_reply_that_is_too_long_keeps_its_text_and_says_how_long(desk):
    text = "x" * 6000

    response = desk.reply(text)

    assert response.status_code == 422
    assert text in response.content.decode()
    assert re.search(r"This is 6[\d,.]* characters", response.content.decode())


@pytest.mark.parametrize("changed", [{"effect": "closed"}, {"client_id": "x"}, {"seen_version": "x"}])
def test_reply_that_makes_no_sense_is_refused(desk, changed):
    assert desk.reply(**changed).status_code == 422
    assert not Reply.objects.exists()


def test_reply_without_words_says_so(desk):
    response = desk.reply("  ")

    assert response.status_code == 422
    assert "Write something first." in response.content.decode()


def test_take_back_puts_the_text_back(desk):
    desk.reply("Bijna goed")
    reply = Reply.objects.get()

    response = desk.post(f"replies/{reply.pk}/take-back/", target="x")

    assert told(response)["luister:reply-taken-back"]["number"] == desk.case.number
    assert "Bijna goed" in desk.get(desk.of_case("composer"), target="composer").content.decode()
    assert "Bijna goed ^Pim" not in desk.get(desk.of_case("refresh"), target="case").content.decode()


def test_take_back_too_late_says_so(desk):
    desk.reply()
    Outgoing.objects.update(state="sending")

    response = desk.post(f"replies/{Reply.objects.get().pk}/take-back/", target="x")

    assert response.status_code == 422
    assert "already on its way" in told(response)["luister:toast"]["text"]


@pytest.mark.parametrize("decision", ["sent", "again", "give_up"])
def test_reply_of_which_nobody_knows_is_settled_by_hand(desk, decision):
    desk.reply()
    reply = Reply.objects.get()
    Outgoing.objects.update(state="unknown", asked_at=NOW)
    page = desk.get(desk.of_case("refresh"), target="case").content.decode()
    assert "We don’t know whether this arrived" in page
    assert "Mark as sent" in page

    assert desk.post(f"replies/{reply.pk}/settle/", target="x", decision=decision).status_code == 204
    assert Outgoing.objects.get().state != "unknown"
    assert desk.post(f"replies/{reply.pk}/settle/", target="x", decision=decision).status_code == 422


def test_unknown_outcome_is_not_put_before_a_person_while_the_machine_looks(desk):
    desk.reply()
    Outgoing.objects.update(state="unknown", asked_at=None)

    page = desk.get(desk.of_case("refresh"), target="case").content.decode()

    assert "Finding out whether it arrived" in page
    assert "Mark as sent" not in page


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("queued", "Waiting to be sent"),
        ("sending", "Being sent"),
        ("sent", "Sent "),
        ("failed", "This was not sent"),
        ("bounced", "This was not sent"),
    ],
)
def test_every_state_of_a_reply_has_words(desk, state, text):
    desk.reply()
    Outgoing.objects.update(state=state, settled_at=NOW)

    assert text in desk.get(desk.of_case("refresh"), target="case").content.decode()


def test_note_is_left_and_the_composer_stays_a_note(desk):
    response = desk.post(desk.of_case("note"), target="composer", text="Even bellen", client_id=uuid4())

    assert Note.objects.get().text == "Even bellen"
    html = response.content.decode()
    assert 'data-mode="note"' in html
    assert "Only colleagues see this" in html
    assert not Outgoing.objects.exists()


def test_note_that_names_someone_who_may_not_see_the_case_is_refused(desk):
    MembershipFactory(workspace=desk.member.workspace, role="partner", user__name="Greet Partner")

    response = desk.post(desk.of_case("note"), target="composer", text="@Greet kijk eens", client_id=uuid4())

    assert response.status_code == 422
    assert "@Greet kijk eens" in response.content.decode()
    assert "Greet Partner may not see this case" in response.content.decode()


def test_draft_is_kept_and_comes_back_in_its_mode(desk):
    response = desk.post(desk.of_case("draft"), mode="reply", text="Half klaar", is_public="true")

    assert set(response.json()) == {"saved_at"}
    assert Draft.objects.get().mode == Mode.REPLY
    assert "Half klaar" in desk.get(f"inbox/all/{desk.case.number}/").content.decode()
    assert "Half klaar" not in desk.get(desk.of_case("composer"), target="composer", mode="note").content.decode()
    assert desk.post(desk.of_case("draft"), mode="shout", text="x").status_code == 422


def test_composer_does_not_open_as_a_note_by_itself(desk):
    desk.post(desk.of_case("draft"), mode="note", text="Notitie in wording")

    assert 'data-mode="reply"' in desk.get(f"inbox/all/{desk.case.number}/").content.decode()


def test_composer_offers_each_place_where_the_network_allows_it(desk):
    html = desk.get(f"inbox/all/{desk.case.number}/").content.decode()

    assert re.findall(r'data-mode-tab="(\w+)"', html) == ["public", "private", "note"]
    private = desk.get(desk.of_case("composer"), target="composer", mode="private").content.decode()
    assert "Send privately as @luchthaven" in private
    assert 'name="is_public"' not in private
    assert "^Pim" not in private


def test_presence_is_told_to_colleagues_and_ends(desk):
    colleague = MembershipFactory(workspace=desk.member.workspace, user__name="Sam Jansen")
    for activity, words in (
        (Activity.VIEWING, "is looking"),
        (Activity.TYPING, "is typing"),
        (Activity.AWAY, "is away"),
    ):
        Presence.objects.update_or_create(
            case=desk.case, user=colleague.user, defaults={"activity": activity, "seen_at": utc_now()}
        )
        assert f"Sam Jansen {words}" in desk.get(desk.of_case("people")).content.decode()

    assert desk.post(desk.of_case("here"), activity="typing").status_code == 204
    assert Presence.objects.filter(user=desk.member.user, activity="typing").exists()
    assert desk.post(desk.of_case("here"), activity="gone").status_code == 204
    assert not Presence.objects.filter(user=desk.member.user).exists()
    assert desk.post(desk.of_case("here"), activity="dancing").status_code == 404


@pytest.fixture
def takes_files(monkeypatch):
    """A network that takes two files of a megabyte."""
    limits = Limits(max_files=2, max_file_bytes=1024 * 1024)
    monkeypatch.setattr("luister.delivery.queries.limits", lambda channel, *, is_public: limits)


PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def test_files_go_along_and_are_named_in_the_thread(desk, takes_files):
    added = desk.post(
        desk.of_case("files"), target="draft-files", file=SimpleUploadedFile("foto.png", PNG), is_public="1"
    )
    assert "foto.png" in added.content.decode()
    assert "foto.png" in desk.get(desk.of_case("composer"), target="composer").content.decode()

    desk.reply()

    assert "foto.png" in desk.get(desk.of_case("refresh"), target="case").content.decode()
    assert not DraftFile.objects.exists()


def test_file_that_cannot_go_along_says_why_and_one_can_be_taken_out(desk, takes_files):
    refused = desk.post(
        desk.of_case("files"), target="draft-files", file=SimpleUploadedFile("leeg.png", b""), is_public="1"
    )
    assert "field-error" in refused.content.decode()
    desk.post(desk.of_case("files"), target="draft-files", file=SimpleUploadedFile("foto.png", PNG), is_public="1")

    taken_out = desk.post(desk.of_case("files"), target="draft-files", remove=DraftFile.objects.get().pk)

    assert "foto.png" not in taken_out.content.decode()


def test_reply_of_who_needs_approval_is_proposed_judged_and_sent(desk):
    desk.member.needs_approval = True
    desk.member.save()
    marit = MembershipFactory(
        workspace=desk.member.workspace, role="lead", user__name="Marit Visser", user__language="en"
    )
    page = desk.get(f"inbox/all/{desk.case.number}/").content.decode()
    assert "Propose: Reply publicly as @luchthaven" in page

    proposed = desk.reply("Dag Anna, we zoeken het uit.")

    assert "once a colleague approves it" in proposed.headers["HX-Trigger"]
    page = desk.get(f"inbox/approve/{desk.case.number}/").content.decode()
    assert "Waits for approval" in page
    assert "Take back" in page
    assert ">Send back<" not in page
    reply = Reply.objects.get()
    judge = f"replies/{reply.pk}/judge/"
    assert desk.post(judge, target="x", decision="approve").status_code == 422

    desk.client.force_login(marit.user, backend=BACKEND)
    page = desk.get(f"inbox/approve/{desk.case.number}/").content.decode()
    assert "Approve</button>" in page
    assert "Send back</button>" in page
    assert desk.post(judge, target="x", decision="maybe").status_code == 404
    assert desk.post(judge, decision="approve").status_code == 302  # without scripts
    assert "judged it already" in desk.post(judge, target="x", decision="send_back").headers["HX-Trigger"]
    assert Outgoing.objects.get().state == "queued"
    page = desk.get(f"inbox/all/{desk.case.number}/").content.decode()
    assert "Marit Visser approved the reply" in page


def test_reply_that_is_sent_back_comes_with_a_notice(desk):
    desk.member.needs_approval = True
    desk.member.save()
    marit = MembershipFactory(workspace=desk.member.workspace, role="lead", user__name="Marit Visser")
    desk.reply("Dag Anna")
    desk.client.force_login(marit.user, backend=BACKEND)
    judge = f"replies/{Reply.objects.get().pk}/judge/"
    assert desk.post(judge, target="x", decision="send_back", why="Iets vriendelijker").status_code == 204

    desk.client.force_login(desk.member.user, backend=BACKEND)

    assert "Marit Visser sent your reply to Anna de Wit back" in desk.get("notices/").content.decode()
    page = desk.get(f"inbox/all/{desk.case.number}/").content.decode()
    assert ">Dag Anna</textarea>" in page
    assert "Iets vriendelijker" in page


def test_hesitating_gives_the_undo_time_anew_until_it_leaves(desk):
    desk.reply()
    reply = Reply.objects.get()
    Outgoing.objects.update(send_after=utc_now() + timedelta(seconds=2))

    held = desk.post(f"replies/{reply.pk}/hold/")

    assert 9 < held.json()["seconds"] <= 10
    Outgoing.objects.update(created_at=utc_now() - timedelta(minutes=2))
    assert desk.post(f"replies/{reply.pk}/hold/").json()["seconds"] <= 10  # two minutes are over: not one second more
    Outgoing.objects.update(state="sending")
    assert desk.post(f"replies/{reply.pk}/hold/").status_code == 409

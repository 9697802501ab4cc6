"""The desk in a browser: accessible, whole at every width, and worked by keyboard alone."""

import pytest
from playwright.sync_api import expect

from luister.base.clock import utc_now
from luister.inbox.enums import CaseState
from luister.inbox.models import Case, Draft, Note, Reply
from tests.whole.crowded_desk import CrowdedDesk
from tests.whole.looks import faults, faults_of_all, listened_to
from tests.whole.product import screen_of, until

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(pim):
    return CrowdedDesk(pim, now=utc_now())


def test_every_screen_is_accessible_in_both_themes_and_languages_at_every_width(product, pim, desk, browser):
    address = product.start_web()
    inbox = f"/w/{pim.workspace.slug}/inbox"
    case = f"{inbox}/all/{desk.crossing.number}/"
    screens = {
        "list": f"{inbox}/inbox/",
        "empty list": f"{inbox}/mine/",
        "nothing found": f"{inbox}/all/?q=kameel",
        "case": case,
        "note": f"{case}?mode=note",
        "mail": f"{inbox}/all/{Case.objects.get(contact__name='Reisbureau Zonnestraal').number}/",
        "closed case": f"{inbox}/all/{Case.objects.get(contact__name='Tess').number}/",
        "notices": f"/w/{pim.workspace.slug}/notices/",
        "loose": f"/w/{pim.workspace.slug}/loose/",
        "assign": f"/w/{pim.workspace.slug}/cases/{desk.crossing.number}/assign/",
        "narrow": f"{inbox}/all/narrow/",
        "components": "/ui/",
        "not found": "/nergens/",
    }
    with screen_of(pim, address=address, browser=browser) as context:
        page = context.new_page()
        complaints = listened_to(page)
        found = faults_of_all(page, screens, address=address, user_id=pim.user_id)
        expected = [text for text in complaints if "404" not in text]  # of the page that is not there

    assert not found, "\n".join(found)
    assert expected == []


def test_menus_dialogs_and_palette_are_accessible(product, pim, desk, browser):
    address = product.start_web()
    found: list[str] = []
    with screen_of(pim, address=address, browser=browser) as context:
        page = context.new_page()
        complaints = listened_to(page)
        page.goto(f"{address}/w/{pim.workspace.slug}/inbox/all/{desk.crossing.number}/")
        for theme in ("light", "dark"):
            page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
            for key, shown in (("a", ".popup"), ("t", ".popup"), ("h", ".popup"), (".", ".case-tools .menu-list")):
                page.keyboard.press(key)
                expect(page.locator(shown).first).to_be_visible()
                found += faults(page, f"{key} {theme}")
                page.keyboard.press("Escape")
                expect(page.locator(shown).first).to_be_hidden()
            for key, dialog in (("?", "#keys"), ("Control+k", "#palette")):
                page.keyboard.press(key)
                expect(page.locator(dialog)).to_be_visible()
                expect(page.locator(f"{dialog} .menu-item, {dialog} kbd").first).to_be_visible()
                found += faults(page, f"{key} {theme}")
                page.keyboard.press("Escape")
                expect(page.locator(dialog)).to_be_hidden()
        # On a narrow screen the views and the contact slide in.
        page.set_viewport_size({"width": 320, "height": 640})
        page.locator(".only-without-card").click()
        expect(page.locator("#card")).to_be_visible()
        found += faults(page, "card 320")

    assert not found, "\n".join(found)
    assert complaints == []


def test_a_case_is_answered_noted_put_off_and_completed_by_keyboard_alone(product, pim, desk, browser):
    address = product.start_web()
    Draft.objects.all().delete()
    with screen_of(pim, address=address, browser=browser) as context:
        page = context.new_page()
        complaints = listened_to(page)
        page.goto(f"{address}/w/{pim.workspace.slug}/")
        for key in ("j", "j", "Enter"):
            page.keyboard.press(key)
        expect(page.locator("#case-heading")).to_contain_text("Bartholomeus")
        expect(page.locator(".case-row[aria-current=true]")).to_contain_text("Bartholomeus")
        expect(page.locator("#thread .post").last).to_be_focused()
        opened = Case.objects.get(contact__name__startswith="Bartholomeus")

        # A draft outlives a reload.
        page.keyboard.press("r")
        page.keyboard.type("We zoeken het uit.")
        expect(page.locator("#draft-state")).to_contain_text("Bewaard")
        page.reload()
        expect(page.locator("#composer-text")).to_have_value("We zoeken het uit.")

        # Sending can be taken back, and the text comes back with it.
        page.keyboard.press("r")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".toast")).to_contain_text("Ongedaan maken")
        expect(page.locator("#composer-text")).to_have_value("")
        page.keyboard.press("Escape")
        page.keyboard.press("z")
        expect(page.locator("#composer-text")).to_have_value("We zoeken het uit.")
        assert Reply.objects.get(case=opened).outgoing.state == "cancelled"

        # A note looks different and is never sent.
        page.keyboard.press("Escape")
        page.keyboard.press("c")
        expect(page.locator("#composer-form")).to_have_attribute("data-mode", "note")
        expect(page.locator("#composer-text")).to_be_focused()
        page.keyboard.type("Lounge gebeld")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#thread [data-from=note]")).to_contain_text("Lounge gebeld")
        assert Note.objects.filter(case=opened).exists()
        assert Reply.objects.filter(case=opened).count() == 1

        # Assigned to me, labelled, put off in words; then the next case is open.
        page.keyboard.press("Escape")
        page.keyboard.press("i")
        until(lambda: Case.objects.get(pk=opened.pk).assignee_id == pim.user_id, "the case is mine", seconds=60)
        page.keyboard.press("t")
        page.locator(".popup input[type=text]").wait_for()
        page.keyboard.type("Lounge")
        page.keyboard.press("Enter")
        expect(page.locator("#card")).to_contain_text("Lounge")
        page.keyboard.press("h")
        page.locator(".popup [name=until]").last.focus()
        page.keyboard.type("morgen 9 uur")
        page.keyboard.press("Enter")
        until(lambda: Case.objects.get(pk=opened.pk).snoozed_until, "the case is put off", seconds=60)
        expect(page.locator("#case-heading")).not_to_contain_text("Bartholomeus")

        # Completed, and taken back.
        number = page.locator("#case").get_attribute("data-number")
        page.locator("#thread").focus()
        page.keyboard.press("e")
        until(
            lambda: Case.objects.get(number=number, workspace=pim.workspace).state == CaseState.COMPLETED,
            "the case is completed",
            seconds=60,
        )
        expect(page.locator(".toast").last).to_contain_text("Afgehandeld")  # an older one can be taken back too
        page.keyboard.press("z")
        until(
            lambda: Case.objects.get(number=number, workspace=pim.workspace).state == CaseState.OPEN,
            "the case is open again",
            seconds=60,
        )

    assert complaints == []


def test_what_is_written_while_it_cannot_be_kept_is_kept_later(product, pim, desk, browser):
    address = product.start_web()
    Draft.objects.all().delete()
    case = Case.objects.get(contact__name__startswith="Bartholomeus")
    with screen_of(pim, address=address, browser=browser) as context:
        page = context.new_page()
        page.goto(f"{address}/w/{pim.workspace.slug}/inbox/inbox/{case.number}/")
        page.route("**/draft/", lambda route: route.fulfill(status=503), times=1)  # as while the database is away
        with page.expect_response(lambda answer: answer.status == 503):
            page.locator("#composer-text").fill("We zoeken het uit.")

        expect(page.locator("#draft-state")).to_contain_text("Bewaard")

    assert Draft.objects.get(case=case).text == "We zoeken het uit."


def is_list_drawn_anew(request):
    """Whether a screen asks for its list because something changed, and says that nobody waits for it."""
    return request.headers.get("hx-target") == "cases" and request.headers.get("luister-refresh") == "1"


def test_two_colleagues_see_each_other_and_no_reply_crosses_another(product, pim, desk, browser):
    address = product.start_web()
    Draft.objects.all().delete()
    case = Case.objects.get(contact__name__startswith="Bartholomeus")
    path = f"{address}/w/{pim.workspace.slug}/inbox/inbox/{case.number}/"
    with (
        screen_of(pim, address=address, browser=browser) as here,
        screen_of(desk.colleague, address=address, browser=browser) as there,
    ):
        mine, theirs = here.new_page(), there.new_page()
        mine.goto(path)
        theirs.goto(path)
        expect(mine.locator("#presence")).to_contain_text("Sam Jansen kijkt mee")
        mine.locator("#composer-text").fill("Mijn antwoord")
        theirs.locator("#composer-text").press_sequentially("Hun antwoord")
        expect(mine.locator("#presence")).to_contain_text("Sam Jansen typt")
        with mine.expect_request(is_list_drawn_anew):
            theirs.keyboard.press("Control+Enter")
        expect(mine.locator("#thread")).to_contain_text("Hun antwoord")
        expect(mine.locator("#composer-text")).to_have_value("Mijn antwoord")

        mine.locator("#composer-text").press("Control+Enter")
        dialog = mine.locator("#conflict")
        expect(dialog).to_contain_text("Hun antwoord")
        expect(dialog).to_contain_text("Mijn antwoord")
        assert faults(mine, "conflict") == []
        assert Reply.objects.filter(case=case).count() == 1
        dialog.get_by_role("button", name="Toch verzenden").click()
        expect(mine.locator(".toast")).to_contain_text("Ongedaan maken")
        assert Reply.objects.filter(case=case).count() == 2


def test_pages_work_without_scripts(product, pim, desk, browser):
    address = product.start_web()
    Draft.objects.all().delete()
    with screen_of(pim, address=address, browser=browser) as signed_in:
        state = signed_in.storage_state()
    context = browser.new_context(
        java_script_enabled=False, storage_state=state, viewport={"width": 1280, "height": 800}
    )
    page = context.new_page()
    page.goto(f"{address}/w/{pim.workspace.slug}/")
    page.get_by_role("link", name="Bartholomeus").click()
    page.locator("#composer-text").fill("Zonder scripts")
    page.locator("[data-send]").click()
    expect(page.locator("#thread")).to_contain_text("Zonder scripts")
    page.get_by_role("button", name="Uitstellen").click()
    page.locator("[name=until][required]").fill("morgen")
    page.locator("[name=until][required]").press("Enter")
    expect(page.locator(".case-facts")).to_contain_text("Tot")
    context.close()


def test_a_server_that_is_gone_is_told_where_it_was_needed(product, pim, desk, browser):
    address = product.start_web()
    case = Case.objects.get(contact__name__startswith="Bartholomeus")
    with screen_of(pim, address=address, browser=browser) as context:
        page = context.new_page()
        page.goto(f"{address}/w/{pim.workspace.slug}/inbox/inbox/{case.number}/")
        page.locator("#composer-text").fill("Blijft dit staan?")
        context.set_offline(True)
        expect(page.locator(".toast")).to_contain_text("offline")
        page.locator("#composer-text").press("Control+Enter")
        expect(page.locator("#composer [data-failure-slot]")).to_contain_text("niet te bereiken")
        expect(page.locator("#composer-text")).to_have_value("Blijft dit staan?")
        context.set_offline(False)
        page.locator("#composer-text").press("Control+Enter")
        until(lambda: Reply.objects.filter(case=case).exists(), "the reply is queued", seconds=60)

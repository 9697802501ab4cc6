"""Searching cases in a browser, by keyboard alone: completion, a mistake under its word, and a saved view."""

import pytest
from playwright.sync_api import expect

from luister.accounts.enums import Role
from luister.base.clock import utc_now
from luister.inbox.models import SavedView
from tests.factories import PASSWORD, ChannelFactory, LabelFactory, MembershipFactory, UserFactory
from tests.inbox.helpers import BRAM, said, take_in
from tests.whole.looks import faults, listened_to
from tests.whole.product import screen_of

pytestmark = pytest.mark.browser


@pytest.fixture
def pim(transactional_db):
    member = MembershipFactory(role=Role.LEAD, user=UserFactory(name="Pim de Vries", password=PASSWORD))
    channel = ChannelFactory(workspace=member.workspace)
    take_in(said("p1", text="Waar is mijn koffer?", at=utc_now()), channel=channel)
    take_in(said("p2", by=BRAM, text="Alles ging goed", at=utc_now()), channel=channel)
    LabelFactory(workspace=member.workspace, name="Eerste lijn")
    return member


def test_a_query_is_written_mended_and_kept_by_keyboard_alone(product, pim, browser):
    address = product.start_web()
    found: list[str] = []
    with screen_of(pim, address=address, browser=browser) as context:
        page = context.new_page()
        complaints = listened_to(page)
        page.goto(f"{address}/w/{pim.workspace.slug}/inbox/all/")
        field, options = page.locator("#search"), page.locator("#search-options")
        mistake, rows = page.locator("#search-mistake"), page.locator(".case-row")
        expect(rows).to_have_count(2)

        # Completion: a field, one of its values, and one with a space that gets its quotation marks.
        page.keyboard.press("/")
        expect(field).to_be_focused()
        page.keyboard.type("st")
        expect(options.get_by_role("option")).to_have_count(1)
        found += faults(page, "options")
        page.keyboard.press("ArrowDown")
        expect(field).to_have_attribute("aria-activedescendant", "search-options-0")
        page.keyboard.press("Tab")
        expect(field).to_have_value("status:")
        expect(options.get_by_role("option")).to_have_count(4)
        page.keyboard.press("Escape")
        expect(options).to_be_hidden()
        page.keyboard.press("Control+Space")
        expect(options).to_be_visible()
        page.keyboard.press("Enter")
        expect(field).to_have_value("status:open ")
        page.keyboard.type("label:ee")
        expect(options.get_by_role("option")).to_contain_text(["Eerste lijn"])
        page.keyboard.press("Enter")
        expect(field).to_have_value('status:open label:"Eerste lijn" ')
        expect(rows).to_have_count(0)

        # A mistake is told once its word is over, under that word, also on a narrow screen and in a long query.
        page.keyboard.press("Control+a")
        page.keyboard.type("sentimnet:negat")
        page.wait_for_timeout(600)  # nothing is said: only waiting can show it
        expect(mistake).to_be_hidden()
        page.keyboard.type("ive koffer")
        expect(mistake).to_contain_text("Bedoelde je “sentiment:”?")
        expect(field).to_have_attribute("aria-invalid", "true")
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 640})
            word, point = is_under(page)
            assert abs(word - point) < 24, f"{width}: the word is at {word}, the point at {point}"
            for theme in ("light", "dark"):
                page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
                found += faults(page, f"mistake {theme} {width}")
        page.set_viewport_size({"width": 1280, "height": 800})

        # Mended by the message alone.
        page.keyboard.press("Control+a")
        page.keyboard.type("koffer -sentiment:negative")
        expect(mistake).to_be_hidden()
        page.keyboard.press("Enter")
        expect(rows).to_have_count(1)
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator("#thread mark")).to_have_text(["koffer"])

        # Kept as a view, which has an address and a count of its own.
        page.locator("#list-save a").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#view-name")).to_be_focused()
        found += faults(page, "save")
        page.keyboard.type("Koffers")
        page.keyboard.press("Enter")
        page.wait_for_url("**/inbox/saved-*/")
        expect(page.locator("#list-heading")).to_have_text("Koffers")
        expect(page.locator("#saved-views .nav-item[aria-current] .count")).to_have_text("1")
        expect(rows).to_have_count(1)
        found += faults(page, "saved view")

        # The cheat sheet.
        page.locator("[data-query-help]").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#query-help")).to_be_visible()
        found += faults(page, "cheat sheet")

    assert SavedView.objects.get().query == "koffer -sentiment:negative"
    assert not found, "\n".join(found)
    assert complaints == []


def is_under(page):
    """Return where the wrong word stands on the screen, and where the point of the sentence is."""
    return page.evaluate(
        """() => {
          const root = document.querySelector(".list-search [data-query-field]");
          const mark = root.querySelector("mark").getBoundingClientRect();
          const at = parseFloat(getComputedStyle(root).getPropertyValue("--mistake-at"));
          return [mark.left, root.getBoundingClientRect().left + at];
        }"""
    )

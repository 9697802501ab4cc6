"""Plein in a browser: a newcomer's first minutes, answers that appear by themselves, and no barrier for anyone."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from luister.base.clock import utc_now
from luister.practice import actions
from luister.practice.core import Draft, Person
from luister.practice.faults import STORM
from luister.practice.models import Account
from luister.practice.models import Post as PostRow
from luister.practice.store import DatabaseStore, person_of

pytestmark = pytest.mark.browser


@pytest.fixture
def airport(browser: Browser, transactional_db: None, settings: Settings) -> Person:
    settings.LUISTER_PRACTICE = True
    return actions.open_brand("airport", name="Luchthaven aan Zee", now=utc_now()).person


@pytest.fixture
def page(browser: Browser, airport: Person) -> Iterator[Page]:
    context = browser.new_context(locale="nl-NL", viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    assert complaints == []
    context.close()


def answer(brand: Person, text: str, **values: object) -> None:
    DatabaseStore().publish(Draft(brand, text, **values), now=utc_now())


def test_newcomer_posts_by_keyboard_and_reads_the_answer(page: Page, live_server: LiveServer, airport: Person) -> None:
    page.goto(f"{live_server.url}/practice/")
    page.get_by_label("Je naam").fill("Anna de Vries")
    page.get_by_role("link", name="@airport", exact=True).first.press("Enter")
    expect(page.get_by_label("Zeg iets in het openbaar")).to_be_focused()
    page.keyboard.type("waar is mijn koffer?")
    expect(page.locator("#say-left")).to_have_text("nog 471 tekens")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("article")).to_contain_text("@airport waar is mijn koffer?")

    post = DatabaseStore().post(str(PostRow.objects.get().pk))
    page.get_by_label("Je antwoord aan @anna_de_vries").fill("half getypt")
    answer(airport, "We zoeken hem op!", parent=post)

    # By itself, and without touching what is being typed.
    expect(page.get_by_role("article").nth(1)).to_contain_text("We zoeken hem op!")
    expect(page.get_by_label("Je antwoord aan @anna_de_vries")).to_have_value("half getypt")


def test_private_answer_appears_by_itself(page: Page, live_server: LiveServer, airport: Person) -> None:
    page.goto(f"{live_server.url}/practice/messages/airport/")
    page.get_by_label("Je naam").fill("Anna")
    page.get_by_label("Je privébericht aan @airport").fill("mijn nummer is 12")
    page.get_by_role("button", name="Versturen").click()
    expect(page.get_by_role("article")).to_have_count(1)

    answer(airport, "Dank je wel", to=person_of(Account.objects.get(handle="anna")))

    expect(page.get_by_role("article").nth(1)).to_contain_text("Dank je wel")


def test_square_says_that_there_is_news(page: Page, live_server: LiveServer, airport: Person) -> None:
    page.goto(f"{live_server.url}/practice/")
    actions.say("hallo", by=actions.known_customer("ben", name="Ben", now=utc_now()), now=utc_now())

    page.get_by_role("link", name="1 nieuw bericht").click()

    expect(page.get_by_role("article")).to_contain_text("hallo")


def test_double_click_posts_once(page: Page, live_server: LiveServer, airport: Person) -> None:
    page.goto(f"{live_server.url}/practice/")
    page.get_by_label("Je naam").fill("Anna")
    page.get_by_label("Zeg iets in het openbaar").fill("hallo")
    page.get_by_role("button", name="Plaatsen").dblclick()
    expect(page.get_by_role("article")).to_have_count(1)

    assert PostRow.objects.count() == Account.objects.filter(is_brand=False).count() == 1


def test_server_that_is_gone_is_told(browser: Browser, live_server: LiveServer, airport: Person) -> None:
    context = browser.new_context(locale="nl-NL")
    page = context.new_page()
    page.goto(f"{live_server.url}/practice/")
    context.set_offline(True)
    expect(page.locator("#trouble")).to_be_visible()
    context.set_offline(False)
    expect(page.locator("#trouble")).to_be_hidden()
    context.close()


def fill(airport: Person) -> list[str]:
    """Write what makes pages hard, and return the paths to look at."""
    now = utc_now()
    actions.change_faults(STORM)
    anna, long = (
        actions.known_customer(handle, name=name, now=now)
        for handle, name in (("anna", "Anna"), ("w" * 30, "Willemijn van den Heuvel-Oudenaarden tot Nieuwkoop"))
    )
    first = actions.say("@airport waar is mijn koffer?", by=anna, now=now)
    answer(airport, "We zoeken hem op! ^Pim", parent=DatabaseStore().post(first.id))
    actions.say("Donaudampfschifffahrt" * 10, by=long, now=now)
    gone = actions.say("oeps", by=anna, parent_id=first.id, now=now)
    actions.delete_post(gone.id, by=anna, now=now)
    actions.say("mijn nummer is 12", by=anna, to="airport", now=now)
    answer(airport, "Dank je wel", to=anna)
    paths = ["", f"post/{first.id}/", "messages/", "messages/airport/", "@airport/", f"@{long.handle}/", "who/"]
    return [*paths, "behind/"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["nl-NL", "en-GB"])
def test_every_page_is_accessible_and_fits_a_small_screen(
    browser: Browser, live_server: LiveServer, airport: Person, scheme: str, locale: str
) -> None:
    paths = fill(airport)
    context = browser.new_context(locale=locale, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{live_server.url}/practice/who/")
    page.get_by_role("button", name="Anna").click()
    found = []

    for path in paths:
        page.goto(f"{live_server.url}/practice/{path}")
        page.set_viewport_size({"width": 1280 if scheme == "dark" else 320, "height": 640})
        results = Axe().run(page)
        assert len(results.response["passes"]) > 10
        found += [f"{path}: {results.generate_report()}" for _ in range(bool(results.violations_count))]
        page.set_viewport_size({"width": 320, "height": 640})
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{path} is {too_wide}px too wide" for _ in range(too_wide > 0)]

    context.close()
    assert found == []

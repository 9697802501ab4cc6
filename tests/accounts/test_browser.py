"""The doors and the settings in a browser: no barrier for anyone, on any width, in both themes and languages."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from luister.accounts import actions
from luister.base.clock import utc_now
from luister.channels.enums import ChannelState
from tests.factories import ChannelFactory, MembershipFactory, RawItemFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.browser
LONG = "Sanne van den Heuvel-Rademaker-Oosterhout-Zuiderwijk"


@pytest.fixture
def open_page(browser):
    """Open a window that complains about nothing."""
    complaints, windows = [], []

    def new(**options):
        window = browser.new_context(**{"locale": "nl-NL", "viewport": {"width": 1280, "height": 800}, **options})
        windows.append(window)
        page = window.new_page()
        page.on("console", lambda message: complaints.append(told(message)) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield new
    for window in windows:
        window.close()
    # The browser itself reports answers of 4xx: a dead link gives one on purpose, and the tests' server has no /live.
    assert [words for words in complaints if "status of 410" not in words and "/live?" not in words] == []


def told(message):
    return f"{message.text} {message.location.get('url', '')}"


@pytest.fixture
def member(transactional_db):
    member = MembershipFactory(role="administrator", user=UserFactory(name=LONG, password="een goed wachtwoord"))
    team = TeamFactory(workspace=member.workspace, name="Parkeren en bereikbaarheid van de luchthaven")
    MembershipFactory(workspace=member.workspace, role="analyst", sees_private=True, teams=[team])
    channel = ChannelFactory(
        workspace=member.workspace,
        team=team,
        state=ChannelState.ATTENTION,
        reason_code="mail.imap_login",
        reason_values={"server": "[AUTHENTICATIONFAILED] Authentication failed."},
    )
    RawItemFactory(workspace=member.workspace, channel=channel, state="unprocessable", reason_code="mail.not_a_mail")
    return member


def enter(page, live_server, member):
    token = actions.new_sign_in_link(member.user, now=utc_now())
    page.goto(f"{live_server.url}/enter/{token}")
    page.wait_for_url(lambda url: "/enter/" not in url)


def doors():
    setup = actions.new_setup_link(now=utc_now())
    return ["/", reverse("accounts:set_up", args=[setup]), "/enter/dood", "/setup/dood", "/account/login/"]


def settings_of(member):
    slug = member.workspace.slug
    colleague, team = member.pk + 1, TeamFactory(workspace=member.workspace).pk
    channel = ChannelFactory(workspace=member.workspace).pk
    return [
        *(reverse(f"accounts:{name}", args=[slug]) for name in ("general", "people", "invite", "teams", "audit")),
        *(reverse(f"delivery:{name}", args=[slug]) for name in ("start", "channels", "add", "bin")),
        reverse("delivery:connect", args=[slug, "email"]),
        reverse("delivery:channel", args=[slug, channel]),
        reverse("accounts:member", args=[slug, colleague]),
        reverse("accounts:team", args=[slug, team]),
        *(reverse(f"accounts:{name}") for name in ("profile", "keys", "choose")),
        "/account/password/change/",
        "/account/2fa/",
        "/account/logout/",
    ]


def barriers(page):
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    return [(violation["id"], violation["nodes"][0]["html"]) for violation in found.response["violations"]]


def spill(page):
    """Say by how many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


LOOKS = [("nl", "light", 1280), ("en", "dark", 1280), ("nl", "dark", 320)]


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_doors_have_no_barriers(open_page, live_server, transactional_db, language, theme, width):
    page = open_page(locale=language, color_scheme=theme, viewport={"width": width, "height": 700})
    for address in doors():
        page.goto(f"{live_server.url}{address}")

        assert barriers(page) == [], address
        assert spill(page) <= 0, address


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_settings_have_no_barriers(open_page, live_server, member, language, theme, width):
    actions.change_preferences(member.user, language=language, theme=theme)
    page = open_page(viewport={"width": width, "height": 700})
    enter(page, live_server, member)
    for address in settings_of(member):
        page.goto(f"{live_server.url}{address}")

        assert barriers(page) == [], address
        assert spill(page) <= 0, address


def test_link_of_the_terminal_is_one_click(open_page, live_server, member):
    page = open_page()

    enter(page, live_server, member)

    page.wait_for_url(f"{live_server.url}{member.workspace.path}**")


def test_colleague_is_invited_and_comes_in_by_the_copied_link(open_page, live_server, member):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    enter(page, live_server, member)
    page.goto(f"{live_server.url}{reverse('accounts:people', args=[member.workspace.slug])}")
    page.get_by_role("link", name="Collega uitnodigen").click()
    page.get_by_label("Naam").fill("Sam Jansen")
    page.get_by_label("E-mailadres").fill("sam@zuiderveld.example")
    page.get_by_role("radio", name="Medewerker").check()
    page.get_by_role("button", name="Account maken").click()
    page.get_by_role("button", name="Kopiëren").click()
    expect(page.get_by_role("button", name="Gekopieerd")).to_be_visible()

    guest = open_page()
    guest.goto(page.evaluate("navigator.clipboard.readText()"))
    guest.locator("[name=password1]").fill("een heel goed wachtwoord")
    guest.locator("[name=password2]").fill("een heel goed wachtwoord")
    guest.get_by_role("button", name="Wachtwoord opslaan").click()

    guest.wait_for_url(f"{live_server.url}{member.workspace.path}**")


def test_colleague_is_taken_out_after_a_question(open_page, live_server, member):
    colleague = MembershipFactory(workspace=member.workspace, user__name="Sam Jansen")
    page = open_page()
    enter(page, live_server, member)
    page.goto(f"{live_server.url}{reverse('accounts:member', args=[member.workspace.slug, colleague.pk])}")

    page.get_by_role("button", name="Uit de werkplek halen").click()
    expect(page.get_by_role("dialog")).to_contain_text("Sam Jansen weghalen?")
    page.get_by_role("button", name="Weghalen").click()

    expect(page.get_by_text("Sam Jansen hoort niet meer bij deze werkplek.")).to_be_visible()

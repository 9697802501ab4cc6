"""How screens look: accessible, whole at every width, without a complaint of the browser."""

from collections.abc import Mapping

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from luister.accounts.models import Membership, User
from tests.whole.product import screen_of

SIZES = ((1280, 800), (390, 844), (320, 640))


def listened_to(*pages: Page) -> list[str]:
    """Collect what the browser complains of: errors, and what the content security policy stopped."""
    complaints: list[str] = []
    for page in pages:
        page.on("console", lambda message: message.type in {"error", "warning"} and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


# A colour that is still on its way to that of another theme has no contrast to speak of.
_SETTLED = """() => Promise.all(
    document.getAnimations()
        .filter((one) => one.effect.getComputedTiming().iterations !== Infinity)
        .map((one) => one.finished.catch(() => null))
).then(() => true)"""


def faults(page: Page, where: str) -> list[str]:
    """Return what axe finds on a page, and whether it has to be scrolled sideways."""
    page.evaluate(_SETTLED)
    found = [
        f"{where}: {violation['id']} at {node['target']} {node['html'][:160]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]
    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*found, f"{where}: {wider} px too wide"] if wider > 0 else found


def faults_of_all(page: Page, screens: Mapping[str, str], *, address: str, user_id: int) -> list[str]:
    """Return the faults of screens (a path by its name): in Dutch and light at every width, in English and dark."""
    found: list[str] = []
    for language, theme in (("nl", "light"), ("en", "dark")):
        User.objects.filter(pk=user_id).update(language=language, theme=theme)
        for name, path in screens.items():
            page.goto(address + path)
            # The width matters once; the rest is the same in every language and theme.
            for width, height in SIZES if theme == "light" else SIZES[:1]:
                page.set_viewport_size({"width": width, "height": height})
                found += faults(page, f"{name} {language} {theme} {width}")
    return found


def assert_well(screens: Mapping[str, str], *, member: Membership, address: str, browser: Browser) -> None:
    """Look at screens as a colleague sees them: none has a fault, and the browser complains of nothing."""
    with screen_of(member, address=address, browser=browser) as context:
        page = context.new_page()
        complaints = listened_to(page)
        found = faults_of_all(page, screens, address=address, user_id=member.user_id)

    assert not found, "\n".join(found)
    assert complaints == []

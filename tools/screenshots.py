"""Takes the pictures of docs/images from a running demo desk, light and dark.

Usage: start a fresh `luister start --demo`, then python tools/screenshots.py SIGN-IN-LINK
"""

import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SIZE = {"width": 1280, "height": 800}
PHONE = {"width": 320, "height": 640}

# Name of the picture and the address below the workspace, or from the root where it begins with a slash.
SCREENS = {
    "list": "inbox/inbox/",
    "notices": "notices/",
    "loose": "loose/",
    "settings": "settings/",
    "people": "settings/people/",
    "teams": "settings/teams/",
    "channels": "settings/channels/",
    "bin": "settings/bin/",
    "audit": "settings/audit/",
    "add-channel": "settings/channels/add/email/",
    "profile": "/account/",
    "components": "/ui/",
    "practice": "/practice/",
}


def main() -> None:
    """Sign in by the link and take every picture in both themes."""
    link = sys.argv[1]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or "", args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(locale="nl-NL")
        page = context.new_page()
        page.goto(link)
        page.wait_for_url("**/w/**")
        desk, state = page.url.split("inbox/")[0], context.storage_state()
        context.close()
        for theme in ("light", "dark"):
            _take(browser, state, theme, desk)
        browser.close()


def _take(browser: Browser, state: object, theme: str, desk: str) -> None:
    root = f"{urlsplit(desk).scheme}://{urlsplit(desk).netloc}"
    context = browser.new_context(
        locale="nl-NL", viewport=SIZE, color_scheme=theme, storage_state=state, reduced_motion="reduce"
    )
    page = context.new_page()
    for name, address in SCREENS.items():
        answer = page.goto(root + address if address.startswith("/") else desk + address)
        if answer is None or not answer.ok:
            raise SystemExit(f"{address} answers {answer.status if answer else 'nothing'}")
        _keep(page, f"{name}-{theme}")
    page.goto(f"{desk}inbox/inbox/")
    page.locator(".row-name").nth(4).click()
    page.locator("#composer-text").wait_for()
    _keep(page, f"desk-{theme}")
    page.keyboard.press("c")
    page.wait_for_timeout(700)
    _keep(page, f"note-{theme}")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.wait_for_timeout(700)
    _keep(page, f"keys-{theme}")
    page.keyboard.press("Escape")
    page.set_viewport_size(PHONE)
    _keep(page, f"phone-{theme}")
    context.close()
    visitor = browser.new_context(locale="nl-NL", viewport=SIZE, color_scheme=theme)
    page = visitor.new_page()
    page.goto(f"{root}/account/login/")
    _keep(page, f"sign-in-{theme}")
    visitor.close()


def _keep(page: Page, name: str) -> None:
    page.wait_for_timeout(600)
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()

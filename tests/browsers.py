"""The one browser that tests drive: the system's Chromium."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
PATIENCE_MS = 120_000  # a slow machine is no failure

# A button that is there before the page's scripts are does nothing yet; nobody is as quick as a test. So a page takes
# clicks of tests when it has loaded. (A constructed sheet needs no leave of the content security policy.)
_CLICKED_WHEN_LOADED = """
    const untouchable = new CSSStyleSheet();
    untouchable.replaceSync("* { pointer-events: none !important }");
    document.adoptedStyleSheets = [untouchable];
    addEventListener("load", () => (document.adoptedStyleSheets = []));
"""


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Give the browser for the tests of one module."""
    if not CHROMIUM:
        pytest.skip("There is no Chromium here.")
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415 - most runs drive no browser

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        # Playwright's loop runs in this thread, which Django takes for asynchronous code.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        new_context = opened.new_context

        def new_context_that_waits(**options: Any) -> "BrowserContext":
            context = new_context(**options)
            context.set_default_timeout(PATIENCE_MS)
            if options.get("java_script_enabled", True):
                context.add_init_script(_CLICKED_WHEN_LOADED)
            return context

        opened.new_context = new_context_that_waits  # type: ignore[method-assign]  # every test gets its own from here
        yield opened
        opened.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]

"""A running product, and a browser before it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, sync_playwright

if TYPE_CHECKING:
    from tests.whole.product import Product

CHROMIUM = shutil.which("chromium") or ""


@pytest.fixture
def product(transactional_db: None, database_url: str, tmp_path: Path) -> Iterator["Product"]:
    """Give a product whose processes end with the test."""
    from tests.whole.product import Product  # noqa: PLC0415 - this file is read before Django is set up

    running = Product(database_url, tmp_path)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give the system's Chromium."""
    if not CHROMIUM:
        pytest.skip("There is no Chromium here.")
    with sync_playwright() as playwright:
        # Playwright's loop runs in this thread, which Django takes for asynchronous code.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        yield opened
        opened.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]

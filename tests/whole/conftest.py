"""A running product, and a browser before it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.whole.product import Product


@pytest.fixture
def product(transactional_db: None, database_url: str, tmp_path: Path) -> Iterator["Product"]:
    """Give a product whose processes end with the test."""
    from tests.whole.product import Product  # noqa: PLC0415 - this file is read before Django is set up

    running = Product(database_url, tmp_path)
    try:
        yield running
    finally:
        running.stop()

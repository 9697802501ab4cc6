"""A running product, and a browser before it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from luister.accounts.models import Membership
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


@pytest.fixture
def pim(transactional_db: None) -> "Membership":
    """Give the administrator of an airport."""
    from luister.accounts.enums import Role  # noqa: PLC0415 - as above
    from tests.factories import PASSWORD, MembershipFactory, UserFactory  # noqa: PLC0415 - as above

    user = UserFactory(name="Pim de Vries", password=PASSWORD)
    return MembershipFactory(role=Role.ADMINISTRATOR, user=user, workspace__name="Luchthaven Waterland")

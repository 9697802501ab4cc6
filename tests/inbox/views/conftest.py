"""What the tests of the inbox's views share. A conftest is read before Django is set up, hence the late import."""

import pytest


@pytest.fixture
def desk(client, db):
    """The desk of an agent."""
    from tests.inbox.views.helpers import make_desk  # noqa: PLC0415

    return make_desk(client)

"""What the tests of understanding share."""

from collections.abc import Iterator

import pytest

from tests.understanding.helpers import Machine, a_machine


@pytest.fixture
def machine() -> Iterator[Machine]:
    """A machine that says what the test wants."""
    with a_machine() as machine:
        yield machine

"""The NATS server of the tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.nats_server import PROGRAM, NatsServer, served, until

__all__ = ["NatsServer", "nats_server", "served", "until"]


@pytest.fixture
def nats_server() -> Iterator[NatsServer]:
    """Give a server with nothing in it."""
    skip_without_server()
    with served() as server:
        yield server


def skip_without_server() -> None:
    """Skip a test where there is none; in CI that is a failure."""
    if not Path(PROGRAM).exists():
        pytest.skip("There is no nats-server here.")

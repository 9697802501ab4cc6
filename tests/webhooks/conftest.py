"""A receiver, and leave to reach it."""

import pytest

from tests.webhooks.receiver import running_receiver


@pytest.fixture
def receiver(monkeypatch):
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "127.0.0.1")
    with running_receiver() as receiver:
        yield receiver

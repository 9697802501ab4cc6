"""The store in memory does what every store must, and records deliveries."""

import json
from pathlib import Path

import pytest

from luister.base.connector import Idempotency
from luister.practice.core import Person
from luister.practice.memory import MemoryStore
from tests.practice.contract import NOW, PNG, StoreContract, World, with_pictures


class MemoryWorld(World):
    def __init__(self, *, log: Path | None = None) -> None:
        self.store = self.memory = MemoryStore(log=log)

    def set_brand(self, handle: str, *, token: str, idempotency: Idempotency, expired: bool = False) -> Person:
        person = self.memory.add_brand(handle, token=token, idempotency=idempotency).person
        self.memory.expire(token, expired=expired)
        return person

    def customer(self, handle: str) -> Person:
        return self.memory.add_person(handle)

    def delete(self, post_id: str) -> None:
        self.memory.delete(post_id, now=NOW)


@pytest.fixture
def world() -> MemoryWorld:
    return MemoryWorld()


@pytest.fixture
def shared_world(world: MemoryWorld) -> MemoryWorld:
    return world


class TestMemoryStore(StoreContract):
    pass


def test_deliveries_are_recorded_in_memory_and_on_disk(tmp_path: Path) -> None:
    world = MemoryWorld(log=tmp_path / "deliveries")
    world.set_brand("airport", token="t1", idempotency=Idempotency.OVERWRITE)
    first = world.say("anna", "hello", to="airport")
    body = json.dumps({"text": "hi", "to": "anna", "parent_id": first.id}).encode()
    for _ in range(2):
        world.call("PUT", "/posts/by-key/k1", body=body)

    written = [json.loads(line) for line in (tmp_path / "deliveries").read_text().splitlines()]

    assert [(one["key"], one["to"], one["parent_id"], one["replaces"]) for one in written] == [
        ("k1", "anna", first.id, False),
        ("k1", "anna", first.id, True),
    ]
    assert len(world.memory.deliveries) == 2


def test_add_brand_again_changes_token_and_class() -> None:
    world = MemoryWorld()
    old = world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)
    new = world.set_brand("airport", token="t2", idempotency=Idempotency.ECHO)

    assert old == new
    assert world.store.brand("t1") is None
    assert world.store.brand("t2") is not None


def test_deliveries_record_the_sizes_of_pictures(tmp_path: Path) -> None:
    world = MemoryWorld(log=tmp_path / "deliveries")
    world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)
    world.call("POST", "/posts", body=with_pictures(PNG, PNG + b"x"))

    (written,) = [json.loads(line) for line in (tmp_path / "deliveries").read_text().splitlines()]

    assert written["picture_bytes"] == [len(PNG), len(PNG) + 1]

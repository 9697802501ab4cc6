"""The store in PostgreSQL does what every store must, also when several write at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from luister.base.connector import Idempotency
from luister.base.ids import token_digest
from luister.practice import models
from luister.practice.core import Draft, Person
from luister.practice.store import DatabaseStore, as_id, person_of
from tests.practice.contract import NOW, StoreContract, World

pytestmark = pytest.mark.sql


class DatabaseWorld(World):
    def __init__(self) -> None:
        self.store = self.database = DatabaseStore()

    def set_brand(self, handle: str, *, token: str, idempotency: Idempotency, expired: bool = False) -> Person:
        account, _ = models.Account.objects.update_or_create(
            handle=handle,
            defaults={
                "name": handle,
                "is_brand": True,
                "token_digest": token_digest(token),
                "token_expired": expired,
                "repeats": idempotency.value,
                "created_at": NOW,
            },
        )
        return person_of(account)

    def customer(self, handle: str) -> Person:
        account, _ = models.Account.objects.get_or_create(handle=handle, defaults={"name": handle, "created_at": NOW})
        return person_of(account)

    def delete(self, post_id: str) -> None:
        self.database.delete(post_id, now=NOW)

    def call(self, *args, **values):
        try:
            return super().call(*args, **values)
        finally:
            if threading.current_thread() is not threading.main_thread():
                connection.close()


@pytest.fixture
def world(db: None) -> DatabaseWorld:
    return DatabaseWorld()


@pytest.fixture
def shared_world(transactional_db: None) -> DatabaseWorld:
    return DatabaseWorld()


class TestDatabaseStore(StoreContract):
    pass


def test_as_id() -> None:
    assert [as_id(text) for text in ("1", "0", "", "x", "-1", "٣", "9" * 19, "9" * 40)] == [1, 0, 0, 0, 0, 0, 0, 0]


def test_events_of_two_writers_are_read_in_the_order_of_their_commits(shared_world: DatabaseWorld) -> None:
    """A slow writer holds the brand's lock: nobody can be read before it and then be overtaken."""
    world = shared_world
    brand = world.set_brand("airport", token="t1", idempotency=Idempotency.KEY)
    anna, ben = world.customer("anna"), world.customer("ben")
    written, finish = threading.Event(), threading.Event()

    def slow() -> str:
        with transaction.atomic():
            post = world.store.publish(Draft(anna, "@airport slow"), now=NOW)
            written.set()
            assert finish.wait(10)
        connection.close()
        return post.id

    def fast() -> str:
        post = world.store.publish(Draft(ben, "@airport fast"), now=NOW)
        connection.close()
        return post.id

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(slow)
        assert written.wait(10)
        second = pool.submit(fast)
        seen_early = world.events(brand)
        finish.set()
        ids = [first.result(10), second.result(10)]

    assert seen_early == []
    assert [event.post.id for event in world.events(brand)] == ids


def test_reads_take_a_fixed_number_of_queries(world: DatabaseWorld, django_assert_num_queries) -> None:
    brand = world.set_brand("airport", token="t1", idempotency=Idempotency.LOOKUP)
    for number in range(20):
        post = world.say("anna", f"@airport {number}")
        world.store.publish(Draft(brand, "hello", parent=post), now=NOW)

    with django_assert_num_queries(3):
        assert len(world.store.events(brand, after=0, limit=100)) == 20
    with django_assert_num_queries(2):
        assert len(world.store.own_posts(brand, before=None, limit=100)) == 20

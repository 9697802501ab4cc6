"""A page finds out soon that the database is away, and a slow statement is left alone while it is there."""

import time
from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.db import OperationalError, connections
from pytest_django.plugin import DjangoDbBlocker

from bench.proxy import Proxy
from luister.config.children import wait_until
from luister.config.reach.base import DatabaseWrapper
from luister.config.reach.signs import Signs
from luister.ui.away import is_away

SOON_SECONDS = 5.0  # after which a page has to say it
MANY = 30


class Desk:
    """A web process's connections to the test database, over a network that can be cut."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        settings = deepcopy(connections["default"].settings_dict)
        settings |= {"HOST": "127.0.0.1", "PORT": proxy.port, "CONN_MAX_AGE": 0}
        pool = {"min_size": 1, "max_size": 2, "timeout": 60.0, "reconnect_timeout": 0.5}
        settings["OPTIONS"] |= {"pool": pool, "connect_timeout": 2}
        connections.settings["reach"] = settings | {"ENGINE": "luister.config.reach"}

    @property
    def wrapper(self) -> DatabaseWrapper:
        """What Django has for each page."""
        return connections["reach"]

    def page(self, statement: str = "SELECT 1") -> float:
        """Ask for something, and return how many seconds that took."""
        began = time.monotonic()
        try:
            with self.wrapper.cursor() as cursor:
                cursor.execute(statement)
        finally:
            self.wrapper.close()
        return time.monotonic() - began

    def refusal(self) -> tuple[OperationalError, float]:
        """Ask in vain, and return what was said after how many seconds."""
        began = time.monotonic()
        with pytest.raises(OperationalError) as refused:
            self.page()
        return refused.value, time.monotonic() - began


@pytest.fixture
def desk(database_url: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Desk]:
    there = connections["default"].settings_dict
    with django_db_blocker.unblock(), Proxy(there["HOST"], int(there["PORT"])) as proxy:
        desk = Desk(proxy)
        desk.wrapper.signs.patience_seconds = 0.3
        yield desk
        desk.wrapper.close_pool()
        DatabaseWrapper._signs.clear()
        del connections["reach"], connections.settings["reach"]


@pytest.mark.parametrize("fault", ["cut", "silence"])
def test_page_is_told_soon_that_the_database_is_away_and_the_next_at_once(desk: Desk, fault: str) -> None:
    desk.page()
    getattr(desk.proxy, fault)()

    error, seconds = desk.refusal()
    assert is_away(error)
    assert seconds < SOON_SECONDS
    at_once = [desk.refusal()[1] for _ in range(MANY)]
    assert sum(at_once) < SOON_SECONDS

    desk.proxy.mend()
    assert wait_until(lambda: _is_answered(desk), seconds=60)


def test_statement_that_is_under_way_ends_when_the_network_falls_silent(desk: Desk) -> None:
    cursor = desk.wrapper.cursor()
    desk.proxy.silence()
    began = time.monotonic()
    with pytest.raises(OperationalError) as cut:
        cursor.execute("SELECT 1")

    assert time.monotonic() - began < SOON_SECONDS
    assert is_away(cut.value)
    desk.wrapper.close()


def test_slow_statement_is_left_alone_while_the_database_is_there(desk: Desk) -> None:
    desk.page()

    assert desk.page("SELECT pg_sleep(1.2)") > 1.0  # four times as long as it may be silent


def test_want_of_one_more_connection_is_no_absence() -> None:
    signs = Signs()
    signs.hear()

    signs.lose_if_silent()

    assert not signs.is_away


def _is_answered(desk: Desk) -> bool:
    try:
        return desk.page() > 0
    except OperationalError:
        return False

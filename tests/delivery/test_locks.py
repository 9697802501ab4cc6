"""Session locks: all or none, and gone with their connection."""

import pytest

from luister.delivery import locks

pytestmark = pytest.mark.usefixtures("db")


def test_held_takes_all_or_none():
    with locks.held([1, 2]) as first:
        with locks.held([2, 3]) as second, locks.held([3]) as third:
            assert (first, second, third) == (True, False, True)
    with locks.held([1, 2, 3]) as again:
        assert again


def test_held_lets_go_when_the_work_fails():
    with pytest.raises(ZeroDivisionError), locks.held([1]):
        raise ZeroDivisionError

    with locks.held([1]) as again:
        assert again


def test_held_finds_out_that_its_idle_connection_died():
    with locks.held([1]):
        pass
    (idle,) = locks._idle
    with locks.connect() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [idle.info.backend_pid])

    with locks.held([1]) as again:
        assert again


def test_lock_is_gone_with_its_connection():
    lost = locks.connect()
    assert locks.try_lock(lost, 1)
    lost.close()

    with locks.held([1]) as free:
        assert free


def test_server_watches_over_the_connection():
    with locks.connect() as locking:
        shown = [
            locking.execute(f"SHOW {name}").fetchone()[0]
            for name in ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count")
        ]
    assert shown == ["10", "5", "3"]


def test_keys_of_posts_and_channels_are_apart():
    keys = {make(1) for make in (locks.send_key, locks.channel_key, locks.look_up_key, locks.listen_key)}

    assert len(keys) == 4

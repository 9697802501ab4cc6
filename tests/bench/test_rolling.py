"""A rolling restart in small: no screen misses a change, no page fails, no reply is lost or sent twice."""

import os

from bench import rolled, rolling


def test_rolling_restart_is_not_noticed(transactional_db: None, database_url: str) -> None:
    plan = rolled.Plan(screens=20, posts_a_second=5.0, rounds=1, pages_a_second=2.0, replies=10)

    found = rolled.run(plan, database_url=database_url, home=os.environ["LUISTER_HOME"])

    assert rolling.broken(found) == []
    assert (found.restarts, found.replies) == (4, 10)
    assert found.posts > 10
    assert found.reconnects >= found.screens

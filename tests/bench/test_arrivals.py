"""Posts that are handed in while web processes are killed, in small: what was accepted is there, once, in its case."""

import os

from bench import arrivals, arriving


def test_posts_that_were_accepted_are_there_once_whatever_was_killed(transactional_db: None, database_url: str) -> None:
    plan = arriving.Plan(posts=60, kills=1, crashes=0, programs=4)

    found = arriving.run(plan, lambda: None, database_url=database_url, home=os.environ["LUISTER_HOME"])

    assert arrivals.broken(found) == []
    assert (found.accepted, found.kills, found.conversations) == (60, 1, 30)

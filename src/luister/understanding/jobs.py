"""Background entry points of understanding."""

import time

from luister.base.clock import utc_now
from luister.fence.scope import of_all_workspaces, of_workspace
from luister.posts.models import Topic
from luister.queue import job, periodic
from luister.understanding import actions
from luister.understanding.actions import topics

MOST_SECONDS = 45.0  # of each minute


@periodic("understanding.understand_existing")
@of_all_workspaces("understand what was stored before the present version")
def understand_missing() -> None:
    """Understand posts that were stored before the machine's present version."""
    ends = time.monotonic() + MOST_SECONDS
    actions.understand_existing(now=utc_now(), is_time_up=lambda: time.monotonic() > ends)


@job("understanding.learn")
@of_workspace()
def learn(workspace_id: int) -> None:
    """Learn from what the people of a workspace corrected."""
    actions.learn(workspace_id, now=utc_now())


@job("understanding.run_rule")
@of_workspace(Topic)
def run_rule(topic_id: int, version: int) -> None:
    """Have a topic's rule go through what is stored."""
    topics.run_rule(topic_id, version=version, clock=utc_now)


@periodic("understanding.take_up_again")
@of_all_workspaces("find rules that no job is left for")
def take_up_again() -> None:
    """Go on with rules that no job is left for."""
    topics.take_up_again()

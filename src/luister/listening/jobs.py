"""Background entry points of listening."""

from luister.base.clock import utc_now
from luister.fence.scope import of_all_workspaces, of_workspace
from luister.listening.actions import listening, looking_back
from luister.listening.models import Monitor
from luister.posts.models import Post, Topic
from luister.queue import job, periodic


@job("listening.listen_again")
@of_workspace(Post)
def listen_again(post_id: int) -> None:
    """Match a stored post anew, since people say something else of it now."""
    listening.listen_again(post_id, now=utc_now())


@job("listening.look_back")
@of_workspace(Monitor)
def look_back(monitor_id: int, run: int) -> None:
    """Have a monitor look at what was stored before it listened."""
    looking_back.look_back(monitor_id, run=run, clock=utc_now)


@job("listening.look_back_for_topic")
@of_workspace(Topic)
def look_back_for_topic(topic_id: int) -> None:
    """Have the monitors that ask for a topic look back, since other posts have it now."""
    looking_back.look_back_for_topic(topic_id, now=utc_now())


@periodic("listening.take_up_again")
@of_all_workspaces("find looking back that no job is left for")
def take_up_again() -> None:
    """Go on looking back where the job for it was lost."""
    looking_back.take_up_again()

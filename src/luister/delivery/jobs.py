"""Background entry points of what comes in and what goes out."""

from luister.base.clock import utc_now
from luister.channels.models import Channel
from luister.delivery import actions
from luister.delivery.models import Outgoing, RawItem
from luister.fence.scope import of_workspace
from luister.queue import INTAKE, SENDING, job


@job("delivery.send", queue=SENDING, retry=False, priority=1)
@of_workspace(Outgoing)
def send(outgoing_id: int) -> None:
    """Send a post, if it is its turn."""
    actions.send(outgoing_id, clock=utc_now)


@job("delivery.wake", queue=SENDING, retry=False, priority=2)
@of_workspace(Channel)
def wake(channel_id: int) -> None:
    """Let a channel go on that its network had asked to wait."""
    actions.wake_channel(channel_id, now=utc_now())


@job("delivery.resolve", queue=SENDING, retry=False, priority=3)
@of_workspace(Channel)
def resolve(channel_id: int) -> None:
    """Find out what became of a channel's posts of which nobody knows."""
    actions.resolve(channel_id, clock=utc_now)


@job("delivery.process_raw", queue=INTAKE)
@of_workspace(RawItem)
def process_raw(raw_ids: list[int]) -> None:
    """Make posts of payloads."""
    actions.process_raw(raw_ids, now=utc_now())

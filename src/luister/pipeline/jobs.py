"""Background entry point of the pipeline."""

from luister.base.clock import utc_now
from luister.pipeline import actions
from luister.queue import job


@job("pipeline.run")
def run(post_id: int) -> None:
    """Take one post through every step."""
    actions.run(post_id, now=utc_now())

"""Background entry points of the pipeline."""

from luister.base.clock import utc_now
from luister.pipeline import actions
from luister.queue import INTAKE, job


@job("pipeline.run", queue=INTAKE)
def run(post_id: int) -> None:
    """Take one post through every step."""
    actions.run(post_id, now=utc_now())


@job("pipeline.run_all", queue=INTAKE)
def run_all(post_ids: list[int]) -> None:
    """Take posts that came in together through every step."""
    actions.run_all(post_ids, now=utc_now())

"""Background entry points of the pipeline."""

from luister.base.clock import utc_now
from luister.fence.scope import of_workspace
from luister.pipeline import actions
from luister.posts.models import Post
from luister.queue import INTAKE, job


@job("pipeline.run", queue=INTAKE)
@of_workspace(Post)
def run(post_id: int) -> None:
    """Take one post through every step."""
    actions.run(post_id, now=utc_now())


@job("pipeline.run_all", queue=INTAKE)
@of_workspace(Post)
def run_all(post_ids: list[int]) -> None:
    """Take posts that came in together through every step."""
    actions.run_all(post_ids, now=utc_now())

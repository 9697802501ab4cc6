"""Background entry point of imports."""

from datetime import timedelta

from luister.base.clock import utc_now
from luister.fence.scope import of_workspace
from luister.imports.actions import Runner
from luister.imports.models import Import
from luister.queue import enqueue, job

TURN = timedelta(seconds=60)  # then other work has its turn, and a worker that is told to stop is not held up


@job("imports.run")
@of_workspace(Import)
def run(import_id: int) -> None:
    """Take an import forward until it ends, or its turn does."""
    began = utc_now()
    with Runner(import_id) as runner:
        while runner.step(now=utc_now()):
            if utc_now() - began > TURN and runner.may_pause:
                enqueue("imports.run", import_id=import_id)
                return

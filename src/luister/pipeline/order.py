"""The order of what happens to posts that come in."""

from luister.pipeline.contract import Step
from luister.pipeline.steps.bounce import bounce
from luister.pipeline.steps.listen import listen
from luister.pipeline.steps.loop_guard import loop_guard
from luister.pipeline.steps.thread import thread
from luister.pipeline.steps.understand import understand

STEPS: tuple[Step, ...] = (loop_guard, bounce, understand, listen, thread)

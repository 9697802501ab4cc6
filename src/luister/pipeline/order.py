"""The order of what happens to a post that comes in."""

from collections.abc import Callable

from luister.pipeline.contract import Next, Passage
from luister.pipeline.steps.bounce import bounce
from luister.pipeline.steps.listen import listen
from luister.pipeline.steps.loop_guard import loop_guard
from luister.pipeline.steps.thread import thread
from luister.pipeline.steps.understand import understand

STEPS: tuple[Callable[[Passage], Next], ...] = (loop_guard, bounce, understand, listen, thread)

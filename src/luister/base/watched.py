"""Jobs that are measured and traced, with the link to what asked for them."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from luister.base import metrics, tracing

CARRIED: Final = "traceparent"  # an argument of a job beside its own, only where somebody traces


def carried() -> dict[str, str]:
    """Return what a job takes along of who asks for it."""
    parent = tracing.traceparent()
    return {CARRIED: parent} if parent else {}


def watched(name: str, function: Callable[..., None]) -> Callable[..., None]:
    """Return the function of a job, measured and traced under its name."""

    @wraps(function)
    def run(*args: Any, **primitives: Any) -> None:
        began = time.perf_counter()
        result = "failed"
        try:
            with tracing.span(name, kind="consumer", parent=primitives.pop(CARRIED, "")):
                function(*args, **primitives)
            result = "done"
        finally:
            metrics.jobs.labels(name, result).observe(time.perf_counter() - began)

    return run

"""What a step gets and says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from luister.inbox.models import Case
from luister.posts.models import Post


@dataclass(slots=True)
class Passage:
    """A post on its way through the pipeline, and what the steps found out."""

    post: Post
    case: Case | None = field(default=None)
    is_new_case: bool = False


class Step(Protocol):
    """One thing that happens to posts that come in."""

    __name__: str

    def __call__(self, passages: Sequence[Passage], *, now: datetime) -> Sequence[Passage]:
        """Take passages, in the order in which their posts came in, and return those that go on to the next step."""

"""What a step gets and says."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from luister.inbox.models import Case
from luister.posts.models import Post


class Next(Enum):
    """Whether the steps after this one run."""

    GO_ON = "go on"
    STOP = "stop"


@dataclass(slots=True)
class Passage:
    """A post on its way through the pipeline, and what the steps found out."""

    post: Post
    now: datetime
    case: Case | None = field(default=None)
    is_new_case: bool = False

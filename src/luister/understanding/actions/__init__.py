"""Everything that changes what is known of posts, one function a verb."""

from luister.understanding.actions.catching_up import understand_existing
from luister.understanding.actions.correcting import correct, undo_correction
from luister.understanding.actions.learning import learn
from luister.understanding.actions.understanding import understand_post, understand_posts

__all__ = [
    "correct",
    "learn",
    "understand_existing",
    "understand_post",
    "understand_posts",
    "undo_correction",
]

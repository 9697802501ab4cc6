"""Running a post through the steps."""

from datetime import datetime

from luister.pipeline.contract import Next, Passage
from luister.pipeline.order import STEPS
from luister.posts.models import Post


def run(post_id: int, *, now: datetime) -> Passage | None:
    """Take a stored post through every step; safe to repeat, because each step is."""
    post = Post.objects.select_related("channel__workspace", "author", "workspace").filter(pk=post_id).first()
    if post is None:
        return None
    passage = Passage(post, now)
    for step in STEPS:
        if step(passage) is Next.STOP:
            break
    return passage

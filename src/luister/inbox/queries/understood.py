"""What was understood of a post, for whoever may read it."""

from luister.accounts.models import Membership
from luister.inbox.access import readable_posts, visible_cases
from luister.inbox.models import CasePost
from luister.posts.models import Post
from luister.understanding.queries.shown import Shown, of_post


def readable_post(post_id: int, *, member: Membership) -> Post | None:
    """Return a post that a member may read."""
    return readable_posts(member).select_related("channel", "author").filter(pk=post_id).first()


def understood(post_id: int, *, member: Membership) -> Shown | None:
    """Return what was understood of a post; None where it is not theirs to read, or was not understood."""
    post = readable_post(post_id, member=member)
    return None if post is None else of_post(post, member=member)


def case_with(post: Post, *, member: Membership) -> int | None:
    """Return the number of a case in which a member can read a post, its own before one where it is context."""
    links = CasePost.objects.filter(post=post, case__in=visible_cases(member))
    return links.order_by("is_context", "-case_id").values_list("case__number", flat=True).first()

"""Which posts a member may read."""

from django.db.models import Q

from luister.accounts.models import Membership


def visible_posts(member: Membership, *, prefix: str = "") -> Q:
    """Return the condition under which a post is shown: public ones, and private ones where granted.

    `prefix` is the path to the post from the model that is filtered, such as `post__`.
    """
    own = Q(**{f"{prefix}workspace_id": member.workspace_id})
    return own if member.may_see_private else own & Q(**{f"{prefix}is_public": True})

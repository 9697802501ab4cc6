"""What people said of the topics of posts, as it is learned from."""

from collections.abc import Collection, Mapping
from typing import Final

from django.db.models import Q, QuerySet

from luister.posts.enums import GivenBy
from luister.posts.models import PostTopic

TOPICS: Final = "topics"  # the aspect of `luister.text.lessons`


def spoken_of(workspace_id: int) -> QuerySet[PostTopic]:
    """Return the topics that people gave to posts or took off them."""
    spoken = Q(given_by=GivenBy.PERSON) | Q(is_removed=True)
    return PostTopic.objects.filter(spoken, topic__workspace_id=workspace_id)


def to_learn(post_ids: Collection[int]) -> Mapping[int, list[str]]:
    """Return the ids of the topics of posts, sorted, without those that rules give: these need not be learned."""
    found: dict[int, list[str]] = {post_id: [] for post_id in post_ids}
    given = PostTopic.objects.filter(post_id__in=post_ids, is_removed=False).exclude(given_by=GivenBy.RULE)
    for post_id, topic_id in given.values_list("post_id", "topic_id"):
        found[post_id].append(str(topic_id))
    return {post_id: sorted(ids) for post_id, ids in found.items()}

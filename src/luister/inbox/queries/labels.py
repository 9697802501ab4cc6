"""The labels of posts: those of the case that a post belongs to, where the member sees that case."""

from collections.abc import Mapping, Sequence

from django.db.models import QuerySet

from luister.accounts.models import Membership
from luister.inbox.access import visible_cases
from luister.inbox.models import CaseLabel, CasePost, Label
from luister.query.prepared import normalize_name


class PostLabels:
    """What a search has to know of labels; it is given to `posts.queries.archive.search`, which knows no cases."""

    def __init__(self, member: Membership) -> None:
        self._member = member

    def posts_labelled(self, name: str) -> tuple[str, list[object]] | None:
        """Return a subquery of the ids of the posts with a label of this normalised name; None when there is none."""
        known = Label.objects.filter(workspace_id=self._member.workspace_id).values_list("pk", "name")
        ids = [pk for pk, label in known if normalize_name(label) == name]
        if not ids:
            return None
        labelled = CaseLabel.objects.filter(label_id__in=ids).values("case_id")
        sql, parameters = self._own_posts().filter(case_id__in=labelled).values("post_id").query.sql_with_params()
        return sql, list(parameters)

    def labels_of(self, post_ids: Sequence[int]) -> Mapping[int, Sequence[str]]:
        """Return the labels of posts, by the id of those that have any."""
        cases = dict(self._own_posts().filter(post_id__in=post_ids).values_list("post_id", "case_id"))
        names: dict[int, list[str]] = {}
        for case_id, name in CaseLabel.objects.filter(case_id__in=cases.values()).values_list("case_id", "label__name"):
            names.setdefault(case_id, []).append(name)
        return {post_id: names[case_id] for post_id, case_id in cases.items() if case_id in names}

    def _own_posts(self) -> QuerySet[CasePost]:
        """Return the posts of cases, without those that are context."""
        return CasePost.objects.filter(case__in=visible_cases(self._member), is_context=False)

"""Saved views, how much each holds, and which of their conditions name what is no longer there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from luister.accounts.models import Membership, Team
from luister.inbox.access import may_change_view, may_share_with_all
from luister.inbox.access import saved_views as visible
from luister.inbox.models import SavedView
from luister.inbox.queries.cases import View, count_of
from luister.inbox.queries.fields import CaseFields
from luister.query import QueryError, parse
from luister.query.prepared import normalize_name
from luister.query.tree import CaseIs, Is, leaves

MOST = 50
_NAMED = {"label", "assignee", "team", "channel"}
_VALUE = r'["“”„][^"“”„]*["“”„]|[^\s()"“”„]+'
_CONDITION = re.compile(rf"(?i)\b({'|'.join(sorted(_NAMED))}):(\((?:[^()\"]|\"[^\"]*\")*\)|{_VALUE})")


@dataclass(frozen=True, slots=True)
class Broken:
    """A condition whose value does not exist (any more), and where it stands: code points from the start."""

    field: str
    value: str
    start: int
    length: int


def saved_views(*, member: Membership) -> Sequence[SavedView]:
    """Return the saved views in a member's sidebar, in order."""
    found = visible(member).filter(deleted_at=None).order_by("position", "id")
    return list(found[:MOST])


def saved_view(saved_id: int, *, member: Membership) -> SavedView | None:
    """Return a saved view of a member's sidebar."""
    return visible(member).filter(deleted_at=None, pk=saved_id).first()


def knows_view(saved_id: int, *, member: Membership) -> bool:
    """Whether a view is or was in a member's sidebar."""
    return visible(member).filter(pk=saved_id).exists()


def deleted_view(saved_id: str, *, member: Membership) -> SavedView | None:
    """Return a view that was deleted and can be brought back by the member, by what an address says."""
    if not (saved_id.isascii() and saved_id.isdigit() and len(saved_id) < 10):
        return None
    saved = visible(member).filter(deleted_at__isnull=False, pk=int(saved_id)).first()
    return saved if saved is not None and may_change_view(saved, member=member) else None


def counted(*, member: Membership, now: datetime) -> Sequence[tuple[SavedView, str]]:
    """Return the saved views with how many cases each holds: at most “100+”, nothing where that takes too long."""
    every = saved_views(member=member)
    return [(saved, count_of(View(saved.view), saved.query, member=member, now=now)) for saved in every]


def teams_to_share_with(*, member: Membership) -> Sequence[Team]:
    """Return the teams in whose sidebars a member may put views."""
    teams = Team.objects.filter(workspace_id=member.workspace_id) if may_share_with_all(member) else member.teams.all()
    return list(teams.order_by("name", "id"))


def broken_condition(text: str, *, member: Membership) -> Broken | None:
    """Return the first condition of a query that names a label, colleague, team or channel that does not exist."""
    try:
        every = leaves(parse(text))
    except QueryError:
        return None
    fields = CaseFields(member)
    named = [leaf for leaf in every if isinstance(leaf, CaseIs | Is) and leaf.field in _NAMED]
    missing = {(leaf.field, leaf.value) for leaf in named if not fields.ids(leaf)}
    if not missing:
        return None
    for found in _CONDITION.finditer(text):
        for value in re.finditer(_VALUE, found[2]):
            name = value[0].strip('"“”„')
            if (found[1].lower(), normalize_name(name)) in missing:
                return Broken(found[1].lower(), name, found.start(2) + value.start(), len(value[0]))
    return None

"""A case's own fields, as a query asks for them: as a condition on rows, and of one case."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q

from luister.accounts.models import Membership, Team
from luister.channels.models import Channel
from luister.inbox.models import Case, CaseLabel, Label
from luister.query.normalize import normalize
from luister.query.prepared import normalize_name
from luister.query.tree import CaseIs, Is, Node, Since

Field = CaseIs | Is | Since
_ME, _NONE = "me", "none"
NEVER = Q(pk__in=[])


@dataclass(slots=True)
class CaseFields:
    """The case fields of one query, their names looked up for one member.

    Both ways of asking, `condition` and `holds`, go by the same ids.
    """

    member: Membership
    _ids: dict[Field, frozenset[int | None]] = field(default_factory=dict)

    def condition(self, leaf: Field) -> Q:
        """Return what is true of exactly the cases with this value."""
        if _column(leaf) is not None:
            return self._known(leaf)
        if not isinstance(leaf, Is) or leaf.field != "label":
            return NEVER
        labelled = CaseLabel.objects.filter(case=OuterRef("pk"), label_id__in=[pk for pk in self.ids(leaf) if pk])
        readable = Q() if self.member.may_see_private else Q(is_public=True)
        return readable & Q(Exists(labelled))

    def holds(self, leaf: Field, case: Case, *, label_ids: Iterable[int]) -> bool:
        """Return whether a case has this value; of a case that the member may not read it has no labels."""
        column = _column(leaf)
        if column is not None:
            return getattr(case, column) in self._values(leaf)
        if not isinstance(leaf, Is) or leaf.field != "label" or not (case.is_public or self.member.may_see_private):
            return False
        return not self.ids(leaf).isdisjoint(label_ids)

    def ids(self, leaf: Field) -> frozenset[int | None]:
        """Return the ids that a name stands for; None is nobody, or no team."""
        if leaf not in self._ids:
            name = leaf.field if isinstance(leaf, CaseIs | Is) else ""
            self._ids[leaf] = frozenset(_LOOK_UP[name](leaf.value, self.member)) if name in _LOOK_UP else frozenset()  # type: ignore[union-attr]  # a Since has no name
        return self._ids[leaf]

    def _known(self, leaf: Field) -> Q:
        column, values = _column(leaf), self._values(leaf)
        some = Q(**{f"{column}__in": [value for value in values if value is not None]})
        return some | Q(**{f"{column}__isnull": True}) if None in values else some

    def _values(self, leaf: Field) -> frozenset[object]:
        assert isinstance(leaf, CaseIs)
        fixed = _FIXED.get(leaf.field)
        return frozenset(fixed(leaf.value)) if fixed else frozenset(self.ids(leaf))


_COLUMNS: Mapping[str, str] = {
    "status": "state", "kind": "origin", "priority": "is_urgent", "assignee": "assignee_id", "team": "team_id",
    "channel": "channel_id",
}  # fmt: skip
_FIXED: Mapping[str, Callable[[str], list[object]]] = {
    "status": lambda value: [value],
    "kind": lambda value: [value],
    "priority": lambda value: [value == "urgent"] if value in ("urgent", "normal") else [],
}


def _column(leaf: Field) -> str | None:
    return _COLUMNS.get(leaf.field) if isinstance(leaf, CaseIs) else None


def _assignees(value: str, member: Membership) -> list[int | None]:
    if value in (_ME, _NONE):
        return [member.user_id if value == _ME else None]
    people = Membership.objects.filter(workspace_id=member.workspace_id)
    rows = people.values_list("user_id", "user__name", "user__email")
    return [user_id for user_id, name, email in rows if value in _called(name, email)]


def _called(name: str, email: str) -> tuple[str, ...]:
    address = normalize(email)
    return normalize_name(name), address, address.partition("@")[0]


def _teams(value: str, member: Membership) -> list[int | None]:
    if value == _NONE:
        return [None]
    rows = Team.objects.filter(workspace_id=member.workspace_id).values_list("pk", "name")
    return [pk for pk, name in rows if normalize_name(name) == value]


def _channels(value: str, member: Membership) -> list[int | None]:
    rows = Channel.objects.filter(workspace_id=member.workspace_id).values_list("pk", "name", "handle")
    wanted = value.removeprefix("@")
    return [pk for pk, name, handle in rows if wanted in (normalize_name(name), normalize(handle).removeprefix("@"))]


def _labels(value: str, member: Membership) -> list[int | None]:
    rows = Label.objects.filter(workspace_id=member.workspace_id).values_list("pk", "name")
    return [pk for pk, name in rows if normalize_name(name) == value]


_LOOK_UP: Mapping[str, Callable[[str, Membership], list[int | None]]] = {
    "assignee": _assignees, "team": _teams, "channel": _channels, "label": _labels,
}  # fmt: skip


def is_of_case(leaf: Node) -> bool:
    """Whether something is tested on the case rather than on its posts."""
    return isinstance(leaf, CaseIs) or (isinstance(leaf, Is) and leaf.field == "label")

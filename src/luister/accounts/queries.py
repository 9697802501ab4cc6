"""Reading people and walls, always within the reader's workspace."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, OuterRef, Prefetch, Subquery, Value
from django.db.models.functions import Coalesce

from luister.accounts.models import AuditEntry, Membership, OneTimeLink, Team, User
from luister.base.ids import token_digest


def members(member: Membership) -> Sequence[Membership]:
    """Return everyone in the reader's workspace with their user and teams, by name."""
    found = Membership.objects.filter(workspace_id=member.workspace_id, is_active=True)
    teams = Prefetch("teams", Team.objects.order_by("name", "id"))
    return list(found.select_related("user", "workspace").prefetch_related(teams).order_by("user__name", "id"))


def find_member(member: Membership, *, member_id: int) -> Membership | None:
    """Return someone in the reader's workspace, or None."""
    found = Membership.objects.filter(workspace_id=member.workspace_id, is_active=True, pk=member_id)
    return found.select_related("user", "workspace").first()


def teams(member: Membership) -> Sequence[Team]:
    """Return the teams of the reader's workspace with `people`, how many are in each, by name."""
    found = Team.objects.filter(workspace_id=member.workspace_id)
    places = Membership.teams.through.objects.filter(team_id=OuterRef("pk"), membership__is_active=True)
    counts = places.values("team_id").annotate(people=Count("id"))
    people = counts.values("people")  # type: ignore[misc]  # the plugin overlooks the annotation
    return list(found.annotate(people=Coalesce(Subquery(people), Value(0))).order_by("name", "id"))


def find_team(member: Membership, *, team_id: int) -> Team | None:
    """Return a team of the reader's workspace, or None."""
    return Team.objects.filter(workspace_id=member.workspace_id, pk=team_id).select_related("workspace").first()


def audit_entries(
    member: Membership, *, before_id: int | None = None, verb: str = "", limit: int = 50
) -> Sequence[AuditEntry]:
    """Return who changed what in the reader's workspace, newest first, older than `before_id`."""
    found = AuditEntry.objects.filter(workspace_id=member.workspace_id)
    if before_id is not None:
        found = found.filter(pk__lt=before_id)
    if verb:
        found = found.filter(verb__startswith=verb)
    return list(found.select_related("user").order_by("-id")[:limit])


def is_empty() -> bool:
    """Whether nobody has an account yet: the installation waits to be set up."""
    return not User.objects.exists()


def is_setup_link(token: str, *, now: datetime) -> bool:
    """Whether this token still opens the set-up page."""
    links = OneTimeLink.objects.filter(token_digest=token_digest(token), user__isnull=True)
    return links.filter(used_at__isnull=True, expires_at__gt=now).exists()


def user_by_email(email: str) -> User | None:
    """Return the user with this address, for the command line."""
    return User.objects.filter(email=email.strip().lower()).first()


def is_sign_in_link(token: str, *, now: datetime) -> bool:
    """Whether this token still signs somebody in."""
    links = OneTimeLink.objects.filter(token_digest=token_digest(token), user__is_active=True)
    return links.filter(used_at__isnull=True, expires_at__gt=now).exists()


def team_ids(member: Membership) -> Sequence[int]:
    """Return the ids of the teams that someone is in."""
    return list(member.teams.order_by("id").values_list("id", flat=True))

"""Which endpoints a member may reach."""

from django.db.models import QuerySet

from luister.accounts.enums import Permission
from luister.accounts.models import Membership
from luister.webhooks.models import Delivery, Endpoint


def visible_endpoints(member: Membership) -> QuerySet[Endpoint]:
    """Return the endpoints of the member's workspace, for those who look after it."""
    endpoints = Endpoint.objects.filter(workspace_id=member.workspace_id)
    return endpoints if member.may(Permission.MANAGE_WORKSPACE) else endpoints.none()


def visible_deliveries(member: Membership) -> QuerySet[Delivery]:
    """Return what the endpoints that a member may reach are told."""
    return Delivery.objects.filter(workspace_id=member.workspace_id, endpoint__in=visible_endpoints(member))


def may_send_private(member: Membership | None) -> bool:
    """Whether private content may leave on this member's word."""
    return member is not None and member.user.is_active and member.is_active and member.may_see_private

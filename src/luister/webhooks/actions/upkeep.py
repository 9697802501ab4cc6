"""What has to be done for endpoints now and then: telling administrators, and forgetting what is old."""

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import override

from luister.accounts.actions import tell_administrator
from luister.accounts.enums import Role
from luister.accounts.models import Membership
from luister.webhooks.enums import EndpointState
from luister.webhooks.models import Delivery, Endpoint
from luister.webhooks.sentences import stopped_sentence

KEEP: Final = timedelta(days=30)

_AT_ONCE: Final = 2000  # deliveries


def tell_stopped(endpoint_id: int) -> int:
    """Mail the administrators of a workspace that an endpoint switched itself off; return how many were told."""
    endpoint = Endpoint.objects.select_related("workspace").filter(pk=endpoint_id).first()
    if endpoint is None or endpoint.state != EndpointState.STOPPED:
        return 0
    administrators = Membership.objects.filter(
        workspace=endpoint.workspace, role=Role.ADMINISTRATOR, is_active=True, user__is_active=True
    )
    told = 0
    for member in administrators.select_related("user", "workspace"):
        with override(member.user.language):
            names = {
                "name": str(endpoint),
                "workspace": endpoint.workspace.name,
                "why": stopped_sentence(endpoint.stopped_because),
            }
            subject = _("A webhook of %(workspace)s was switched off") % names
            words = _(
                "The webhook “%(name)s” of %(workspace)s was switched off. %(why)s\n\nWhat was still to be delivered is"
                " kept for 30 days. Under Settings › Webhooks you see what went wrong, and switch it on again."
            )
        told += tell_administrator(member, subject, words % names)
    return told


def forget_old(*, now: datetime) -> int:
    """Remove deliveries of more than 30 days ago, with what was sent and answered, and return how many."""
    gone = 0
    old = Delivery.objects.filter(created_at__lt=now - KEEP).order_by("created_at").values_list("pk", flat=True)
    while ids := list(old[:_AT_ONCE]):
        Delivery.objects.filter(pk__in=ids).delete()
        gone += len(ids)
    return gone

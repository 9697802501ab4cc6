"""What tells one version of a thing from another, for those who change it."""

import hashlib

from luister.accounts.models import Membership
from luister.inbox.models import Case, CaseLabel
from luister.inbox.queries.cases import is_concealed
from luister.listening.models import Monitor
from luister.webhooks.models import Endpoint


def case_version(case: Case, *, member: Membership) -> str:
    """Return a name for a case as it is now: another one whenever anything changes that can be changed of it."""
    shown = getattr(case, "labels_shown", None)
    if is_concealed(case, member=member):
        labels = []
    elif shown is not None:
        labels = sorted(row.label_id for row in shown)
    else:
        labels = sorted(CaseLabel.objects.filter(case=case).values_list("label_id", flat=True))
    fields = (case.version, case.state, case.assignee_id, case.team_id, case.is_urgent, case.origin)
    return _digest((case.pk, *fields, case.state_since, case.snoozed_until, labels))


def monitor_version(monitor: Monitor) -> str:
    """Return a name for a monitor as it is now."""
    return _digest((monitor.pk, monitor.version, monitor.changed_at))


def webhook_version(endpoint: Endpoint) -> str:
    """Return a name for a webhook as it is set now; what it is told meanwhile changes nothing of it."""
    settings = (endpoint.address, endpoint.description, *endpoint.kinds, endpoint.private_by_id)
    return _digest((endpoint.pk, endpoint.state, endpoint.state_since, endpoint.rotated_at, *settings))


def _digest(parts: tuple[object, ...]) -> str:
    told = "|".join(str(part) for part in parts)
    return hashlib.sha256(told.encode()).hexdigest()[:16]

"""Making, changing and switching endpoints, and asking for deliveries; each by somebody, and each in the audit list."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from luister.accounts.actions.audit import write_audit
from luister.accounts.enums import Permission
from luister.accounts.errors import RefusedError
from luister.accounts.models import Membership
from luister.base.errors import ConnectorError
from luister.delivery.queries import sentence
from luister.http import guard
from luister.http.client import checked_url
from luister.webhooks import secrets
from luister.webhooks.access import visible_deliveries, visible_endpoints
from luister.webhooks.actions.following import new_message_id, newest_id
from luister.webhooks.enums import TEST, DeliveryState, EndpointState, Kind, Source
from luister.webhooks.models import Delivery, Endpoint
from luister.webhooks.queries.payloads import payload_of_test

MOST_ENDPOINTS = 50  # in a workspace


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of an endpoint."""

    address: str
    kinds: Collection[str]
    description: str = ""
    with_private: bool = False


@transaction.atomic
def make_endpoint(wish: Wish, *, by: Membership, now: datetime) -> tuple[Endpoint, str]:
    """Make an endpoint, on from now, and return it with its secret, which is shown this once.

    Raises:
        RefusedError: not theirs to make, an address that may not be told anything, no kinds, or too many endpoints.
    """
    _check(wish, by=by)
    if visible_endpoints(by).count() >= MOST_ENDPOINTS:
        raise RefusedError(_("There are %(most)d webhooks already. Remove one first.") % {"most": MOST_ENDPOINTS})
    secret = secrets.new_secret()
    endpoint = Endpoint.objects.create(
        workspace_id=by.workspace_id, state_since=now, created_by=by.user, created_at=now, **_fields(wish, by=by)
    )
    _begin_here(endpoint)
    endpoint.sealed_secrets = secrets.seal([secret], endpoint_id=endpoint.pk)
    endpoint.save()
    _audit("webhook.made", endpoint, by=by, now=now)
    return endpoint, secret


@transaction.atomic
def change_endpoint(endpoint_id: int, wish: Wish, *, by: Membership, now: datetime) -> Endpoint:
    """Change where an endpoint is and what it is told; who ticks private content answers for it from now on.

    Raises:
        RefusedError: not theirs, an address that may not be told anything, or no kinds.
    """
    _check(wish, by=by)
    endpoint = locked(endpoint_id, by=by)
    before = _shown(endpoint)
    for name, value in _fields(wish, by=by).items():
        setattr(endpoint, name, value)
    endpoint.held_until = None
    endpoint.save()
    detail = {"before": before, "after": _shown(endpoint)}
    write_audit("webhook.changed", workspace=by.workspace, by=by, target=endpoint, now=now, detail=detail)
    return endpoint


@transaction.atomic
def switch_on(endpoint_id: int, *, by: Membership, now: datetime) -> Endpoint:
    """Tell an endpoint again what happens from now on, and what still waited for it."""
    endpoint = locked(endpoint_id, by=by)
    if endpoint.state != EndpointState.ON:
        _begin_here(endpoint)
        endpoint.state, endpoint.state_since, endpoint.stopped_because = EndpointState.ON, now, ""
        endpoint.failures, endpoint.failing_since, endpoint.held_until = 0, None, None
        endpoint.save()
        _audit("webhook.switched_on", endpoint, by=by, now=now)
    return endpoint


@transaction.atomic
def switch_off(endpoint_id: int, *, by: Membership, now: datetime) -> Endpoint:
    """Tell an endpoint nothing more until it is switched on."""
    endpoint = locked(endpoint_id, by=by)
    if endpoint.state == EndpointState.ON:
        endpoint.state, endpoint.state_since = EndpointState.OFF, now
        endpoint.save()
        _audit("webhook.switched_off", endpoint, by=by, now=now)
    return endpoint


@transaction.atomic
def rotate_secret(endpoint_id: int, *, by: Membership, now: datetime) -> tuple[Endpoint, str]:
    """Make a new secret and return it, this once; the one before it is valid for another 24 hours."""
    endpoint = locked(endpoint_id, by=by)
    try:
        former = secrets.unseal(endpoint.sealed_secrets, endpoint_id=endpoint.pk)[:1]
    except secrets.CannotOpenError:
        former = []
    secret = secrets.new_secret()
    endpoint.sealed_secrets = secrets.seal([secret, *former], endpoint_id=endpoint.pk)
    endpoint.rotated_at = now
    endpoint.save()
    _audit("webhook.secret_changed", endpoint, by=by, now=now)
    return endpoint, secret


@transaction.atomic
def delete_endpoint(endpoint_id: int, *, by: Membership, now: datetime) -> None:
    """Remove an endpoint with all that was kept of what it was told."""
    endpoint = locked(endpoint_id, by=by)
    _audit("webhook.deleted", endpoint, by=by, now=now)
    endpoint.delete()


@transaction.atomic
def send_test(endpoint_id: int, *, by: Membership, now: datetime) -> Delivery:
    """Have a test event delivered at once, and only once.

    Raises:
        RefusedError: not theirs, or it is switched off.
    """
    endpoint = locked(endpoint_id, by=by)
    if endpoint.state != EndpointState.ON:
        raise RefusedError(_("This webhook is off. Switch it on first."))
    endpoint.held_until = None
    endpoint.save(update_fields=["held_until"])
    return Delivery.objects.create(
        workspace_id=by.workspace_id,
        endpoint=endpoint,
        message_id=new_message_id(),
        source=Source.TEST,
        kind=TEST,
        payload=payload_of_test(by.workspace, by=by.user, at=now),
        due_at=now,
        created_at=now,
    )


@transaction.atomic
def replay(delivery_id: int, *, by: Membership | None, now: datetime, endpoint_id: int | None = None) -> bool:
    """Have a delivery that is settled made again, under the same webhook-id; False when it is under way already.

    `by` is None for the command line; with `endpoint_id` the delivery must be one to that endpoint.

    Raises:
        RefusedError: not theirs.
    """
    found = Delivery.objects.all() if by is None else visible_deliveries(by)
    if endpoint_id is not None:
        found = found.filter(endpoint_id=endpoint_id)
    delivery = found.select_related(None).select_for_update(of=("self",)).filter(pk=delivery_id).first()
    if delivery is None:
        raise RefusedError(_("This delivery is no longer there."))
    endpoint = Endpoint.objects.get(pk=delivery.endpoint_id)
    if delivery.leased_until is not None and delivery.leased_until > now:
        return False
    _put_back(Delivery.objects.filter(pk=delivery.pk), now=now)
    detail = {"name": str(endpoint), "message": delivery.message_id}
    write_audit("webhook.replayed", workspace=endpoint.workspace, by=by, target=endpoint, now=now, detail=detail)
    return True


@transaction.atomic
def replay_failed(endpoint_id: int, *, since: datetime, by: Membership | None, now: datetime) -> int:
    """Have everything delivered again that failed since a moment, and return how many that are.

    Raises:
        RefusedError: not theirs.
    """
    endpoint = locked(endpoint_id, by=by)
    failed = Delivery.objects.filter(endpoint=endpoint, state=DeliveryState.FAILED, settled_at__gte=since)
    count = _put_back(failed, now=now)
    detail = {"name": str(endpoint), "since": since.isoformat(), "count": count}
    write_audit("webhook.replayed", workspace=endpoint.workspace, by=by, target=endpoint, now=now, detail=detail)
    return count


def _put_back(deliveries: QuerySet[Delivery], *, now: datetime) -> int:
    return deliveries.update(state=DeliveryState.WAITING, tries=0, due_at=now, leased_until=None, settled_at=None)


def locked(endpoint_id: int, *, by: Membership | None) -> Endpoint:
    """Return an endpoint, held until the transaction ends.

    Raises:
        RefusedError: it is not there, or not theirs.
    """
    found = Endpoint.objects.all() if by is None else visible_endpoints(by)
    endpoint = found.select_for_update().filter(pk=endpoint_id).first()
    if endpoint is None:
        raise RefusedError(_("This webhook is no longer there."))
    return endpoint


def _check(wish: Wish, *, by: Membership) -> None:
    if not by.may(Permission.MANAGE_WORKSPACE):
        raise RefusedError(_("Only administrators look after webhooks."))
    if not wish.kinds or not set(wish.kinds) <= set(Kind.values):
        raise RefusedError(_("Choose at least one kind of event."))
    if wish.with_private and not by.may_see_private:
        raise RefusedError(_("You may not see private posts yourself."))
    _check_address(wish.address)


def _check_address(address: str) -> None:
    """Refuse an address inside this network, of no host, or without TLS; only named hosts are trusted without it."""
    allow_hosts = guard.allow_hosts_from_env()
    try:
        url = checked_url(address, allow_hosts=allow_hosts)
        port = url.port or (443 if url.scheme == "https" else 80)
        guard.resolve(url.host, port, allow_hosts=allow_hosts)
    except ConnectorError as error:
        raise RefusedError(sentence(error.reason.code, error.reason.values)) from None
    if url.scheme != "https" and not guard.is_allowed(url.host, port, allow_hosts):
        raise RefusedError(_("Use an address that begins with https://: what is sent there is not for others to read."))


def _fields(wish: Wish, *, by: Membership) -> dict[str, object]:
    return {
        "address": wish.address,
        "description": wish.description,
        "kinds": [kind for kind in Kind.values if kind in wish.kinds],
        "private_by": by if wish.with_private else None,
    }


def _begin_here(endpoint: Endpoint) -> None:
    endpoint.after_event_id, endpoint.after_mention_id = newest_id(Source.EVENT), newest_id(Source.MENTION)


def _shown(endpoint: Endpoint) -> dict[str, object]:
    return {
        "address": without_secrets(endpoint.address),
        "name": endpoint.description,
        "kinds": endpoint.kinds,
        "private": endpoint.private_by_id is not None,
    }


def without_secrets(address: str) -> str:
    """Return an address without what stands behind its question mark: some receivers want a token there."""
    return address.partition("?")[0]


def _audit(verb: str, endpoint: Endpoint, *, by: Membership, now: datetime) -> None:
    detail = {"name": endpoint.description, "address": without_secrets(endpoint.address)}
    write_audit(verb, workspace=by.workspace, by=by, target=endpoint, now=now, detail=detail)

"""What an endpoint can be told, how it is doing, and what became of a delivery."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(TextChoices):
    """What happened, as the `type` of a payload says it."""

    CASE_OPENED = "case.opened", _("A case was opened")
    CASE_ASSIGNED = "case.assigned", _("A case was given to somebody, or taken from them")
    CASE_MOVED = "case.moved", _("A case went to another team")
    CASE_STATE_CHANGED = "case.state_changed", _("A case has another state: open, waiting, completed or closed")
    CASE_COMPLETED = "case.completed", _("A case was completed")
    CASE_REOPENED = "case.reopened", _("A case is open again")
    CASE_URGENCY_CHANGED = "case.urgency_changed", _("A case became urgent, or no longer is")
    CASE_LABELS_CHANGED = "case.labels_changed", _("A label was put on a case, or taken off")
    POST_RECEIVED = "post.received", _("A customer wrote: a post came in on a case")
    REPLY_QUEUED = "reply.queued", _("A reply is waiting to be sent")
    REPLY_SENT = "reply.sent", _("A reply was sent: the network accepted it")
    REPLY_FAILED = "reply.failed", _("A reply could not be sent")
    REPLY_UNKNOWN = "reply.unknown", _("Nobody knows whether a reply arrived")
    REPLY_BOUNCED = "reply.bounced", _("A reply came back: it could not be delivered")
    MENTION_FOUND = "mention.found", _("A monitor found a post as it came in")


TEST = "webhook.test"  # the kind of a delivery that a person asked for, to see whether it arrives

GROUPS = (
    (
        _("Cases"),
        (
            Kind.CASE_OPENED,
            Kind.CASE_ASSIGNED,
            Kind.CASE_MOVED,
            Kind.CASE_STATE_CHANGED,
            Kind.CASE_COMPLETED,
            Kind.CASE_REOPENED,
            Kind.CASE_URGENCY_CHANGED,
            Kind.CASE_LABELS_CHANGED,
        ),
    ),
    (_("Posts"), (Kind.POST_RECEIVED,)),
    (
        _("Replies"),
        (Kind.REPLY_QUEUED, Kind.REPLY_SENT, Kind.REPLY_FAILED, Kind.REPLY_UNKNOWN, Kind.REPLY_BOUNCED),
    ),
    (_("Mentions"), (Kind.MENTION_FOUND,)),
)


class EndpointState(TextChoices):
    """Whether an endpoint is told anything."""

    ON = "on", pgettext_lazy("webhook", "On")
    OFF = "off", pgettext_lazy("webhook", "Off")  # by a person
    STOPPED = "stopped", pgettext_lazy("webhook", "Off by itself")  # stopped_because says why


class DeliveryState(TextChoices):
    """What became of telling an endpoint of one thing."""

    WAITING = "waiting", pgettext_lazy("delivery of a webhook", "Waiting")
    DELIVERED = "delivered", pgettext_lazy("delivery of a webhook", "Delivered")
    FAILED = "failed", pgettext_lazy("delivery of a webhook", "Failed")  # not tried again by itself


class Source(TextChoices):
    """Which append-only table a delivery tells of."""

    EVENT = "event"  # luister.events
    MENTION = "mention"  # luister.listening
    TEST = "test"  # a person's wish

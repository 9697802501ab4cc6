"""What people do with mentions: make a case, dismiss, take back, and read."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from luister.accounts.models import Membership
from luister.events import live
from luister.inbox.actions import proactive
from luister.inbox.actions.threading import TakenUp, take_up
from luister.listening.access import may_handle, visible_mentions, visible_monitors
from luister.listening.actions.monitors import RefusedError
from luister.listening.enums import MentionState
from luister.listening.models import Mention, Monitor, ReadUpTo


@transaction.atomic
def make_case(mention_id: int, *, by: Membership, now: datetime) -> TakenUp:
    """Make a case of what was said, assigned to who asks; all monitors that found it know.

    Raises:
        RefusedError: it is not there, or not theirs to handle.
    """
    mention = _handled(mention_id, by=by)
    taken = take_up(mention.post, by=by, now=now)
    everywhere = Mention.objects.filter(post_id=mention.post_id)
    everywhere.update(state=MentionState.CASE, handled_by=by.user, handled_at=now)
    _announce(mention)
    return taken


@transaction.atomic
def take_case_back(mention_id: int, *, event_id: int, by: Membership, now: datetime) -> None:
    """Undo making a case.

    Raises:
        RefusedError: it is not there, or not theirs to handle.
        inbox RefusedError: too late, or somebody worked on the case.
    """
    mention = _handled(mention_id, by=by)
    proactive.put_back(event_id, by=by, now=now)
    everywhere = Mention.objects.filter(post_id=mention.post_id, state=MentionState.CASE)
    everywhere.update(state=MentionState.NEW, handled_by=None, handled_at=None)
    _announce(mention)


@transaction.atomic
def dismiss(mention_id: int, *, everywhere: bool, by: Membership, now: datetime) -> None:
    """Put a mention aside, in its monitor alone or in all that the member sees.

    Raises:
        RefusedError: it is not there, or not theirs to handle.
    """
    mention = _handled(mention_id, by=by)
    _beside(mention, by, everywhere=everywhere).filter(state=MentionState.NEW).update(
        state=MentionState.DISMISSED, handled_by=by.user, handled_at=now
    )
    _announce(mention)


@transaction.atomic
def restore(mention_id: int, *, everywhere: bool, by: Membership) -> None:
    """Take back that a mention was put aside.

    Raises:
        RefusedError: it is not there, or not theirs to handle.
    """
    mention = _handled(mention_id, by=by)
    _beside(mention, by, everywhere=everywhere).filter(state=MentionState.DISMISSED).update(
        state=MentionState.NEW, handled_by=None, handled_at=None
    )
    _announce(mention)


def mark_read(monitor: Monitor | None, *, by: Membership) -> None:
    """Remember that a member has seen what a monitor, or every one that they see, found until now."""
    last = Mention.objects.filter(monitor=OuterRef("pk"), is_live=True).order_by("-pk").values("pk")[:1]
    known = ReadUpTo.objects.filter(monitor=OuterRef("pk"), user_id=by.user_id, mention_id__gte=OuterRef("last"))
    monitors = visible_monitors(by) if monitor is None else visible_monitors(by).filter(pk=monitor.pk)
    newest = monitors.annotate(last=Subquery(last)).filter(~Exists(known), last__isnull=False).values_list("pk", "last")
    ReadUpTo.objects.bulk_create(
        [ReadUpTo(monitor_id=monitor_id, user_id=by.user_id, mention_id=last) for monitor_id, last in newest],
        update_conflicts=True,
        unique_fields=["monitor", "user"],
        update_fields=["mention_id"],
    )


def _handled(mention_id: int, *, by: Membership) -> Mention:
    """Return a mention, locked."""
    found = visible_mentions(by).select_for_update(of=("self",)).filter(pk=mention_id)
    mention = found.select_related("post__channel", "post__author", "post__workspace").first()
    if mention is None or not may_handle(by):
        raise RefusedError("mention.not_found")
    return mention


def _beside(mention: Mention, by: Membership, *, everywhere: bool) -> QuerySet[Mention]:
    if not everywhere:
        return Mention.objects.filter(pk=mention.pk)
    return Mention.objects.filter(pk__in=visible_mentions(by).filter(post_id=mention.post_id).values("pk"))


def _announce(mention: Mention) -> None:
    live.publish(live.listening_topic(mention.workspace_id), "mentions-changed", post=mention.post_id)

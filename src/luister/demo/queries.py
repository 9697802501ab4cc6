"""What the demo wants to know of its own desk."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from luister.accounts.models import Workspace
from luister.channels.models import Channel
from luister.delivery.enums import SendState
from luister.delivery.models import RawItem
from luister.inbox.enums import CaseState
from luister.inbox.models import Case, CasePost, Reply
from luister.posts.enums import Direction
from luister.practice.models import Post as PracticePost

LATELY = timedelta(minutes=15)  # a customer answers within this, or not at all


def demo_workspace() -> Workspace | None:
    """Return the demo workspace, if there is one."""
    return Workspace.objects.filter(is_demo=True).order_by("pk").first()


def channel_of(workspace: Workspace, *, kind: str) -> Channel | None:
    """Return the demo's channel of that kind, unless people took it away."""
    return Channel.objects.filter(workspace=workspace, kind=kind).order_by("pk").first()


def open_cases(workspace: Workspace) -> int:
    """Return how much work lies on the desk."""
    return Case.objects.filter(workspace=workspace, state=CaseState.OPEN).count()


def answered_lately(workspace: Workspace, *, now: datetime) -> Sequence[Reply]:
    """Return the replies of the last minutes after which the customer has not spoken yet, oldest first."""
    theirs = CasePost.objects.filter(case=OuterRef("case"), is_context=False, post__direction=Direction.IN)
    replies = Reply.objects.filter(
        ~Exists(theirs.filter(version__gt=OuterRef("version"))),
        workspace=workspace,
        outgoing__state=SendState.SENT,
        outgoing__settled_at__gt=now - LATELY,
    ).exclude(case__state=CaseState.CLOSED)
    return list(replies.select_related("outgoing", "case__identity", "case__channel", "author").order_by("id"))


def practice_keys(prefix: str) -> set[str]:
    """Return the keys of what was said on the practice network, of those that begin so."""
    return set(PracticePost.objects.filter(key__startswith=prefix).values_list("key", flat=True))


def was_said(key: str) -> bool:
    """Whether something was said on the practice network, though the desk may not have heard it yet."""
    return PracticePost.objects.filter(key=key).exists()


def mail_keys(mailbox: Channel, prefix: str) -> set[str]:
    """Return the names of the mails that were handed in, of those that begin so."""
    found = RawItem.objects.filter(channel=mailbox, external_key__startswith=prefix)
    return set(found.values_list("external_key", flat=True))


def key_of(case: Case) -> str:
    """Return the key of the post that a case on the practice network began with, "" when a person wrote it."""
    keys = PracticePost.objects.filter(author__handle=case.identity.handle, key__startswith="demo:")
    if case.thread_external_id.isdigit():
        root_id = int(case.thread_external_id)
        keys = keys.filter(Q(pk=root_id) | Q(root_id=root_id))
    else:
        keys = keys.filter(to__isnull=False)
    return keys.order_by("id").values_list("key", flat=True).first() or ""


def said_in(case_id: int) -> set[str]:
    """Return what the customer said in a case."""
    theirs = CasePost.objects.filter(case_id=case_id, is_context=False, post__direction=Direction.IN)
    return set(theirs.values_list("post__text", flat=True))

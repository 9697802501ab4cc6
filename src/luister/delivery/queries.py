"""What may be known of connectors, the bin and the outbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from luister import connectors
from luister.accounts.enums import Permission
from luister.accounts.models import Membership, Workspace
from luister.base.connector import Account, Connector, Field, Idempotency, Limits, OutboundAttachment, OutboundPost
from luister.base.errors import ConnectorError, NotSentError
from luister.base.posts import Author
from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.channels.secrets import CannotOpenError, unseal
from luister.connectors.stream import StreamAddress as StreamAddress  # for whoever reads streams
from luister.delivery.enums import RawState, SendState
from luister.delivery.models import Attempt, Cursor, Outgoing, OutgoingFile, RawItem
from luister.delivery.reasons import REASONS
from luister.posts.files import path_of

SOURCE_KINDS = ("feed", "stream")  # what is only listened to: managed among the sources, not among the channels
SERVER_FIELDS = ("_host", "_url", "_port", "_security")  # how connectors end the names of fields that name a server
# Where nobody could tell, a worker that dies may leave one post in doubt, not several.
ONE_AT_A_TIME = frozenset({Idempotency.ECHO, Idempotency.HUMAN})


@dataclass(frozen=True, slots=True)
class OutboundLock:
    """A workspace, how many posts wait in it, and how many of these may have been sent since the backup was made."""

    workspace: Workspace
    waiting: int
    doubtful: int


@dataclass(frozen=True, slots=True)
class Kind:
    """A network that a channel can be connected to, and what a person fills in for it."""

    kind: str
    label: str
    fields: tuple[Field, ...]
    publicness: str


API = "api"  # the kind of channels into which other programs hand posts: no worker reads them
UPLOAD = "upload"  # the kind of channels that files are imported into: nobody connects, reads or answers them
STREAM = "stream"  # the kind of channels that matchers read: no worker does
PART_OF = "part_of"  # in a stream's settings: that it keeps the posts of one network for another stream, of this id


def kinds() -> tuple[Kind, ...]:
    """Return the networks on which an account can be connected, by label."""
    found = (connectors.get(kind) for kind in connectors.kinds() if kind != UPLOAD and kind not in SOURCE_KINDS)
    every = (Kind(one.kind, one.label, one.fields, one.publicness) for one in found)
    return tuple(sorted(every, key=lambda kind: kind.label.casefold()))


def sentence(code: str, values: Mapping[str, str]) -> str:
    """Return the sentence for a reason in the reader's language."""
    text = REASONS.get(code) or connectors.reasons().get(code) or REASONS["unknown"]
    return gettext(text).format_map(_Blank({"code": code, **values}))


class _Blank(dict[str, str]):
    """Values that were not given are left blank."""

    def __missing__(self, name: str) -> str:
        return ""


def kind_of(kind: str) -> Kind | None:
    """Return a network by its kind, or None where there is no connector for it."""
    return next((one for one in kinds() if one.kind == kind), None)


def connector_of(kind: str) -> Connector:
    """Return the connector of a kind.

    Raises:
        ConnectorError: there is none, since an upgrade perhaps.
    """
    try:
        return connectors.get(kind)
    except KeyError:
        raise ConnectorError("send.no_connector", needs_attention=True, kind=kind) from None


def account_of(channel: Channel) -> Account:
    """Return what a connector is told of a channel.

    Raises:
        ConnectorError: its secrets cannot be opened.
    """
    try:
        secrets = unseal(channel.sealed_secrets, channel_id=channel.pk)
    except CannotOpenError:
        raise ConnectorError("send.secrets_unreadable", needs_attention=True) from None
    return Account(channel.pk, channel.handle, channel.settings, secrets)


def leads_elsewhere(channel: Channel, settings: Mapping[str, Any]) -> bool:
    """Whether new settings make a channel sign in to another server than now, or with less protection."""
    names = {field.name for field in connector_of(channel.kind).fields if field.name.endswith(SERVER_FIELDS)}
    return any(str(settings.get(name, "")) != str(channel.settings.get(name, "")) for name in names)


def polled_kinds() -> tuple[str, ...]:
    """Return the kinds of channels that are read now and then, instead of by a thread each."""
    return tuple(connector.kind for connector in connectors.all_connectors() if connector.polled)


def listened_to() -> Sequence[Channel]:
    """Return the channels that have a thread of their own."""
    resting = (ChannelState.PAUSED, ChannelState.REMOVED)
    return list(Channel.objects.exclude(state__in=resting).exclude(kind__in=(API, UPLOAD, STREAM, *polled_kinds())))


def stream_address(channel: Channel) -> StreamAddress:
    """Return the address of a stream, with who signs in.

    Raises:
        ConnectorError: it is none, or its secrets cannot be opened.
    """
    return StreamAddress.of(account_of(channel))


def channels_of_stream(address: StreamAddress) -> Sequence[Channel]:
    """Return the channels that listen to a stream, one a workspace at most, by id; those that rest are left out."""
    resting = (ChannelState.PAUSED, ChannelState.REMOVED)
    found = Channel.objects.filter(kind=STREAM, handle=address.name).exclude(state__in=resting)
    return list(found.select_related("workspace").order_by("pk"))


def cursor_of(channel: Channel) -> Mapping[str, Any]:
    """Return how far a channel has been read; {} at first."""
    value: Mapping[str, Any] | None = Cursor.objects.filter(channel=channel).values_list("value", flat=True).first()
    return value or {}


def limits(channel: Channel, *, is_public: bool) -> Limits:
    """Return how long a reply on this channel may be."""
    account = Account(channel.pk, channel.handle, channel.settings, {})
    return connector_of(channel.kind).limits(account, public=is_public)


def length(channel: Channel, text: str) -> int:
    """Return the length of a text as the channel's network counts it."""
    return connector_of(channel.kind).length(text)


def idempotency(channel: Channel) -> Idempotency:
    """Return the class that decides how an unknown outcome on this channel is resolved."""
    account = Account(channel.pk, channel.handle, channel.settings, {})
    return connector_of(channel.kind).idempotency(account)


def goes_one_at_a_time(channel: Channel) -> bool:
    """Return whether a channel sends one post after the other."""
    try:
        return idempotency(channel) in ONE_AT_A_TIME
    except ConnectorError:  # no connector any more
        return True


def outbound(
    outgoing: Outgoing, *, taken: frozenset[str] = frozenset(), files: Sequence[OutboundAttachment] = ()
) -> OutboundPost:
    """Return what a connector is told of a post to look up, or with its files of one to send."""
    return OutboundPost(
        key=str(outgoing.key),
        text=outgoing.text,
        public=outgoing.is_public,
        recipient=author(outgoing.recipient),
        created_at=outgoing.created_at,
        subject=outgoing.subject,
        parent_external_id=outgoing.parent_external_id,
        thread_external_id=outgoing.thread_external_id,
        references=tuple(outgoing.references),
        cc=tuple(author(person) for person in outgoing.cc),
        taken=taken,
        attachments=tuple(files),
    )


def attachments(outgoing: Outgoing) -> list[OutboundAttachment]:
    """Return the files that go out with a post, with what is in them.

    Raises:
        NotSentError: one is no longer on disk (a backup was restored without its files, for instance).
    """
    read = []
    for file in files_of(outgoing):
        try:
            content = path_of(file.stored_as).read_bytes()
        except FileNotFoundError:
            raise NotSentError("send.file_gone", permanent=True, name=file.name) from None
        read.append(OutboundAttachment(file.name, file.content_type, content))
    return read


def files_of(outgoing: Outgoing) -> Sequence[OutgoingFile]:
    """Return the files that go out with a post, in the order in which they were added."""
    return list(OutgoingFile.objects.filter(outgoing=outgoing).order_by("id"))


def taken(outgoing: Outgoing) -> frozenset[str]:
    """Return the external ids of the channel's other sends of the same words, which a look-up passes over."""
    same_words = Outgoing.objects.filter(channel_id=outgoing.channel_id, text=outgoing.text)
    others = same_words.exclude(pk=outgoing.pk).exclude(external_id="")
    return frozenset(others.values_list("external_id", flat=True))


def author(fields: Mapping[str, Any]) -> Author:
    """Return an author as it was stored."""
    return Author(**{"external_id": "", **fields})


def attempts(outgoing: Outgoing) -> Sequence[Attempt]:
    """Return every try at sending, oldest first."""
    return list(Attempt.objects.filter(outgoing=outgoing).order_by("number"))


def waiting_count(by: Membership) -> int:
    """Return how many posts of the workspace wait to be sent."""
    return Outgoing.objects.filter(workspace_id=by.workspace_id, state=SendState.QUEUED).count()


def doubtful_since_restore(workspace: Workspace) -> Sequence[int]:
    """Return the ids of what stood in the queue when the backup that was restored was made."""
    if workspace.restored_from_at is None or workspace.outbound_locked_at is None:
        return ()
    queued = Outgoing.objects.filter(workspace=workspace, state=SendState.QUEUED)
    return list(queued.filter(created_at__lte=workspace.outbound_locked_at).order_by("id").values_list("id", flat=True))


def outbound_locks() -> Sequence[OutboundLock]:
    """Return for each workspace whether something may leave it, and what waits, by its short name."""
    waiting = Outgoing.objects.filter(workspace=OuterRef("pk"), state=SendState.QUEUED).order_by()
    counts = waiting.values("workspace").annotate(count=Count("id")).values("count")
    found = Workspace.objects.annotate(waiting=Coalesce(Subquery(counts), Value(0))).order_by("slug")
    return [OutboundLock(one, one.waiting, len(doubtful_since_restore(one))) for one in found]


def unprocessable(by: Membership, *, limit: int = 100) -> Sequence[RawItem]:
    """Return the workspace's payloads that could not be processed, newest first, for who may see them."""
    if not by.may(Permission.SEE_RAW):
        return []
    found = RawItem.objects.filter(workspace_id=by.workspace_id, state=RawState.UNPROCESSABLE)
    return list(found.select_related("channel").order_by("-id")[:limit])


def bin_size(by: Membership) -> int:
    """Return how many payloads of the workspace could not be processed, for who may see them."""
    if not by.may(Permission.SEE_RAW):
        return 0
    return RawItem.objects.filter(workspace_id=by.workspace_id, state=RawState.UNPROCESSABLE).count()


def raw_item(raw_id: int, *, by: Membership) -> RawItem | None:
    """Return a payload as it came in, for who may see it."""
    if not by.may(Permission.SEE_RAW):
        return None
    return RawItem.objects.filter(pk=raw_id, workspace_id=by.workspace_id).select_related("channel").first()

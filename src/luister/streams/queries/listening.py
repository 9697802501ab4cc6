"""Which workspaces listen to a stream, and with which monitors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.delivery.queries import PART_OF, STREAM, channels_of_stream
from luister.listening.queries.standing import Standing, standing
from luister.streams.wire.address import StreamAddress


@dataclass(frozen=True, slots=True)
class Listener:
    """A workspace that listens to a stream, by the channel in which it does."""

    channel: Channel
    monitors: Sequence[Standing]


def listeners(address: StreamAddress) -> Sequence[Listener]:
    """Return who listens to a stream; workspaces whose channel is paused do not."""
    return [Listener(channel, standing(channel.workspace_id)) for channel in channels_of_stream(address)]


def streams_like(address: StreamAddress) -> Sequence[str]:
    """Return the addresses of other streams of that name that somebody listens to."""
    found = Channel.objects.filter(kind=STREAM, settings__address__endswith=f"/{address.stream}")
    found = found.exclude(handle=address.name).exclude(state=ChannelState.REMOVED).order_by("pk")
    return list(dict.fromkeys(found.values_list("settings__address", flat=True)))


def parts_of(channel: Channel) -> Mapping[str, Channel]:
    """Return the channels in which the posts of a stream are kept, by network; the stream's own is one of them."""
    beside = Channel.objects.filter(
        workspace_id=channel.workspace_id, kind=STREAM, settings__contains={PART_OF: channel.pk}
    )
    return {**{part.network: part for part in beside.select_related("workspace")}, channel.network: channel}

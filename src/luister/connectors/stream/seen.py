"""What is seen of a stream on its server."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """A group of readers that share a stream: a consumer, in the words of JetStream."""

    name: str
    is_durable: bool
    lag: int  # posts that none of them has been given yet
    in_hand: int  # given, and not yet finished
    redelivered: int  # of those in hand, given before


@dataclass(frozen=True, slots=True)
class Seen:
    """A stream at one moment; sizes are in bytes, and 0 is no limit."""

    messages: int
    size: int
    most_size: int
    drops_old: bool  # when it is full; else it takes nothing new
    groups: tuple[Group, ...]
    storage: int  # what all streams of the account take together
    most_storage: int

"""Everything that changes what came in or goes out, one function a verb."""

from luister.delivery.actions.checking import (
    Seen,
    change_checked,
    check_again,
    check_channel,
    connect_checked,
    look_at_stream,
)
from luister.delivery.actions.discovering import Found, discover
from luister.delivery.actions.intake import (
    discard,
    note_read,
    process_forgotten,
    process_raw,
    reprocess,
    store_fetched,
    store_pushed,
)
from luister.delivery.actions.locking import confirm_outbound, lock_outbound, unlock_outbound
from luister.delivery.actions.outbox import (
    abandon,
    approve_post,
    bounced,
    cancel,
    echoed,
    mark_sent,
    postpone,
    queue_post,
    resume_sending,
    send_again,
    set_sending,
    stop_sending,
    withdraw,
)
from luister.delivery.actions.polling import Lease, claim, enroll, read_polled, read_soon
from luister.delivery.actions.resolving import flag_abandoned, look_due, resolve
from luister.delivery.actions.sending import send
from luister.delivery.actions.waking import wake_channel, wake_forgotten

__all__ = [
    "Found",
    "Lease",
    "Seen",
    "abandon",
    "approve_post",
    "bounced",
    "cancel",
    "change_checked",
    "check_again",
    "check_channel",
    "claim",
    "confirm_outbound",
    "connect_checked",
    "discard",
    "discover",
    "echoed",
    "enroll",
    "flag_abandoned",
    "lock_outbound",
    "look_at_stream",
    "look_due",
    "mark_sent",
    "note_read",
    "postpone",
    "process_forgotten",
    "process_raw",
    "queue_post",
    "read_polled",
    "read_soon",
    "reprocess",
    "resolve",
    "resume_sending",
    "send",
    "send_again",
    "set_sending",
    "stop_sending",
    "store_fetched",
    "store_pushed",
    "unlock_outbound",
    "wake_channel",
    "wake_forgotten",
    "withdraw",
]

"""Telling endpoints what happens: a thread of every worker that reads what is new, and a few that deliver it.

It is no job: thousands of events must not stand before other work, and an endpoint that hangs must hold up nothing but
itself. The schedule and the leases are in the database.
"""

import logging
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Final

import psycopg
from django.db import DatabaseError, InterfaceError, connection

from luister.base.clock import utc_now
from luister.fence.scope import across_workspaces, in_workspace, workspaces_of
from luister.webhooks.actions import following, sending
from luister.webhooks.actions.sending import Lease
from luister.webhooks.enums import Source
from luister.webhooks.models import Delivery
from luister.webhooks.queries.endpoints import anyone_listens

logger = logging.getLogger("luister.webhooks")

AT_ONCE: Final = 8
STRUGGLING_AT_ONCE: Final = 4  # of these, to endpoints that failed or were slow the last time
LOOK_SECONDS: Final = 1.0

Sending = dict[Future[None], Lease]


def run(stop: threading.Event) -> None:
    """Read and deliver until `stop` is set, whatever the database does meanwhile."""
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook")
    under_way: Sending = {}
    try:
        while not stop.is_set():
            try:
                look(pool, under_way)
            except (psycopg.Error, DatabaseError, InterfaceError) as error:
                logger.warning("webhooks.database_lost", extra={"error": type(error).__name__})
                with suppress(DatabaseError, InterfaceError):
                    connection.close()
                stop.wait(LOOK_SECONDS)
            except Exception:
                logger.exception("webhooks.stumbled")
                stop.wait(LOOK_SECONDS)
            _rest(stop, under_way)
    finally:
        connection.close()
        pool.shutdown(wait=False, cancel_futures=True)


def look(pool: ThreadPoolExecutor, under_way: Sending) -> None:
    """Make deliveries of what is new, and hand out what is due to the threads that are free."""
    for done in [future for future in under_way if future.done()]:
        del under_way[done]
    with across_workspaces("make deliveries of what happened, and see which are due"):
        _hand_out(pool, under_way)


def _hand_out(pool: ThreadPoolExecutor, under_way: Sending) -> None:
    if not anyone_listens():
        return
    for source in (Source.EVENT, Source.MENTION):
        while following.follow(source, now=utc_now()):
            pass
    free = AT_ONCE - len(under_way)
    if not free:
        return
    struggling = sum(lease.struggles for lease in under_way.values())
    for lease in sending.claim(most=free, most_struggling=max(0, STRUGGLING_AT_ONCE - struggling), now=utc_now()):
        under_way[pool.submit(_deliver, lease)] = lease


def _rest(stop: threading.Event, under_way: Sending) -> None:
    """Wait until a thread is free again; with nothing under way, until it is time to look."""
    if under_way:
        wait(under_way, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
    else:
        stop.wait(LOOK_SECONDS)


def _deliver(lease: Lease) -> None:
    try:
        for workspace_id in workspaces_of(Delivery, [lease.delivery_id]):
            with in_workspace(workspace_id):
                sending.deliver(lease, clock=utc_now)
    except (psycopg.Error, DatabaseError, InterfaceError) as error:
        # The lease ends by itself, and then it is somebody's turn again.
        known = {"object_kind": "delivery", "object_id": lease.delivery_id, "error": type(error).__name__}
        logger.warning("webhook.database_lost", extra=known)
    except Exception:
        logger.exception("webhook.stumbled", extra={"object_kind": "delivery", "object_id": lease.delivery_id})
    finally:
        connection.close()

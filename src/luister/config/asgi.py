"""What the web server runs: live events and static files beside Django, everything else through it."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luister.config.settings")
os.environ.setdefault("LUISTER_PROCESS", "web")

import django
from starlette.types import Receive, Scope, Send

django.setup(set_prefix=False)

from luister.config import health  # noqa: E402 - needs the apps that Django just set up
from luister.config.live import LiveEvents  # noqa: E402
from luister.config.refreshing import Turns  # noqa: E402
from luister.config.requests import Ended, Identified  # noqa: E402
from luister.config.static import AppStaticFiles  # noqa: E402

REFRESH_HEADER = b"luister-refresh"

django_application = Ended()
live_events = LiveEvents()
turns = Turns()
static_files = AppStaticFiles()


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Hand each request to who answers it.

    Live events stay outside Django: its handler would pin a thread to every open stream.
    """
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"] == "/live":
        await live_events(scope, receive, send)
    elif scope["type"] == "http" and scope["path"].startswith(health.WATCHED):
        await health.answer(scope, send)
    elif scope["type"] == "http" and scope["path"].startswith("/static/"):
        await static_files(scope, receive, send)
    elif scope["type"] == "http" and any(name == REFRESH_HEADER for name, _ in scope["headers"]):
        async with turns.later():
            await django_application(dict(scope), receive, send)  # type: ignore[arg-type]  # as below
    else:
        async with turns.first():
            await django_application(dict(scope), receive, send)  # type: ignore[arg-type]  # one protocol, two spellings


async def lifespan(receive: Receive, send: Send) -> None:
    """Start and stop the listener of live events with the server."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await live_events.start()
            gc.freeze()  # what was loaded stays: looking through it again and again takes time from every page
            await send({"type": "lifespan.startup.complete"})
        else:
            await live_events.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


application = Identified(answer)

"""The web process: uvicorn with our ASGI application."""

import asyncio
import os
import socket
from types import FrameType

import uvicorn

from luister.config import draining
from luister.config.children import leave_within
from luister.config.errors import GroundError

LINGER_SECONDS = 0.3  # for requests on connections that were taken a moment ago
GRACE_SECONDS = 3  # for requests that are under way


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; port 0 takes a free one.

    Raises:
        GroundError: somebody else listens there, or we may not.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        reason = os.strerror(error.errno or 0)
        message = f"Port {port} on {host} cannot be used ({reason}): choose another with --port or PORT."
        raise GroundError(message) from error
    return listener


def run(listener: socket.socket) -> None:
    """Serve on a listening socket until told to stop by SIGTERM or SIGINT."""
    config = uvicorn.Config(
        "luister.config.asgi:application",
        timeout_graceful_shutdown=GRACE_SECONDS,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        log_level="warning",
    )
    Server(config).run(sockets=[listener])


class Server(uvicorn.Server):
    """A server that stops soon after it was told to, and loses nothing by it.

    It says that it is not ready, and goes on for the time that balancers need to see that. Then it takes no new
    requests, has open screens go elsewhere, and ends the requests that it has.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        draining.begin()
        leave_within(_drain_seconds() + GRACE_SECONDS + 3)
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        await asyncio.sleep(_drain_seconds())
        for server in self.servers:
            server.close()  # first: a screen that comes back at once must not come back here
        from luister.config.asgi import live_events  # noqa: PLC0415 - it sets Django up

        live_events.send_away()
        await asyncio.sleep(LINGER_SECONDS)
        await super().shutdown(sockets)


def _drain_seconds() -> float:
    """Return how long to serve on after being told to stop."""
    return float(os.environ.get("LUISTER_DRAIN_SECONDS") or 0)

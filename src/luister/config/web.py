"""The web process: uvicorn with our ASGI application."""

import os
import socket
from types import FrameType

import uvicorn

from luister.config.children import leave_within
from luister.config.errors import GroundError

GRACE_SECONDS = 3  # open live streams never end by themselves


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
    """A server that always stops soon after it was told to."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        leave_within(GRACE_SECONDS + 3)
        super().handle_exit(sig, frame)

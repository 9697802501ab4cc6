"""A site on this machine, with a page that names its feed."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = (
    b"""<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head><body>Nieuws</body></html>"""
)


class Site:
    """What it answers by path: a status and a body, which may be changed while it runs."""

    def __init__(self, port: int, *, feed: str) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.answers = {"/": (200, PAGE), "/feed": (200, feed.encode())}

    def serve(self, feed: str) -> None:
        """Have another feed from now on."""
        self.answers["/feed"] = (200, feed.encode())


@contextlib.contextmanager
def running_site(feed: str) -> Iterator[Site]:
    """Give a site that stops at the end."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = site.answers.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(server.server_address[1], feed=feed)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()

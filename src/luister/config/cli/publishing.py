"""Putting lines into a stream: what `luister publish` runs."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

import click

from luister.config.cli.keep import Bar, progress_bar
from luister.config.cli.lines import NOTHING_RAN, opened, told
from luister.query import sentence
from luister.query.lines import LineError, read_post
from luister.streams.wire import connection
from luister.streams.wire.address import StreamAddress, parse_address
from luister.streams.wire.errors import StreamError
from luister.streams.wire.publishing import Publisher, message_id

CHUNK: Final = 256 * 1024  # bytes read at once; of a pipe what is there
AHEAD: Final = 4  # chunks


def publish_lines(posts: str, *, to: str) -> int:
    """Publish the lines of a file or of standard input, and return the exit code."""
    try:
        address = parse_address(to)
        with told(posts), opened(posts) as (lines, size), progress_bar("Publishing", as_json=False) as bar:
            run = _Run(posts, lines, size=size, bar=bar)
            return asyncio.run(run.publish(address))
    except StreamError as error:
        click.echo(f"Error: {error}", err=True)
        return NOTHING_RAN


class _Run:
    """One run of the command."""

    def __init__(self, name: str, lines: BinaryIO, *, size: int | None, bar: Bar) -> None:
        self._name = name
        self._lines = lines
        self._size = size
        self._bar = bar
        self._code = 0

    async def publish(self, address: StreamAddress) -> int:
        """Publish every line and return the exit code."""
        client = await connection.connect(address, tell=self._tell)
        try:
            subject, is_new = await connection.stream_there(connection.context(client), address)
            if is_new:
                self._tell(f"Made the stream {address.stream} on {address.server}.")
            publisher = Publisher(client, refused=self._refuse)
            await publisher.start()
            try:
                await self._send_all(publisher, subject)
                await publisher.settled()
            except StreamError as error:
                self._code = 1
                self._tell(f"Error: {error}")
        finally:
            await connection.close(client)
        present = f", {publisher.present} were there already" if publisher.present else ""
        posts = "1 post" if publisher.stored == 1 else f"{publisher.stored} posts"
        self._tell(f"Published {posts} to {address.text}{present}.")
        return self._code

    async def _send_all(self, publisher: Publisher, subject: str) -> None:
        done = 0
        async for chunk in _read_ahead(self._lines):
            for number, line in chunk:
                done += len(line) + 1
                try:
                    post = read_post(line)
                except LineError as error:
                    self._refuse(number, sentence(error.reason))
                    continue
                ident = message_id(post.id, network=post.network)
                if not publisher.fits(line, ident):
                    self._refuse(number, f"The line has {len(line)} bytes, which is more than the server takes.")
                    continue
                await publisher.send(subject, line, ident=ident, tag=number)
            self._bar(done, self._size)

    def _tell(self, words: str) -> None:
        self._bar.echo(words, err=True)

    def _refuse(self, number: object, reason: str) -> None:
        self._code = 1
        self._bar.echo(f"{self._name}:{number}: {reason}", err=True)


Chunk = list[tuple[int, bytes]]


class _read_ahead:  # noqa: N801 - reads as a function
    """Yield chunks of numbered lines, read in a thread of their own: reading standard input can take for ever."""

    def __init__(self, lines: BinaryIO) -> None:
        self._queue: asyncio.Queue[Chunk | BaseException | None] = asyncio.Queue(maxsize=AHEAD)
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()

    def __aiter__(self) -> "_read_ahead":
        return self

    async def __anext__(self) -> Chunk:
        found = await self._queue.get()
        if found is None:
            raise StopAsyncIteration
        if isinstance(found, BaseException):
            raise found
        return found

    def _read(self, lines: BinaryIO) -> None:
        try:
            for chunk in _chunks(lines):
                self._put(chunk)
            self._put(None)
        except OSError as error:
            self._put(error)
        except RuntimeError:
            return  # the loop has ended: nobody reads any more

    def _put(self, found: Chunk | BaseException | None) -> None:
        asyncio.run_coroutine_threadsafe(self._queue.put(found), self._loop).result()


def _chunks(lines: BinaryIO) -> Iterator[Chunk]:
    """Yield the lines that are not blank, as soon as they are there, with their numbers."""
    number = 0
    rest = b""
    read: Callable[[int], bytes] = getattr(lines, "read1", lines.read)
    while part := read(CHUNK):
        *whole, rest = (rest + part).split(b"\n")
        yield [(number + at, line) for at, line in enumerate(whole, 1) if line.strip()]
        number += len(whole)
    if rest.strip():
        yield [(number + 1, rest)]

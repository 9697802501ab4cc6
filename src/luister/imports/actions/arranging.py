"""Putting the rows that wait into threads, channels and parts."""

from collections.abc import Iterable, Sequence

from django.db import connection

from luister.accounts.models import Workspace
from luister.base.posts import Kind
from luister.channels.actions import NewChannel, connect
from luister.channels.enums import Publicness
from luister.channels.models import Channel
from luister.delivery.queries import UPLOAD
from luister.imports.models import Import, ImportRow
from luister.imports.queries import options_of, upload_channels
from luister.imports.threads import Piece, Stored, Thread, divide, find_brands, find_threads
from luister.posts.models import Post

BLOCK = 5000
UNKNOWN = "?"  # the channel of rows that name no brand, when none was chosen


def arrange(batch: Import) -> None:
    """Give every row that waits its thread, its channel and its part."""
    pieces = [_piece(row) for row in ImportRow.objects.filter(batch=batch).iterator(chunk_size=BLOCK)]
    stored = _stored(batch.workspace, pieces)
    threads = find_threads(pieces, stored=stored)
    known = [channel.handle for channel in upload_channels(batch.workspace)]
    find_brands(threads, stored=stored, known=known, default=options_of(batch).brand or UNKNOWN)
    batch.threads, batch.parts, batch.parts_done = len(threads), divide(threads), 0
    channels = _channels(batch, threads)
    _write([(piece, thread, channels[_channel_key(thread)]) for thread in threads for piece in thread.pieces])


def _piece(row: ImportRow) -> Piece:
    post = row.data["post"]
    customer = row.data["to"] if post.get("ours") else post.get("author", {}).get("external_id", "")
    return Piece(
        row_id=row.pk,
        external_id=row.external_id,
        network=row.network,
        brand=row.brand,
        thread=row.thread,
        references=tuple(post.get("references", ())),
        posted_at=row.posted_at,
        number=row.number,
        text="" if row.brand else post.get("text", "")[:1000],
        with_whom=customer if post["kind"] == Kind.MESSAGE else "",
    )


def _stored(workspace: Workspace, pieces: Sequence[Piece]) -> dict[tuple[str, str], list[Stored]]:
    """Return where the posts that rows answer, and the threads that rows name, are stored already."""
    names = {name for piece in pieces for name in (*piece.references, piece.thread, f"with {piece.with_whom}") if name}
    found: dict[tuple[str, str], list[Stored]] = {}
    ordered = sorted(names)
    for start in range(0, len(ordered), BLOCK):
        block = ordered[start : start + BLOCK]
        posts = Post.objects.filter(workspace=workspace, channel__kind=UPLOAD)
        wanted = posts.filter(external_id__in=block) | posts.filter(thread_external_id__in=block)
        for network, external_id, thread, brand in wanted.values_list(
            "channel__network", "external_id", "thread_external_id", "channel__handle"
        ):
            for name in {external_id, thread}:
                found.setdefault((network, name), []).append(Stored(thread, brand))
    return found


def _channel_key(thread: Thread) -> tuple[str, str]:
    return thread.network, thread.brand.lower()


def _channels(batch: Import, threads: Iterable[Thread]) -> dict[tuple[str, str], int]:
    """Return the channel of each network and brand, made where it is new."""
    channels = {(one.network, one.handle.lower()): one.pk for one in upload_channels(batch.workspace)}
    for thread in threads:
        key = _channel_key(thread)
        if key not in channels:
            channels[key] = _new_channel(batch, thread).pk
    return channels


def _new_channel(batch: Import, thread: Thread) -> Channel:
    new = NewChannel(
        kind=UPLOAD,
        network=thread.network,
        name=(thread.brand if thread.brand != UNKNOWN else batch.file_name)[:80],
        handle=thread.brand[:200],
        publicness=Publicness.BOTH,
    )
    return connect(new, workspace=batch.workspace, by=None, now=batch.moved_at or batch.created_at)


def _write(rows: Sequence[tuple[Piece, Thread, int]]) -> None:
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE imports_row SET thread = found.thread, channel_id = found.channel, part = found.part"
                " FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::int[]) AS found(id, thread, channel, part)"
                " WHERE imports_row.id = found.id",
                [
                    [piece.row_id for piece, _, _ in block],
                    [thread.name for _, thread, _ in block],
                    [channel for _, _, channel in block],
                    [piece.part for piece, _, _ in block],
                ],
            )

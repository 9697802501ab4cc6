"""Files that go along with a reply: added while it is written, sent with it, and back when it is taken back."""

from datetime import datetime
from typing import Final

from django.db import transaction

from luister.accounts.models import Membership, User
from luister.base.connector import Limits
from luister.delivery import queries as delivery
from luister.delivery.models import Outgoing, OutgoingFile
from luister.inbox.actions.changes import RefusedError, locked
from luister.inbox.models import Case, DraftFile
from luister.posts.files import clean_name, path_of, store

# How files of each type begin: what a browser says of a file is what its name says.
_BEGINNINGS: Final = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
    "application/pdf": (b"%PDF-",),
}


@transaction.atomic
def attach(case_id: int, *, name: str, content: bytes, is_public: bool, by: Membership, now: datetime) -> DraftFile:
    """Add a file to the reply that someone is writing.

    Raises:
        RefusedError: the channel takes no (more) files, not this type, or not so large ones.
    """
    case = locked(case_id, by=by)
    limits = delivery.limits(case.channel, is_public=is_public)
    content_type = _type_of(content)
    _check(case, limits, content=content, content_type=content_type, by=by)
    return DraftFile.objects.create(
        case=case,
        user=by.user,
        name=clean_name(name),
        content_type=content_type,
        size_bytes=len(content),
        stored_as=store(content),
        added_at=now,
    )


def _check(case: Case, limits: Limits, *, content: bytes, content_type: str, by: Membership) -> None:
    if limits.max_files == 0:
        raise RefusedError("file.none_here")
    if DraftFile.objects.filter(case=case, user=by.user).count() >= limits.max_files:
        raise RefusedError("file.too_many", limit=str(limits.max_files))
    if limits.file_types and content_type not in limits.file_types:
        raise RefusedError("file.type", types=", ".join(kind.partition("/")[2].upper() for kind in limits.file_types))
    if len(content) > limits.max_file_bytes:
        raise RefusedError("file.too_large", limit=str(limits.max_file_bytes // (1024 * 1024)))
    if not content:
        raise RefusedError("file.empty")


@transaction.atomic
def detach(file_id: int, *, by: Membership) -> None:
    """Take a file out of the reply that someone is writing; one that is gone already is no error."""
    file = DraftFile.objects.filter(pk=file_id, user=by.user, case__workspace_id=by.workspace_id).first()
    if file is not None:
        file.delete()
        transaction.on_commit(lambda: path_of(file.stored_as).unlink(missing_ok=True))


def send_along(case: Case, outgoing: Outgoing, *, limits: Limits, by: Membership) -> None:
    """Move the files of a draft to the reply that goes out.

    Raises:
        RefusedError: they were added for another place, which takes what this one does not.
    """
    files = list(DraftFile.objects.filter(case=case, user=by.user).order_by("id"))
    if len(files) > limits.max_files:
        raise RefusedError("file.none_here" if limits.max_files == 0 else "file.too_many", limit=str(limits.max_files))
    OutgoingFile.objects.bulk_create(
        OutgoingFile(
            outgoing=outgoing,
            name=file.name,
            content_type=file.content_type,
            size_bytes=file.size_bytes,
            stored_as=file.stored_as,
        )
        for file in files
    )
    DraftFile.objects.filter(pk__in=[file.pk for file in files]).delete()


def bring_back(case: Case, outgoing: Outgoing, *, to: User, now: datetime) -> None:
    """Move the files of a reply that was taken back to its writer's draft again."""
    files = delivery.files_of(outgoing)
    DraftFile.objects.bulk_create(
        DraftFile(
            case=case,
            user=to,
            name=file.name,
            content_type=file.content_type,
            size_bytes=file.size_bytes,
            stored_as=file.stored_as,
            added_at=now,
        )
        for file in files
    )
    OutgoingFile.objects.filter(outgoing=outgoing).delete()


def _type_of(content: bytes) -> str:
    for content_type, beginnings in _BEGINNINGS.items():
        if content.startswith(beginnings):
            return content_type
    return "application/octet-stream"

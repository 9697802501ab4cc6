"""The backup that a worker makes each day, and proves, where LUISTER_BACKUP_AT says when."""

import logging
from datetime import datetime

from django.conf import settings

from luister.config.backups.archive import Archive
from luister.config.backups.create import create
from luister.config.backups.verify import verify
from luister.config.home import home

logger = logging.getLogger("luister.backup")


def back_up(*, now: datetime) -> None:
    """Make a backup in the folder of the settings, prove it, and remove the oldest.

    Raises:
        GroundError: it cannot be made, or is no good; the one before is kept, and `luister backup` says why.
    """
    folder = settings.LUISTER_BACKUPS or home() / "backups"
    path, manifest = create(folder, keep=settings.LUISTER_BACKUPS_KEPT, now=now, progress=_unseen)
    verify(Archive(path), now=now, progress=_unseen)
    logger.info("backup.made", extra={"count": manifest.rows})


def _unseen(done: int, total: int) -> None:
    """Nobody looks on."""

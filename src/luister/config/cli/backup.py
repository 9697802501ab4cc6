"""`luister backup`: make, prove, put back and list backups.

Django is imported inside the commands: its settings read the environment, which is complete only then.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from luister.base.clock import utc_now
from luister.config.cli import tables
from luister.config.cli.keep import json_option, progress_bar
from luister.config.errors import GroundError
from luister.config.hand import database_at_hand
from luister.config.home import home

if TYPE_CHECKING:
    from luister.config.backups.archive import Archive
    from luister.config.backups.manifest import Manifest

KEY_WORDS = "The keys are not inside: keep a copy of secret_key and channel_key elsewhere, or the backup opens nothing."
folder_option = click.option(
    "--to", "folder", envvar="LUISTER_BACKUPS", show_envvar=True, type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the backups; else “backups” in the data folder.",
)  # fmt: skip


@click.group()
def backup() -> None:
    """Make, prove and put back backups: database and files in one archive, without the keys."""


@backup.command()
@folder_option
@click.option(
    "--keep", envvar="LUISTER_BACKUPS_KEPT", show_envvar=True, type=click.IntRange(1), help="Remove all but the newest."
)
@json_option
def create(*, folder: Path | None, keep: int | None, as_json: bool) -> None:
    """Make a backup, while everything goes on."""
    with database_at_hand():
        from luister.config.backups.create import create as make  # noqa: PLC0415 - needs Django set up

        with progress_bar("Backing up", as_json=as_json) as bar:
            path, manifest = make(_folder(folder), keep=keep, now=utc_now(), progress=bar)
    if as_json:
        click.echo(json.dumps({"ok": True, "path": str(path), **_figures(manifest)}))
        return
    click.echo(f"{path}: {_words(manifest)}, {path.stat().st_size / 1e6:,.1f} MB.")
    click.secho(KEY_WORDS, fg="yellow", err=True)
    click.echo(f"Fingerprint of the channel key: {manifest.keys.channels[0]}", err=True)


@backup.command()
@click.argument("archive", required=False, type=click.Path(dir_okay=False, path_type=Path))
@folder_option
@json_option
def verify(*, archive: Path | None, folder: Path | None, as_json: bool) -> None:
    """Prove a backup, else the newest: put it back into a scratch database, count, and open its secrets."""
    with database_at_hand(), _opened(archive or _newest(_folder(folder))) as found:
        from luister.config.backups.verify import verify as prove  # noqa: PLC0415 - needs Django set up

        with progress_bar("Verifying", as_json=as_json) as bar:
            proof = prove(found, now=utc_now(), progress=bar)
    if as_json:
        figures = _figures(proof.manifest) | {"secrets": proof.secrets}
        click.echo(json.dumps({"ok": True, "path": str(found.path), **figures}))
        return
    click.echo(
        f"{click.style('PASS', fg='green')}  {found.path.name}: {_words(proof.manifest)} and the secrets of "
        f"{proof.secrets} channels came back; made {_moment(proof.manifest)}."
    )


@backup.command()
@click.argument("archive", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Take away what is in the database and among the files.")
@click.option("--without-key", is_flag=True, help="Also where the key of the channels' secrets is missing.")
@json_option
def restore(*, archive: Path, replace: bool, without_key: bool, as_json: bool) -> None:
    """Put a backup back into an empty installation.

    Afterwards nothing leaves – no reply, webhook or notification – before an administrator confirms.
    """
    with database_at_hand(), _opened(archive) as found:
        from luister.config.backups.restore import restore as put_back  # noqa: PLC0415 - needs Django set up

        with progress_bar("Putting back", as_json=as_json) as bar:
            restored = put_back(found, replace=replace, without_key=without_key, now=utc_now(), progress=bar)
    if as_json:
        click.echo(json.dumps({"ok": True, "migrated": restored.migrated, **_figures(restored.manifest)}))
        return
    click.echo(f"Put back what was there {_moment(restored.manifest)}: {_words(restored.manifest)}.")
    if restored.migrated:
        click.echo(f"It was of an older Luister: {restored.migrated} migrations were applied.")
    click.secho(
        "Nothing leaves yet. Stop the installation that the backup is of, if it still runs; then confirm in the desk "
        "(Settings › Sending), or with “luister outbound unlock”.",
        fg="yellow",
    )


@backup.command("list")
@folder_option
@json_option
def list_backups(*, folder: Path | None, as_json: bool) -> None:
    """List the backups in a folder, newest first."""
    with database_at_hand():
        from luister.config.backups.verify import backups  # noqa: PLC0415 - needs Django set up

        found = backups(_folder(folder))
    if as_json:
        rows = [
            {
                "path": str(one.path), "bytes": one.size, "problem": one.problem,
                "verified_at": one.verified_at and one.verified_at.isoformat(),
                **(_figures(one.manifest) if one.manifest else {}),
            }
            for one in found
        ]  # fmt: skip
        click.echo(json.dumps({"ok": True, "backups": rows}))
        return
    if not found:
        click.echo(f"No backups in {_folder(folder)} yet: make one with “luister backup create”.")
        return
    shown = []
    for one in found:
        size, proven = f"{one.size / 1e6:,.1f}", f"{one.verified_at:%d-%m-%Y %H:%M}" if one.verified_at else "never"
        if one.manifest is None:
            shown.append((one.path.name, "cannot be read", "", "", "", size, proven))
            continue
        told = one.manifest
        inside = f"{told.rows:,}", f"{len(told.files):,}"
        shown.append((one.path.name, _moment(told), told.luister, *inside, size, proven))
    tables.show(("backup", "made", "Luister", "rows", "files", "MB", "proven"), shown)


def _folder(named: Path | None) -> Path:
    return named.absolute() if named else home() / "backups"


def _newest(folder: Path) -> Path:
    from luister.config.backups.archive import kept_in  # noqa: PLC0415 - needs Django set up

    found = kept_in(folder)
    if not found:
        message = f"There are no backups in {folder}: name one, or make one with “luister backup create”."
        raise GroundError(message)
    return found[0]


@contextmanager
def _opened(path: Path) -> Iterator["Archive"]:
    from luister.config.backups.archive import Archive  # noqa: PLC0415 - needs Django set up

    yield Archive(path)


def _figures(manifest: "Manifest") -> dict[str, object]:
    return {
        "made_at": manifest.made_at, "luister": manifest.luister, "tables": len(manifest.tables),
        "rows": manifest.rows, "files": len(manifest.files), "key": manifest.keys.channels[0],
    }  # fmt: skip


def _words(manifest: "Manifest") -> str:
    return f"{manifest.rows:,} rows in {len(manifest.tables)} tables and {len(manifest.files):,} files"


def _moment(manifest: "Manifest") -> str:
    return f"{manifest.moment:%d-%m-%Y %H:%M} UTC"

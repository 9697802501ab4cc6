"""The command that imports a file of posts.

Django is imported inside the command: its settings read the environment, which is complete only then.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from luister.base.clock import utc_now
from luister.base.errors import SentenceError
from luister.config.cli.keep import Bar, json_option, progress_bar
from luister.config.errors import GroundError
from luister.config.hand import database_at_hand

if TYPE_CHECKING:
    from luister.accounts.models import Workspace
    from luister.imports.models import Import

BLOCK = 1 << 20


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--workspace", "slug", required=True, help="The workspace's name in addresses: /w/NAME/.")
@click.option("--brand", help="Whose posts these are, where the file does not say; for mail, our address.")
@click.option("--network", help="Where they were said: x, facebook, email, review, …")
@click.option(
    "--map", "columns", multiple=True, metavar="COLUMN=FIELD", help="What a column is; FIELD empty leaves it out."
)
@click.option("--time-zone", help="Of times without an offset; else the workspace's.")
@click.option("--month-first", is_flag=True, help="03/04/2026 is the 4th of March.")
@click.option("--private", is_flag=True, help="The posts were private.")
@click.option("--as-open", is_flag=True, help="What nobody answered becomes open work, not history.")
@click.option("--skip-broken", is_flag=True, help="Leave rows out that cannot be told apart, instead of stopping.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@json_option
def import_file(file: Path, slug: str, *, dry_run: bool, as_json: bool, **chosen: Any) -> int:
    """Import posts and cases from FILE: CSV, Excel, JSON Lines or mbox.

    Nothing is sent and no rule runs. The same command again goes on where it was interrupted; what is stored
    already is not stored again.
    """
    with database_at_hand(), _in_english():
        from luister.config import migrating  # noqa: PLC0415 - needs Django set up
        from luister.imports import actions  # noqa: PLC0415 - needs Django set up
        from luister.imports.queries import report  # noqa: PLC0415 - needs Django set up
        from luister.imports.sentences import sentence  # noqa: PLC0415 - needs Django set up

        if migrating.pending():
            raise GroundError("The tables are not up to date. Run “luister migrate” first.")
        try:
            batch = _received(file, _workspace(slug), chosen, dry_run=dry_run)
            _run(batch, as_json=as_json)
        except SentenceError as error:
            raise GroundError(sentence(error.reason)) from error
        batch.refresh_from_db()
        found = report(batch)
        if dry_run:
            actions.remove(batch.pk, workspace=batch.workspace, by=None, now=utc_now())
    if as_json:
        click.echo(json.dumps({"ok": found.is_ok, **found.figures}))
    else:
        click.echo(found.text)
    return 0 if found.is_ok else 1


@contextmanager
def _in_english() -> Iterator[None]:
    """Speak the language of the command line."""
    from django.utils import translation  # noqa: PLC0415 - needs Django set up

    with translation.override("en"):
        yield


def _workspace(slug: str) -> "Workspace":
    from luister.accounts.models import Workspace  # noqa: PLC0415 - needs Django set up

    found = Workspace.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Workspace.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise GroundError(f"There is no workspace “{slug}”; there are: {known}.")
    return found


def _received(file: Path, workspace: "Workspace", chosen: dict[str, Any], *, dry_run: bool) -> "Import":
    """Take the file in and begin; or take up the import of this file, with these choices, that was left half-way."""
    from luister.imports import actions, queries  # noqa: PLC0415 - needs Django set up

    now = utc_now()
    batch = actions.receive(file.name, _blocks(file), workspace=workspace, by=None, now=now)
    try:
        mapping = _mapping(batch.mapping, chosen["columns"], batch.source["columns"])
        options = _options(queries.options_of(batch), chosen)
        batch = actions.choose(batch.pk, mapping=mapping, options=options, workspace=workspace, by=None, now=now)
        if dry_run:
            actions.try_out(batch.pk, workspace=workspace, by=None, now=now, here=True)
            return batch
        left = queries.unfinished(batch)
        if left is None:
            actions.start(batch.pk, workspace=workspace, by=None, now=now, here=True)
            return batch
    except BaseException:
        actions.remove(batch.pk, workspace=workspace, by=None, now=now)
        raise
    actions.remove(batch.pk, workspace=workspace, by=None, now=now)
    actions.go_on(left.pk, workspace=workspace, by=None, now=now, here=True, without_broken=bool(chosen["skip_broken"]))
    return left


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while block := opened.read(BLOCK):
            yield block


def _mapping(guessed: dict[str, str], given: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    mapping = dict(guessed)
    for pair in given:
        column, equals, field = pair.rpartition("=")
        if not equals or column not in columns:
            known = ", ".join(columns)
            raise click.UsageError(f"--map {pair}: write COLUMN=FIELD with one of the columns: {known}.")
        mapping = {name: target for name, target in mapping.items() if target != field and name != column}
        if field:
            mapping[column] = field
    return mapping


def _options(options: Any, chosen: dict[str, Any]) -> Any:
    given = {name: chosen[name] for name in ("brand", "network", "time_zone") if chosen[name]}
    if chosen["month_first"]:
        given["day_first"] = False
    if chosen["private"]:
        given["is_public"] = False
    return replace(options, as_open=chosen["as_open"], skip_broken=chosen["skip_broken"], **given)


def _run(batch: "Import", *, as_json: bool) -> None:
    from luister.imports import actions  # noqa: PLC0415 - needs Django set up

    with actions.Runner(batch.pk) as runner:
        for words in ("Reading", "Storing"):
            with progress_bar(words, as_json=as_json) as bar:
                if not _phase(runner, batch, bar):
                    return


def _phase(runner: Any, batch: "Import", bar: Bar) -> bool:
    """Do the steps of one phase and return whether another follows."""
    from luister.imports.queries import progress  # noqa: PLC0415 - needs Django set up

    batch.refresh_from_db()
    phase = batch.state
    while runner.step(now=utc_now()):
        batch.refresh_from_db()
        if batch.state != phase:
            return True
        bar(*progress(batch))
    return False

"""Filling a demo desk and taking it away again."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from luister.accounts.models import Membership, User, Workspace
from luister.base.errors import LuisterError
from luister.channels.models import Channel
from luister.demo import plan as planning
from luister.demo.monitors import make_monitors
from luister.demo.opening import open_desk, practice_settings
from luister.demo.queries import demo_workspace
from luister.demo.script import Stage, desk
from luister.demo.story import Story
from luister.posts.files import path_of
from luister.posts.models import Attachment, Post
from luister.practice.models import Account as PracticeAccount
from luister.practice.models import Post as PracticePost

SITE_URL = "http://127.0.0.1:8000"


class NotADemoError(LuisterError):
    """Only a demo is taken away whole; this workspace is somebody's."""


def _ignore(done: int, total: int) -> None:
    """Show no progress."""


def load(
    *,
    stage: str,
    now: datetime,
    site_url: str = SITE_URL,
    seed: str = planning.SEED,
    progress: Callable[[int, int], None] = _ignore,
) -> Workspace:
    """Return the demo workspace, filled when there is none yet; one that is there is kept as people left it.

    It is made in one transaction: a load that is cut off leaves nothing, and the next one starts afresh.

    Args:
        site_url: where the browser finds Luister; the practice network is reached there too.
        progress: called with what is done and what there is to do.
    """
    known = demo_workspace()
    if known is not None:
        _find_practice_network(known, site_url=site_url)
        return known
    plan = planning.plan(Stage(stage), now=now, seed=seed)
    with transaction.atomic(), _without_savepoints():
        began = plan.moves[0].at
        opened = open_desk(desk(), stage=stage, site_url=site_url, now=began)
        story = Story(opened, desk(), people=plan.people, site_url=site_url)
        for done, move in enumerate(plan.moves):
            progress(done, len(plan.moves))
            story.play(move)
        story.read_sources(now=now)
        make_monitors(opened, desk(), now=now)
        progress(len(plan.moves), len(plan.moves))
    return opened.workspace


@contextmanager
def _without_savepoints() -> Iterator[None]:
    """Save two round trips at each of thousands of inner transactions: if one fails, all of it is undone anyway."""
    features = connection.features
    uses_savepoints = features.uses_savepoints
    features.uses_savepoints = False
    try:
        yield
    finally:
        features.uses_savepoints = uses_savepoints


def _find_practice_network(workspace: Workspace, *, site_url: str) -> None:
    """Follow Luister to another port."""
    for channel in Channel.objects.filter(workspace=workspace, kind="practice"):
        moved = {**channel.settings, **practice_settings(site_url)}
        if moved != channel.settings:
            channel.settings = moved
            channel.save(update_fields=["settings"])


@transaction.atomic
def remove(workspace: Workspace) -> None:
    """Take a demo away: its workspace, its people, its files, and what was said on the practice network.

    Colleagues who were let into another workspace stay.

    Raises:
        NotADemoError: the workspace is no demo.
    """
    if not workspace.is_demo:
        raise NotADemoError(workspace.slug)
    kept_as = list(Attachment.objects.filter(workspace=workspace).values_list("stored_as", flat=True))
    square = Channel.objects.filter(workspace=workspace, kind="practice")
    brands = list(square.values_list("handle", flat=True))
    Post.objects.filter(workspace=workspace).delete()  # before who wrote them
    workspace.delete()
    colleagues = User.objects.filter(email__in=[colleague.mail for colleague in desk().colleagues])
    colleagues.exclude(Exists(Membership.objects.filter(user=OuterRef("pk")))).delete()
    actors = PracticePost.objects.filter(key__startswith="demo:").values("author")
    PracticeAccount.objects.filter(Q(pk__in=actors) | Q(handle__in=brands, is_brand=True)).delete()
    transaction.on_commit(lambda: _delete_files(kept_as))


def _delete_files(kept_as: Collection[str]) -> None:
    for name in kept_as:
        path_of(name).unlink(missing_ok=True)

"""Small files of posts, as people bring them, and imports of them run to their end."""

from dataclasses import replace
from pathlib import Path

from luister.accounts.models import Membership, Workspace
from luister.imports import actions
from luister.imports.models import Import
from luister.imports.queries import options_of
from tests.factories import NOW

# Two threads with a brand each, one with two customers and a broadcast, one of a brand alone, one nobody answered.
TWITTER = """\
tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id,thread
100,9001,True,Tue Oct 31 22:10:47 +0000 2017,@SpoorNet where is my train &amp; why?,101,,100
101,SpoorNet,False,Tue Oct 31 22:15:47 +0000 2017,"@9001 Which one, please? ^A",102,100,100
102,9001,True,Tue Oct 31 22:20:00 +0000 2017,"@SpoorNet The 10:15
to Delft",103,101,100
103,SpoorNet,False,Tue Oct 31 22:20:00 +0000 2017,@9001 It is on its way. ^A,,102,100
201,BankHelp,False,Wed Nov 01 08:00:00 +0000 2017,Our app is back!,"202,203",,200
202,9002,True,Wed Nov 01 08:05:00 +0000 2017,@BankHelp not for me,204,201,200
203,9003,True,Wed Nov 01 08:06:00 +0000 2017,@BankHelp nor me,,201,200
204,BankHelp,False,Wed Nov 01 09:05:00 +0000 2017,@9002 Please send us a message.,,202,200
301,BankHelp,False,Wed Nov 01 10:00:00 +0000 2017,@9004 Sorry to hear that.,,300,300
401,9005,True,Wed Nov 01 11:00:00 +0000 2017,@spoornet nobody answers,,,401
"""


def receive(
    content: str | bytes, *, workspace: Workspace, name: str = "posts.csv", by: Membership | None = None
) -> Import:
    """Take a file in."""
    data = content.encode() if isinstance(content, str) else content
    return actions.receive(name, [data], workspace=workspace, by=by, now=NOW)


def import_all(
    content: str | bytes, *, workspace: Workspace, mapping: dict[str, str] | None = None, **options
) -> Import:
    """Import a file from beginning to end."""
    batch = receive(content, workspace=workspace)
    choose(batch, mapping=mapping, **options)
    actions.start(batch.pk, workspace=workspace, by=None, now=NOW, here=True)
    return run(batch)


def choose(batch: Import, *, mapping: dict[str, str] | None = None, **options) -> None:
    """Set columns and options."""
    chosen = replace(options_of(batch), **options)
    columns = {**batch.mapping, **(mapping or {})}
    actions.choose(batch.pk, mapping=columns, options=chosen, workspace=batch.workspace, by=None, now=NOW)


def run(batch: Import, *, steps: int = 1000) -> Import:
    """Do the steps of an import, and return it as it is then."""
    with actions.Runner(batch.pk) as runner:
        for _ in range(steps):
            if not runner.step(now=NOW):
                break
    batch.refresh_from_db()
    return batch


def written(folder: Path, content: str | bytes, name: str = "file") -> Path:
    """Write a file and return where it is."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path

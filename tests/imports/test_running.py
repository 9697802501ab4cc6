"""An import on its way: tried, taken step by step, cancelled, killed, taken up again; always the same in the end."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from django.db import connection

from luister.imports import actions, threads
from luister.imports.errors import RefusedError
from luister.imports.models import Import, ImportRefusal, ImportRow
from luister.inbox.models import Case, CasePost
from luister.posts.files import path_of
from luister.posts.models import Post
from tests import factories as make
from tests.factories import NOW
from tests.imports.helpers import TWITTER, choose, import_all, receive, run

HEADER = "id;datum;auteur;tekst;draad;antwoord op;inkomend;merk\n"


def many(count: int) -> str:
    """Return threads of three rows each, newest first: a question, an answer, thanks."""
    lines = []
    for thread in range(count):
        at = f"{thread % 28 + 1:02}-01-2026 10:"
        lines += [
            f"{thread}a;{at}00;klant{thread % 40};Vraag {thread};t{thread};;ja;Stad",
            f"{thread}b;{at}05;Stad;Antwoord {thread};t{thread};{thread}a;nee;Stad",
            f"{thread}c;{at}09;klant{thread % 40};Dank {thread};t{thread};{thread}b;ja;Stad",
        ]
    return HEADER + "\n".join(reversed(lines)) + "\n"


def stored(workspace):
    """Return all that an import stored, without the numbers of rows."""
    cases = Case.objects.filter(workspace=workspace).order_by("thread_external_id", "identity__external_id")
    return [
        (
            case.thread_external_id, case.identity.external_id, case.state, case.version, case.opened_at,
            list(
                CasePost.objects.filter(case=case).order_by("is_context", "version", "post__external_id")
                .values_list("is_context", "version", "post__external_id", "post__text", "post__parent__external_id")
            ),
        )
        for case in cases.select_related("identity")
    ]  # fmt: skip


@pytest.mark.django_db
class TestSteps:
    def test_dry_run_stores_nothing_and_says_what_an_import_would(self):
        workspace = make.WorkspaceFactory()
        lines = TWITTER.splitlines(keepends=True)
        import_all("".join(lines[:3]), workspace=workspace)
        batch = receive(TWITTER + "999,9,True,ooit,hoi,,,\n", workspace=workspace)
        choose(batch)

        actions.try_out(batch.pk, workspace=workspace, by=None, now=NOW, here=True)
        batch = run(batch)

        assert batch.state == "new"
        found = {name: batch.tried[name] for name in ("rows", "present", "new", "refused", "broken")}
        assert found == {"rows": 11, "present": 2, "new": 8, "refused": 1, "broken": 0}
        assert Post.objects.count() == 2
        assert not ImportRow.objects.exists()

    def test_counts_in_are_counts_out(self):
        workspace = make.WorkspaceFactory()
        content = TWITTER + TWITTER.splitlines()[1] + "\n" + "999,9,True,ooit,hoi,,,\n"

        batch = import_all(content, workspace=workspace)

        assert batch.rows_read == 12
        assert (batch.rows_stored, batch.rows_present, batch.rows_refused) == (10, 1, 1)
        assert ImportRefusal.objects.get().code == "row.bad_moment"

    def test_file_is_gone_once_all_is_stored(self, django_capture_on_commit_callbacks):
        workspace = make.WorkspaceFactory()
        batch = receive(TWITTER, workspace=workspace)
        choose(batch)
        actions.start(batch.pk, workspace=workspace, by=None, now=NOW, here=True)
        path = path_of(batch.stored_as)
        assert path.exists()

        with django_capture_on_commit_callbacks(execute=True):
            batch = run(batch)

        assert batch.stored_as == ""
        assert not path.exists()

    def test_broken_rows_stop_it_before_anything_is_stored(self):
        workspace = make.WorkspaceFactory()

        batch = import_all(f'{many(3)}"nooit dicht;1;2\n', workspace=workspace)

        assert (batch.state, batch.rows_broken, batch.rows_read) == ("asking", 1, 10)
        refusal = ImportRefusal.objects.get()
        assert (refusal.number, refusal.code, refusal.text) == (11, "row.quote_open", '"nooit dicht;1;2')
        assert not Post.objects.exists()
        with pytest.raises(RefusedError):
            actions.go_on(batch.pk, workspace=workspace, by=None, now=NOW, here=True)

    def test_cancel_leaves_whole_parts_and_going_on_completes_them(self, monkeypatch):
        monkeypatch.setattr(threads, "PART", 9)
        whole, workspace = make.WorkspaceFactory(), make.WorkspaceFactory()
        import_all(many(12), workspace=whole)
        batch = receive(many(12), workspace=workspace)
        choose(batch)
        actions.start(batch.pk, workspace=workspace, by=None, now=NOW, here=True)
        run(batch, steps=3)  # read, and two parts

        actions.cancel(batch.pk, workspace=workspace, by=None, now=NOW)
        batch = run(batch)

        assert (batch.state, batch.parts_done, batch.parts, batch.rows_stored) == ("cancelled", 2, 4, 18)
        assert Post.objects.filter(workspace=workspace).count() == 18
        actions.go_on(batch.pk, workspace=workspace, by=None, now=NOW, here=True)
        assert run(batch).state == "done"
        assert stored(workspace) == stored(whole)

    def test_part_that_fails_leaves_nothing_of_itself(self, monkeypatch):
        workspace = make.WorkspaceFactory()
        batch = receive(many(4), workspace=workspace)
        choose(batch)
        actions.start(batch.pk, workspace=workspace, by=None, now=NOW, here=True)

        def fail(*args, **kwargs):
            raise ZeroDivisionError

        with monkeypatch.context() as broken:
            broken.setattr("luister.imports.actions.storing.keep", fail)
            batch = run(batch)

        assert (batch.state, batch.reason_code, batch.reason_values) == (
            "failed", "import.stumbled", {"error": "ZeroDivisionError"},
        )  # fmt: skip
        assert not Post.objects.exists()
        actions.go_on(batch.pk, workspace=workspace, by=None, now=NOW, here=True)
        assert (run(batch).state, Post.objects.count()) == ("done", 12)

    def test_two_lists_that_count_from_one_are_not_the_same_posts(self):
        workspace = make.WorkspaceFactory()
        import_all(many(2), workspace=workspace)

        batch = import_all(many(2).replace("Stad", "Dorp").replace("-01-2026", "-02-2026"), workspace=workspace)

        assert (batch.rows_stored, batch.cases) == (6, 2)
        handles = Post.objects.order_by().values_list("channel__handle", flat=True).distinct()
        assert set(handles) == {"Stad", "Dorp"}

    def test_rows_without_a_thread_find_it_by_what_they_answer(self):
        workspace = make.WorkspaceFactory()
        content = "\n".join(line.replace(";t0;", ";;").replace(";t1;", ";;") for line in many(2).splitlines()) + "\n"

        batch = import_all(content, workspace=workspace)

        assert (batch.threads, batch.cases) == (2, 2)

    def test_private_messages_of_one_customer_are_one_thread(self):
        workspace = make.WorkspaceFactory()
        content = (
            "datum;auteur;tekst;inkomend;ontvanger;merk\n1-1-2026 10:00;anna;hoi;ja;;Stad\n"
            "1-1-2026 10:05;Stad;dag;nee;anna;Stad\n1-1-2026 11:00;bram;hallo;ja;;Stad\n"
        )

        batch = import_all(content, workspace=workspace, is_public=False)

        assert (batch.threads, batch.cases) == (2, 2)
        assert Case.objects.get(identity__external_id="anna").version == 2


CHILD = """
import sys
from luister.config.hand import set_up_django
set_up_django()
from luister.base.clock import utc_now
from luister.imports import actions, threads
from luister.imports.models import Import
threads.PART = 30
with actions.Runner(int(sys.argv[1])) as runner:
    while runner.step(now=utc_now()):
        batch = Import.objects.get(pk=int(sys.argv[1]))
        print(batch.parts_done, batch.parts, flush=True)
print("done", flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_killed_at_sixty_percent_and_taken_up_again_is_the_same(database_url, monkeypatch):
    monkeypatch.setattr(threads, "PART", 30)
    whole, workspace = make.WorkspaceFactory(), make.WorkspaceFactory()
    import_all(many(100), workspace=whole)
    batch = receive(many(100), workspace=workspace)
    choose(batch)
    actions.start(batch.pk, workspace=workspace, by=None, now=NOW, here=True)
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", CHILD, str(batch.pk)],
        env={**os.environ, "DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in child.stdout:
        done, total = (int(word) for word in line.split())
        if total and done >= 0.6 * total:
            child.send_signal(signal.SIGKILL)
            break
    child.wait()
    child.stdout.close()

    batch.refresh_from_db()
    assert batch.state == "storing"
    assert 6 <= batch.parts_done < batch.parts == 10
    assert Post.objects.filter(workspace=workspace).count() == batch.rows_stored == batch.parts_done * 30
    batch = run(batch)

    assert (batch.state, batch.rows_stored, batch.cases) == ("done", 300, 100)
    assert stored(workspace) == stored(whole)
    assert Import.objects.filter(state="done").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_at_once_of_files_that_overlap_store_everything_once(monkeypatch):
    monkeypatch.setattr(threads, "PART", 9)
    whole, workspace = make.WorkspaceFactory(), make.WorkspaceFactory()
    import_all(many(40), workspace=whole)
    lines = many(40).splitlines(keepends=True)
    batches = [receive("".join([HEADER, *rows]), workspace=workspace) for rows in (lines[1:91], lines[31:])]
    for batch in batches:
        choose(batch)
        actions.start(batch.pk, workspace=workspace, by=None, now=NOW, here=True)
    ended = []

    def work(batch):
        ended.append(run(batch).state)
        connection.close()

    workers = [threading.Thread(target=work, args=[batch]) for batch in batches]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert ended == ["done", "done"]
    assert stored(workspace) == stored(whole)
    assert (
        sum(Import.objects.filter(pk__in=[batch.pk for batch in batches]).values_list("rows_stored", flat=True)) == 120
    )

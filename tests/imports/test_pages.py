"""Settings › Imports: bring a file, choose, try, import, and read what became of it."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from luister.imports.mapping import Target
from luister.imports.models import Import
from luister.imports.sentences import FIELDS
from luister.inbox.models import Case
from luister.posts.models import Post
from luister.queue import collecting
from tests import factories as make
from tests.imports.helpers import TWITTER, choose, import_all, receive, run

pytestmark = pytest.mark.django_db

BROKEN = """\
id;datum;auteur;tekst;inkomend;merk
1;31-01-2026 15:04;anna;=HYPERLINK("http://x");ja;Stad
2;gisteren;bram;-1+1;ja;Stad
3;01-02-2026 08:12;bram;te;veel;cellen;hier
"""


@pytest.fixture
def lead(client):
    member = make.MembershipFactory(role="lead", user__language="nl")
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return member


@pytest.fixture
def base(lead):
    return f"/w/{lead.workspace.slug}/settings/imports/"


def bring(client, base, content, name="export.csv"):
    data = content.encode() if isinstance(content, str) else content
    return client.post(base, {"file": SimpleUploadedFile(name, data)})


def chosen(page):
    """Return what the form of a page would send."""
    form = page.context["form"]
    return {field.html_name: field.initial for field in form} | {"do": "look"}


def test_empty_list_says_what_a_file_may_hold(client, base):
    page = client.get(base).content.decode()

    assert "Wat een bestand mag bevatten" in page
    assert "<code>published_at</code>" in page
    assert "example.csv" in page


def test_example_can_be_imported_as_it_is(client, base, lead):
    example = client.get(f"{base}example.csv").content

    batch = import_all(example, workspace=lead.workspace)

    assert (batch.rows_stored, batch.rows_refused, batch.cases) == (3, 0, 2)


def test_bring_shows_the_first_rows_and_what_they_become(client, base):
    answer = bring(client, base, BROKEN)
    page = client.get(answer.url)
    text = page.content.decode()

    assert "CSV, gescheiden door puntkomma’s, in utf-8" in text
    assert [row.number for row in page.context["preview"]] == [2, 3, 4]
    assert "“gisteren” in de kolom “datum” is niet te lezen als datum en tijd." in text
    assert "De rij heeft 7 cellen; de kopregel heeft er 6." in text


def test_bring_something_else_says_what_to_do(client, base):
    answer = bring(client, base, b"%PDF-1.7 and so on", name="tabel.csv")

    assert answer.status_code == 422
    assert "Het bestand is een pdf." in answer.content.decode()
    assert not Import.objects.exists()


def test_bring_without_a_file(client, base):
    assert client.post(base, {}).status_code == 422


def test_dry_run_and_import_are_deferred(client, base):
    url = bring(client, base, TWITTER).url
    form = chosen(client.get(url))

    with collecting() as jobs:
        client.post(url, form | {"do": "try"})
        run(Import.objects.get())
        assert "Proefrun: 0 al aanwezig, 10 nieuw, 0 geweigerd" in client.get(url).content.decode()
        assert not Post.objects.exists()
        client.post(url, form | {"do": "start"})
    batch = run(Import.objects.get())

    assert [job.name for job in jobs] == ["imports.run", "imports.run"]
    assert (batch.state, batch.rows_stored) == ("done", 10)
    assert Case.objects.count() == 4


def test_mapping_without_text_is_refused(client, base):
    url = bring(client, base, "datum;wie\n31-01-2026;anna\n").url

    answer = client.post(url, chosen(client.get(url)) | {"do": "start"})

    assert answer.status_code == 422
    assert "Geen kolom bevat de tekst." in answer.content.decode()


def test_what_no_column_is_chosen_for_is_said_once(client, base):
    shown = client.get(bring(client, base, "datum;wie\n" + "31-01-2026;anna\n" * 5).url).content.decode()

    assert shown.count("Geen kolom bevat de tekst. Kies welke dat is.") == 1
    assert "De rij heeft geen tekst en geen titel." not in shown


def test_choices_are_remembered_for_the_same_columns(client, base):
    url = bring(client, base, "a;b\n31-01-2026;hallo\n").url
    form = chosen(client.get(url)) | {"column-0": "published_at", "column-1": "text", "brand": "Stad"}
    client.post(url, form)

    again = client.get(bring(client, base, "b;a\ndag;1-2-2026\n").url).context["form"]

    assert [field.initial for field in again.column_fields()] == ["text", "published_at"]
    assert again["brand"].initial == "Stad"


def test_progress_is_asked_for_while_it_goes_on(client, base, lead):
    batch = receive(TWITTER, workspace=lead.workspace)
    choose(batch)
    Import.objects.filter(pk=batch.pk).update(state="storing", parts=4, parts_done=1)

    page = client.get(f"{base}{batch.pk}/").content.decode()

    assert 'hx-trigger="every 2s"' in page
    assert "deel 1 van 4" in page
    assert "Annuleren" in page


def test_cancel_and_go_on(client, base, lead):
    batch = receive(TWITTER, workspace=lead.workspace)
    choose(batch)
    Import.objects.filter(pk=batch.pk).update(state="reading")

    client.post(f"{base}{batch.pk}/cancel/")
    assert run(batch).state == "cancelled"
    assert "Er is niets opgeslagen." in client.get(f"{base}{batch.pk}/").content.decode()
    client.post(f"{base}{batch.pk}/go-on/")

    assert run(batch).state == "done"


def test_broken_rows_are_asked_about_and_may_be_left_out(client, base, lead):
    batch = import_all(BROKEN, workspace=lead.workspace)
    assert batch.state == "asking"
    page = client.get(f"{base}{batch.pk}/").content.decode()
    assert "De andere 2 importeren" in page

    client.post(f"{base}{batch.pk}/go-on/", {"without_broken": "1"})

    batch = run(batch)
    assert (batch.state, batch.rows_stored, batch.rows_refused) == ("done", 1, 2)


def test_refused_rows_run_in_no_spreadsheet(client, base, lead):
    batch = import_all(BROKEN, workspace=lead.workspace)

    lines = client.get(f"{base}{batch.pk}/refused.csv").content.decode("utf-8-sig").splitlines()

    assert lines[0] == "Rij;Reden;id;datum;auteur;tekst;inkomend;merk"
    assert lines[1].startswith("3;“gisteren” in de kolom")
    assert ";'-1+1;" in lines[1]


def test_remove_keeps_the_posts(client, base, lead):
    batch = import_all(TWITTER, workspace=lead.workspace)

    client.post(f"{base}{batch.pk}/remove/")

    assert not Import.objects.exists()
    assert Post.objects.count() == 10


@pytest.mark.parametrize("count", [1, 50])
def test_list_takes_as_many_queries_for_one_as_for_fifty(client, base, lead, count, django_assert_num_queries):
    for _ in range(count):
        make.ImportFactory(workspace=lead.workspace, by=lead.user, state="done")
    client.get(base)

    with django_assert_num_queries(4):
        page = client.get(base).content.decode()

    assert len(re.findall(r'class="file-name"', page)) == count


def test_every_field_can_be_chosen():
    assert set(FIELDS) == set(Target)

"""Saved views on screen."""

import re

import pytest

from luister.inbox.models import CaseLabel, Label, SavedView
from tests.factories import CaseLabelFactory, MembershipFactory, SavedViewFactory, TeamFactory
from tests.inbox.helpers import BRAM, said, take_in
from tests.inbox.views.helpers import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def saved(desk):
    take_in(said("p2", by=BRAM, text="Een paraplu"), channel=desk.channel)
    return SavedViewFactory(workspace=desk.member.workspace, name="Regen", query="paraplu", view="all")


def test_what_is_searched_for_is_kept_with_what_menus_narrow_by(desk):
    label = CaseLabelFactory(case=desk.case, label__name="Zoek geraakt").label
    menu = desk.get("saved-views/new/", target="x", view="all", q="koffer OR tas", label=label.pk)
    query = re.search(r'name="query" value="([^"]*)"', menu.content.decode())[1].replace("&quot;", '"')
    assert query == '(koffer OR tas) label:"Zoek geraakt"'

    answer = desk.post("saved-views/new/", name="Kwijt", query=query, view="inbox")

    saved = SavedView.objects.get()
    assert (saved.name, saved.query, saved.view, saved.audience) == ("Kwijt", query, "inbox", "me")
    assert answer.url.endswith(f"/inbox/saved-{saved.pk}/")
    assert "Kwijt" in words(desk.get("inbox/all/"))


def test_a_saved_view_shows_what_it_searches_for_at_an_address_of_its_own(desk, saved):
    page = desk.get(f"inbox/{saved.address}/")
    html = page.content.decode()

    assert "Bram Bos" in words(page)
    assert "Anna de Wit" not in words(page)
    assert 'value="paraplu"' in html
    assert re.search(rf'data-url="[^"]*/inbox/{saved.address}/" data-view="{saved.address}"', html)
    number = re.search(rf'href="[^"]*/inbox/{saved.address}/(\d+)/"', html)[1]
    assert f"/inbox/{saved.address}/" in desk.get(f"inbox/{saved.address}/{number}/").content.decode()


def test_a_saved_view_is_searched_otherwise_without_being_changed(desk, saved):
    page = desk.get(f"inbox/{saved.address}/", q="koffer OR tekst")
    assert "Save…" in words(page)
    assert f"/inbox/{saved.address}/?q=koffer+OR+tekst" in page.content.decode()
    assert "Bram Bos" in words(desk.get(f"inbox/{saved.address}/", q=""))

    desk.post(f"saved-views/{saved.pk}/", name="Nat", query="koffer", as_new="1")

    assert sorted(SavedView.objects.values_list("name", "query")) == [("Nat", "koffer"), ("Regen", "paraplu")]


def test_the_sidebar_counts_what_saved_views_hold(desk, saved):
    page = words(desk.get("saved-views/", target="saved-views", view=saved.address))

    assert "Regen" in page
    assert page.rstrip().endswith("1")


def test_a_view_that_names_a_deleted_label_opens_with_that_marked(desk):
    CaseLabelFactory(case=desk.case, label__name="Bagage")
    saved = SavedViewFactory(workspace=desk.member.workspace, query="status:open label:bagage", view="all")
    assert "Anna de Wit" in words(desk.get(f"inbox/{saved.address}/"))
    CaseLabel.objects.all().delete()
    Label.objects.all().delete()

    page = desk.get(f"inbox/{saved.address}/")

    assert page.status_code == 200
    assert "status:open label:<mark>bagage</mark>" in page.content.decode()
    assert "There is no label “bagage” (any more)" in words(page)


def test_a_deleted_view_can_be_brought_back_by_whoever_deleted_it(desk):
    desk.post("saved-views/new/", name="Even", query="koffer", view="all")
    saved = SavedView.objects.get()
    answer = desk.post(f"saved-views/{saved.pk}/", do="delete")
    assert desk.get(f"inbox/{saved.address}/").status_code == 404
    assert "The view “Even” was deleted." in words(desk.client.get(answer.url))

    desk.post(f"saved-views/{saved.pk}/restore/")

    assert desk.get(f"inbox/{saved.address}/").status_code == 200


@pytest.mark.parametrize(
    "fields", [{"name": ""}, {"query": "("}, {"audience": "all"}, {"audience": "x"}, {"name": "x" * 61}]
)
@pytest.mark.parametrize("target", ["x", ""])
def test_what_cannot_be_saved_is_said_beside_what_was_typed_and_nothing_is_stored(desk, fields, target):
    typed = {"name": "Mijn eerste", "query": "koffer", "view": "all"} | fields

    answer = desk.post("saved-views/new/", target=target, **typed)

    assert answer.status_code == 422
    html = answer.content.decode()
    assert 'role="alert"' in html
    assert f'name="name" maxlength="60" required autocomplete="off" value="{typed["name"]}"' in html
    assert f'name="query" value="{typed["query"]}"' in html
    assert not SavedView.objects.exists()


def test_a_refused_change_keeps_for_whom_it_was_meant(desk, saved):
    team = TeamFactory(workspace=desk.member.workspace)
    desk.member.teams.add(team)

    answer = desk.post(f"saved-views/{saved.pk}/", target="x", name="", query="koffer", audience=f"team-{team.pk}")

    assert f'<option value="team-{team.pk}" selected>' in answer.content.decode()
    saved.refresh_from_db()
    assert saved.name == "Regen"


def test_nobody_opens_or_changes_the_private_view_of_a_colleague(desk):
    colleague = MembershipFactory(workspace=desk.member.workspace)
    saved = SavedViewFactory(workspace=desk.member.workspace, audience="me", owner=colleague.user)

    assert desk.get(f"inbox/{saved.address}/").status_code == 404
    assert desk.post(f"saved-views/{saved.pk}/", do="delete").status_code == 404
    desk.post(f"saved-views/{saved.pk}/restore/")
    assert saved.name not in words(desk.get("inbox/all/"))


@pytest.mark.parametrize(
    "search", ["(", "%", "sentimnet:x", "after:31-02-2026", "' OR 1=1 --", "(" * 3000, "x\x00y", "ﬁ" * 300]
)
def test_whatever_is_searched_for_is_answered_with_a_page(desk, search):
    for target in ("", "cases"):
        assert desk.get("inbox/all/", target=target, q=search).status_code == 200
    assert desk.get("palette/", q=search).status_code == 200


@pytest.mark.parametrize(
    "where", ["after=2020-01-01T00:00:00_5", "after=-3", "rows=-5", "rows=100000", "after=x_y", "page=-1"]
)
def test_a_place_in_the_list_that_is_none_shows_a_page(desk, where):
    assert desk.client.get(f"/w/{desk.member.workspace.slug}/inbox/all/?q=tekst&{where}").status_code == 200


def test_a_case_that_was_opened_from_a_search_marks_the_words(desk):
    take_in(said("p3", text="Een <b>Kóffer</b> is nog altijd kwijt", thread_external_id="p1"), channel=desk.channel)
    address = f"inbox/all/{desk.case.number}/"

    html = desk.get(address, q='koffer "altijd kwijt" status:open').content.decode()

    assert "Een &lt;b&gt;<mark>Kóffer</mark>&lt;/b&gt; is nog <mark>altijd</mark> <mark>kwijt</mark>" in html
    assert re.search(r'data-refresh-url="[^"]*\?view=all&amp;q=koffer', html)
    for plain in ({}, {"q": "status:open"}, {"q": "("}):
        assert "<mark>" not in re.search(r'id="thread".*', desk.get(address, **plain).content.decode(), re.DOTALL)[0]

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from luister.base.posts import Author
from luister.inbox.actions.changes import assign
from luister.inbox.enums import Activity
from luister.inbox.models import Presence, Seen
from tests.factories import NOW, CaseLabelFactory, MembershipFactory, UserFactory
from tests.inbox.helpers import BRAM, said, take_in
from tests.inbox.views.helpers import words


def test_home_goes_to_the_open_cases(desk):
    for address in ("", "inbox/"):
        assert desk.get(address).headers["Location"].endswith("/inbox/inbox/")


def test_list_shows_who_where_what_and_how_long(desk):
    page = desk.get("inbox/inbox/")

    assert "Anna de Wit" in words(page)
    assert desk.channel.name in words(page)
    assert "Waar is mijn koffer?" in words(page)
    assert "Unread:" in words(page)
    assert page.content.decode().startswith("<!doctype html>")
    assert "(1)" in re.search(r"<title>(.*?)</title>", page.content.decode(), re.DOTALL)[1]


def test_list_for_htmx_is_rows_with_counts_beside_them(desk):
    html = desk.get("inbox/inbox/", target="cases").content.decode()

    assert "<html" not in html
    assert html.count('class="case-row"') == 1
    assert 'id="views" hx-swap-oob="true"' in html


@pytest.mark.parametrize(("view", "found"), [("unassigned", True), ("mine", False), ("waiting", False), ("all", True)])
def test_views_hold_what_their_name_says(desk, view, found):
    assert ("Anna de Wit" in words(desk.get(f"inbox/{view}/"))) == found


def test_view_that_does_not_exist_is_not_found(desk):
    assert desk.get("inbox/nergens/").status_code == 404
    assert desk.get(f"inbox/nergens/{desk.case.number}/").status_code == 404


def test_list_narrows_by_words_and_says_so_when_nothing_matches(desk):
    take_in(said("p2", by=BRAM, text="Gratis café?"), channel=desk.channel)

    found = words(desk.get("inbox/all/", q="cafe"))
    assert "Bram Bos" in found
    assert "Anna de Wit" not in found
    assert "Nothing matches" in words(desk.get("inbox/all/", q="kameel"))


def test_list_takes_any_nonsense_in_its_address(desk):
    for query in (
        {"after": "x_y"},
        {"rows": "-1"},
        {"rows": "9" * 30},
        {"label": "x"},
        {"q": "\x00%_'"},
        {"team": "1" * 40},
    ):
        assert desk.get("inbox/all/", **query).status_code == 200


def test_list_asks_the_same_number_of_queries_for_one_row_and_for_fifty(desk):
    desk.get("inbox/all/")
    with CaptureQueriesContext(connection) as one:
        desk.get("inbox/all/")
    for number in range(60):
        author = Author(f"k{number}", f"Klant {number}", f"@k{number}")
        _, threaded = take_in(said(f"q{number}", by=author), channel=desk.channel)
        CaseLabelFactory(case=threaded.case)
        Presence.objects.create(case=threaded.case, user=UserFactory(), activity=Activity.VIEWING, seen_at=NOW)
    with CaptureQueriesContext(connection) as fifty:
        page = desk.get("inbox/all/")

    assert page.content.decode().count('class="case-row"') == 50
    assert len(fifty) == len(one) <= 13, "\n".join(query["sql"][:150] for query in fifty)
    with CaptureQueriesContext(connection) as rows_alone:
        desk.get("inbox/all/", target="cases")
    assert len(rows_alone) <= 11, "\n".join(query["sql"][:150] for query in rows_alone)


def test_list_goes_on_where_its_first_page_ended(desk):
    for number in range(55):
        take_in(said(f"q{number}", by=Author(f"k{number}", f"Klant {number}")), channel=desk.channel, minutes=number)
    first = desk.get("inbox/all/").content.decode()
    more = re.search(r'id="more".*?href="[^"]*\?([^"]*)"', first, re.DOTALL)[1]
    rest = desk.client.get(
        f"/w/{desk.member.workspace.slug}/inbox/all/?{more}", headers={"HX-Request": "true", "HX-Target": "more"}
    )

    assert first.count('class="case-row"') + rest.content.decode().count('class="case-row"') == 56
    assert 'id="more"' not in rest.content.decode()


def test_case_shows_the_thread_and_is_read_from_then_on(desk):
    page = desk.get(f"inbox/all/{desk.case.number}/")

    assert "Waar is mijn koffer?" in words(page)
    assert "Reply publicly as @luchthaven" in words(page)
    assert "^Pim" in words(page)
    assert Seen.objects.get(case=desk.case, user=desk.member.user).version == 1
    assert "Unread:" not in words(desk.get("inbox/all/"))


def test_case_for_htmx_is_the_case_alone(desk):
    html = desk.get(f"inbox/all/{desk.case.number}/", target="case").content.decode()

    assert "<html" not in html
    assert html.count('id="case"') == html.count('id="composer"') == html.count('id="thread"') == 1
    assert 'class="case-row"' not in html


def test_case_folds_what_others_said_in_the_thread(desk):
    take_in(said("p2", by=BRAM, text="Die van mij ook", thread_external_id="p1", addressed=False), channel=desk.channel)

    html = desk.get(f"inbox/all/{desk.case.number}/").content.decode()

    assert re.search(r'<details class="context".*?1 post by others in this thread.*?Die van mij ook', html, re.DOTALL)


def test_case_never_draws_what_people_wrote_as_markup(desk):
    nasty = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    author = Author("<b>x</b>", nasty[:80], nasty[:80])
    _, threaded = take_in(said("p3", by=author, text=nasty, subject=nasty), channel=desk.channel)

    html = desk.get(f"inbox/all/{threaded.case.number}/").content.decode()

    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_refresh_leaves_the_composer_alone(desk):
    html = desk.get(desk.of_case("refresh"), target="case").content.decode()

    assert 'id="thread" hx-swap-oob="innerHTML"' in html
    assert 'id="composer"' not in html
    assert 'id="newest-version" value="1" hx-swap-oob="true"' in html


def test_permalink_goes_to_the_case(desk):
    assert desk.get(f"cases/{desk.case.number}/").headers["Location"].endswith(f"/inbox/all/{desk.case.number}/")


def test_notices_loose_posts_and_palette_answer(desk):
    assert desk.get("notices/").status_code == 200
    assert desk.post("notices/").status_code == 302
    assert "Nothing here" in words(desk.get("loose/"))
    assert "Anna de Wit" in words(desk.get("palette/", q="anna"))
    assert "Go to" in words(desk.get("palette/"))


def test_list_is_narrowed_by_what_a_menu_offers(desk):
    label = CaseLabelFactory(case=desk.case, label__name="Bagage").label
    take_in(said("p2", by=BRAM), channel=desk.channel)
    menu = desk.get("inbox/all/narrow/", target="x")
    assert "Bagage" in words(menu)
    assert "<html" not in menu.content.decode()
    assert "Narrow the list" in words(desk.get("inbox/all/narrow/"))

    page = desk.get("inbox/all/", label=label.pk, channel=desk.channel.pk, origin="reactive")

    assert "Anna de Wit" in words(page)
    assert "Bram Bos" not in words(page)
    assert "Reactive" in words(page)
    assert (
        f'href="/w/{desk.member.workspace.slug}/inbox/all/?channel={desk.channel.pk}&amp;origin=reactive"'
        in page.content.decode()
    )


def test_opening_a_case_reads_what_one_was_told_of_it(desk):
    colleague = MembershipFactory(workspace=desk.member.workspace)
    assign(desk.case.pk, to=desk.member.user, by=colleague, now=NOW)
    assert "gave you the case" in words(desk.get("notices/"))

    desk.get(f"inbox/all/{desk.case.number}/")

    assert "Nothing new for you" in words(desk.get("notices/"))


def test_rows_are_in_the_language_of_who_looks(desk):
    desk.member.user.language = "en"
    desk.member.user.save()
    assert "Unread:" in words(desk.get("inbox/inbox/"))

    desk.member.user.language = "nl"
    desk.member.user.save()
    assert "Ongelezen:" in words(desk.get("inbox/inbox/"))

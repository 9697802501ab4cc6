"""The pages: anyone plays a customer, in public and in private, and reads the answers as they come."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from luister.practice import actions, queries
from luister.practice.core import Draft, Person, Post
from luister.practice.models import Account
from luister.practice.models import Post as PostRow
from luister.practice.store import DatabaseStore
from tests.practice.contract import NOW

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script> \"'><img src=x onerror=alert(1)> {{ 7 }} @airport"


@pytest.fixture(autouse=True)
def _on(settings: Settings) -> None:
    settings.LUISTER_PRACTICE = True


@pytest.fixture
def airport() -> Person:
    return actions.open_brand("airport", name="Airport", now=NOW).person


@pytest.fixture
def anna(client: Client) -> Person:
    """The customer whom the visitor plays."""
    client.post("/practice/who/", {"name": "Anna"})
    return queries.customer(Account.objects.get(handle="anna").pk)


def customer(handle: str) -> Person:
    return actions.known_customer(handle, name=handle.title(), now=NOW)


def answered(brand: Person, text: str, **values: object) -> Post:
    return DatabaseStore().publish(Draft(brand, text, **values), now=NOW)


def form(text: str, **values: str) -> dict[str, str]:
    return {"text": text, "key": str(uuid4()), **values}


def page(client: Client, path: str) -> str:
    given = client.get(f"/practice/{path}")
    assert given.status_code == 200
    return given.content.decode()


PATHS = [
    "",
    "news/",
    "post/1/",
    "post/1/news/",
    "@airport/",
    "messages/",
    "messages/airport/",
    "messages/airport/news/",
    "who/",
    "behind/",
]


@pytest.mark.parametrize("path", PATHS)
def test_page_is_not_there_where_practice_is_off(
    client: Client, airport: Person, settings: Settings, path: str
) -> None:
    settings.LUISTER_PRACTICE = False

    assert client.get(f"/practice/{path}").status_code == 404


@pytest.mark.parametrize("path", ["post/999999/", "@nobody/", "messages/nobody/", "messages/nobody/news/", "post/1/x/"])
def test_page_of_what_is_not_there(client: Client, anna: Person, path: str) -> None:
    assert client.get(f"/practice/{path}").status_code == 404


def test_first_post_makes_its_customer(client: Client, airport: Person) -> None:
    given = client.post("/practice/", form("@airport where is my bag?", name="Zoë de Wit"))

    row = PostRow.objects.get()
    assert (row.author.handle, row.author.name) == ("zoe_de_wit", "Zoë de Wit")
    assert (given.status_code, given["Location"]) == (302, f"/practice/post/{row.pk}/#post-{row.pk}")
    assert "Zoë de Wit" in page(client, "")


def test_second_post_is_by_the_same_customer(client: Client, anna: Person) -> None:
    client.post("/practice/", form("hello", name="Somebody else"))

    assert [row.author.handle for row in PostRow.objects.select_related("author")] == ["anna"]


def test_same_form_twice_posts_once(client: Client, anna: Person) -> None:
    sent = form("hello")

    places = {client.post("/practice/", sent)["Location"] for _ in range(3)}

    assert len(places) == 1
    assert PostRow.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("  \n ", "Write something first."), ("x" * 501, "This is too long"), ("x" * 30_000, "too long")],
)
def test_refused_post_is_kept_in_its_field(client: Client, anna: Person, text: str, sentence: str) -> None:
    given = client.post("/practice/", form(text), headers={"Accept-Language": "en"})

    assert given.status_code == 422
    assert sentence in given.content.decode()
    assert text.strip() in given.content.decode()
    assert PostRow.objects.count() == 0


def test_refused_without_a_name_or_a_key(client: Client) -> None:
    nameless = client.post("/practice/", form("hello"), headers={"Accept-Language": "en"})
    keyless = client.post("/practice/", {"text": "hello", "name": "Anna", "key": "x"})

    assert "Give yourself a name first." in nameless.content.decode()
    assert "hello" in nameless.content.decode()
    assert keyless.status_code == 422
    assert Account.objects.count() == PostRow.objects.count() == 0


def test_line_ends_of_a_browser_count_as_one(client: Client, anna: Person) -> None:
    client.post("/practice/", form("a\r\n" * 249 + "ab"))

    assert PostRow.objects.get().text == "a\n" * 249 + "ab"


def test_reply_goes_to_the_post_that_was_chosen(client: Client, anna: Person, airport: Person) -> None:
    first = actions.say("@airport hello", by=customer("ben"), now=NOW)
    second = answered(airport, "hello ben", parent=DatabaseStore().post(first.id))

    html = page(client, f"post/{first.id}/?answer={second.id}")
    client.post(f"/practice/post/{first.id}/", form("me too", parent_id=second.id))

    assert f'name="parent_id" value="{second.id}"' in html
    assert PostRow.objects.get(text="me too").parent_id == int(second.id)
    assert "me too" in page(client, f"post/{second.id}/")


def test_thread_of_a_private_message_is_not_shown(client: Client, airport: Person) -> None:
    private = actions.say("secret", by=customer("ben"), to="airport", now=NOW)

    assert client.get(f"/practice/post/{private.id}/").status_code == 404
    assert "secret" not in page(client, "")
    assert "secret" not in page(client, "@ben/")


def test_thread_news_shows_what_came_since(client: Client, airport: Person) -> None:
    first = actions.say("@airport hello", by=customer("ben"), now=NOW)
    url = f"post/{first.id}/news/?after={first.id}"
    nothing = client.get(f"/practice/{url}")
    second = answered(airport, "hello ben", parent=DatabaseStore().post(first.id))

    html = page(client, url)

    assert (nothing.status_code, nothing.content) == (204, b"")
    assert "hello ben" in html
    assert "@airport hello" not in html
    assert f"/practice/post/{first.id}/news/?after={second.id}" in html


def test_square_news_counts(client: Client) -> None:
    assert client.get("/practice/news/?after=0&shown=0").status_code == 204
    first = actions.say("one", by=customer("ben"), now=NOW)
    actions.say("answer", by=customer("ben"), parent_id=first.id, now=NOW)

    assert "shown=1" in page(client, "news/?after=0&shown=0")
    assert client.get("/practice/news/?after=0&shown=1").status_code == 204
    assert client.get("/practice/news/?after=x&shown=-1").status_code == 200


def test_private_messages_and_their_news(client: Client, anna: Person, airport: Person) -> None:
    empty = client.get("/practice/messages/airport/news/")
    sent = client.post("/practice/messages/airport/", form("my number is 12"))
    mine = PostRow.objects.get()
    answered(airport, "thank you", to=anna)
    actions.say("not for anna", by=customer("ben"), to="airport", now=NOW)

    news = page(client, f"messages/airport/news/?after={mine.pk}")
    html = page(client, "messages/airport/")

    assert empty.status_code == 204
    assert sent["Location"] == f"/practice/messages/airport/#post-{mine.pk}"
    assert mine.to_id == int(airport.id)
    assert "thank you" in news
    assert "my number" not in news
    assert "my number is 12" in html
    assert "not for anna" not in html + page(client, "messages/")
    assert "thank you" in page(client, "messages/")


def test_messages_of_nobody(client: Client, airport: Person) -> None:
    actions.say("secret", by=customer("ben"), to="airport", now=NOW)

    for path in ("messages/", "messages/airport/"):
        assert "secret" not in page(client, path)
    assert client.get("/practice/messages/airport/news/").status_code == 204


def test_who_chooses_and_goes_back(client: Client) -> None:
    ben = customer("ben")

    given = client.post("/practice/who/", {"person": ben.id, "next": "/practice/messages/"})

    assert given["Location"] == "/practice/messages/"
    assert "<strong>Ben</strong>" in page(client, "")


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/practice/", "//evil.example", "/account/", "/practice\\@evil.example", "", "x"]
)
def test_who_goes_nowhere_else(client: Client, wanted: str) -> None:
    given = client.post("/practice/who/", {"name": "Anna", "next": wanted})

    assert given["Location"] == "/practice/"


def test_who_never_plays_a_brand(client: Client, airport: Person) -> None:
    given = client.post("/practice/who/", {"person": airport.id})

    assert given.status_code == 422
    assert "practice_customer" not in client.session


def test_delete_ones_own_only(client: Client, anna: Person) -> None:
    other = actions.say("by ben", by=customer("ben"), now=NOW)
    client.post("/practice/", form("by anna"))
    mine = PostRow.objects.get(text="by anna")

    assert client.post(f"/practice/post/{other.id}/delete/").status_code == 404
    assert client.get(f"/practice/post/{mine.pk}/delete/").status_code == 405
    assert client.post(f"/practice/post/{mine.pk}/delete/").status_code == 302
    assert "by anna" not in page(client, "")
    assert "by anna" not in page(client, f"post/{mine.pk}/")
    assert Client().post(f"/practice/post/{other.id}/delete/").status_code == 404


def test_hostile_text_and_names_are_only_text(client: Client, airport: Person) -> None:
    client.post("/practice/", form(HOSTILE, name="<b>Eve</b>"))
    client.post("/practice/messages/airport/", form(HOSTILE))
    post = PostRow.objects.first()
    paths = ["", f"post/{post.pk}/", f"@{post.author.handle}/", "messages/", "messages/airport/", "who/"]

    for path in paths:
        html = page(client, path)
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "<b>Eve" not in html
        assert "&lt;b&gt;Eve" in html


def test_mentions_are_links(client: Client, anna: Person, airport: Person) -> None:
    client.post("/practice/", form("hi @Airport, mail a@b.nl"))

    assert re.findall(r'plein-text" dir="auto">(.*)</p>', page(client, "")) == [
        'hi <a href="/practice/@airport/">@Airport</a>, mail a@b.nl'
    ]


def test_mention_of_the_address_is_put_in_the_field(client: Client) -> None:
    assert ">@airport </textarea>" in page(client, "?mention=airport")


def test_policy_and_language(client: Client) -> None:
    dutch = client.get("/practice/", headers={"Accept-Language": "nl"})
    english = client.get("/practice/", headers={"Accept-Language": "en"})

    assert 'lang="nl"' in dutch.content.decode()
    assert "Wat is er aan de hand?" in dutch.content.decode()
    assert "What is going on?" in english.content.decode()
    assert "script-src 'self'" in dutch["Content-Security-Policy"]


@pytest.mark.parametrize("number", [1, 20])
def test_lists_take_a_fixed_number_of_queries(
    client: Client, anna: Person, airport: Person, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(number):
        first = actions.say("@airport hello", by=anna, now=NOW)
        actions.say("me too", by=customer("ben"), parent_id=first.id, now=NOW)
        actions.say("private", by=anna, to="airport", now=NOW)

    # Session and customer, besides what each page is for.
    for path, queries_ in (("", 7), (f"post/{first.id}/", 6), ("messages/airport/", 5), ("messages/", 5)):
        with django_assert_num_queries(queries_):
            client.get(f"/practice/{path}")

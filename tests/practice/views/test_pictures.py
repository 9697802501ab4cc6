"""Pictures that a brand posted, on the pages and by themselves."""

import pytest
from django.test import Client
from pytest_django import Settings

from luister.practice import actions
from luister.practice.core import Draft, Person, Post
from luister.practice.models import Account, Picture
from luister.practice.pictures import NewPicture
from luister.practice.store import DatabaseStore
from tests.practice.contract import NOW, PNG

pytestmark = pytest.mark.django_db
NAME = 'map "of" <gate> D7.png'


@pytest.fixture(autouse=True)
def _on(settings: Settings) -> None:
    settings.LUISTER_PRACTICE = True


@pytest.fixture
def airport() -> Person:
    return actions.open_brand("airport", name="Airport", now=NOW).person


def shown(brand: Person, *, to: Person | None = None) -> tuple[Post, str]:
    """Post a picture; returns the post and the address of the picture."""
    post = DatabaseStore().publish(Draft(brand, "Look:", to=to, pictures=(NewPicture(NAME, PNG),)), now=NOW)
    return post, f"/practice/picture/{post.pictures[0].id}/"


def play(client: Client, name: str) -> Person:
    client.post("/practice/who/", {"name": name})
    return actions.known_customer(name.lower(), name=name, now=NOW)


def test_picture_is_served_as_what_it_is_and_nothing_else(client: Client, airport: Person) -> None:
    given = client.get(shown(airport)[1])

    assert (given.status_code, given.content) == (200, PNG)
    assert given["Content-Type"] == "image/png"
    assert given["X-Content-Type-Options"] == "nosniff"
    assert given["Content-Disposition"] == "inline; filename*=UTF-8''map%20%22of%22%20%3Cgate%3E%20D7.png"
    assert given["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_picture_is_not_there_where_practice_is_off(client: Client, airport: Person, settings: Settings) -> None:
    url = shown(airport)[1]
    settings.LUISTER_PRACTICE = False

    assert client.get(url).status_code == 404


def test_page_shows_pictures_under_their_names(client: Client, airport: Person) -> None:
    post, url = shown(airport)

    html = client.get(f"/practice/post/{post.id}/").content.decode()

    assert f'<img src="{url}" alt="map &quot;of&quot; &lt;gate&gt; D7.png"' in html


def test_picture_of_a_private_message_is_for_its_two_parties(client: Client, airport: Person) -> None:
    anna = play(client, "Anna")
    _, url = shown(airport, to=anna)
    strangers = Client()
    unplayed = strangers.get(url).status_code
    play(strangers, "Ben")

    assert (client.get(url).status_code, unplayed, strangers.get(url).status_code) == (200, 404, 404)
    assert url in client.get("/practice/messages/airport/").content.decode()


def test_picture_goes_with_its_post_and_its_brand(client: Client, airport: Person) -> None:
    post, url = shown(airport)
    DatabaseStore().delete(post.id, now=NOW)
    html = client.get(f"/practice/post/{post.id}/").content.decode()
    gone = client.get(url).status_code
    Account.objects.get(handle="airport").delete()

    assert gone == 404
    assert url not in html
    assert not Picture.objects.exists()


def test_picture_unknown(client: Client) -> None:
    assert [client.get(f"/practice/picture/{number}/").status_code for number in ("0", "9" * 30)] == [404, 404]

import re

import psycopg
import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.exception import convert_exception_to_response
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import translation

from luister.ui import views


@pytest.fixture
def request_by_nobody() -> HttpRequest:
    request = RequestFactory().get("/somewhere/?page=2")
    request.user = AnonymousUser()
    return request


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize(
    ("view", "status"), [("forbidden", 403), ("not_found", 404), ("server_error", 500), ("csrf_failure", 403)]
)
def test_error_pages_say_what_to_do_and_carry_a_reference(view: str, status: int, language: str) -> None:
    request = RequestFactory().get("/somewhere/?page=2")  # without a user or session: the database may be gone
    with translation.override(language):
        response = getattr(views, view)(request)
    html = response.content.decode()

    assert response.status_code == status
    assert f'lang="{language}"' in html
    assert re.search(r"<code>[0-9a-f]{8}</code>", html)
    assert 'href="/"' in html


def test_server_error_offers_the_same_address_again() -> None:
    assert (
        'href="/somewhere/?page=2"' in views.server_error(RequestFactory().get("/somewhere/?page=2")).content.decode()
    )
    assert "/somewhere/" not in views.server_error(RequestFactory().post("/somewhere/")).content.decode()


class GoneError(OperationalError):
    """A mistake of the database, with PostgreSQL's word for it where it gave one."""

    def __init__(self, state: str | None) -> None:
        super().__init__("gone")
        self.__cause__ = psycopg.OperationalError()
        self.__cause__.sqlstate = state


@pytest.mark.parametrize(("state", "status"), [(None, 503), ("57P03", 503), ("08006", 503), ("57014", 500)])
def test_database_that_is_away_is_said_in_one_sentence(state: str | None, status: int) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise GoneError(state)

    request = RequestFactory().get("/somewhere/?page=2")
    request.urlconf = "luister.config.urls"
    with translation.override("en"):
        response = convert_exception_to_response(view)(request)

    assert response.status_code == status
    if status == 503:
        html = response.content.decode()
        assert "The database cannot be reached right now" in html
        assert 'href="/somewhere/?page=2"' in html
        assert "This page comes back by itself once it can." in html
        assert response.headers["Retry-After"] == "5"


def test_database_that_is_away_brings_no_form_back_by_itself() -> None:
    assert "data-waits" not in views.database_away(RequestFactory().post("/somewhere/")).content.decode()


def test_stale_form_is_told_to_scripts_too() -> None:
    response = views.csrf_failure(RequestFactory().post("/"), reason="CSRF cookie not set.")

    assert response.headers["X-Luister-Reason"] == "stale-form"


@pytest.mark.parametrize("language", ["en", "nl"])
def test_components_show_both_themes(request_by_nobody: HttpRequest, language: str) -> None:
    with translation.override(language):
        html = views.components(request_by_nobody).content.decode()

    assert html.count('data-theme="light"') == html.count('data-theme="dark"') == 1
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_keys_shows_the_keys_a_user_chose(request_by_nobody: HttpRequest) -> None:
    request_by_nobody.user.keys = {"reply": "q"}  # type: ignore[union-attr]
    request_by_nobody.user.single_keys = False  # type: ignore[union-attr]
    with translation.override("en"):
        html = views.keys(request_by_nobody).content.decode()

    assert '<kbd class="kbd">q</kbd>' in html
    assert "switched off" in html

"""The language of a page."""

import pytest
from django.contrib.auth import middleware
from django.db import OperationalError
from django.test import Client


@pytest.mark.parametrize("language", ["en", "nl"])
def test_database_that_is_away_is_told_in_the_language_of_the_browser(
    monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    def away(_request: object) -> None:
        raise OperationalError

    monkeypatch.setattr(middleware, "get_user", away)
    client = Client(raise_request_exception=False, headers={"accept-language": language})

    response = client.get("/")

    assert response.status_code == 503
    assert f'lang="{language}"' in response.content.decode()

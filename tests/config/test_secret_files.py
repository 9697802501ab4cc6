"""Secrets come from files where these are named, and what is wrong with a file is said at once."""

import pytest

from luister.config.errors import GroundError
from luister.config.secret_files import take_in


def test_file_gives_the_value(tmp_path):
    (tmp_path / "url").write_text("postgres://luister:geheim@database/luister\n")
    environment = {"DATABASE_URL_FILE": str(tmp_path / "url"), "PATH": "/bin"}

    take_in(environment)

    assert environment == {"DATABASE_URL": "postgres://luister:geheim@database/luister", "PATH": "/bin"}


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"EMAIL_URL_FILE": "/nowhere/url"}, "EMAIL_URL_FILE names cannot be read"),
        ({"EMAIL_URL_FILE": "/dev/null"}, "is empty"),
        ({"EMAIL_URL_FILE": "/dev/null", "EMAIL_URL": "smtp://a"}, "Both EMAIL_URL and EMAIL_URL_FILE"),
    ],
)
def test_what_is_wrong_is_said(environment, words):
    with pytest.raises(GroundError, match=words):
        take_in(environment)

"""Parsing in a child process: no payload stops the next one."""

import io
import os
import pickle
import sys
import textwrap
import time
from datetime import UTC, datetime

import pytest

from luister import connectors
from luister.base.connector import Account, RawItem
from luister.base.errors import UnprocessableError
from luister.base.posts import Author, InboundPost, Kind
from luister.delivery import parsing

ACCOUNT = Account(1, "brand", {}, {"token": "geheim"})
CONNECTOR = '''
    """A connector that does to its process what a payload tells it to."""
    import os, signal, sys, time
    from datetime import datetime, timedelta, timezone
    from luister.base.errors import UnprocessableError
    from luister.base.posts import *

    REASONS = {}

    class CONNECTOR:
        kind = "hostile"

        def parse(account, item):
            do, _, rest = item.content.decode().partition(" ")
            if do == "secrets":
                return (post(str(sorted(account.secrets))),)
            if do == "environment":
                return (post(str(sorted(os.environ))),)
            if do == "print":
                print("noise", flush=True)
            if do == "memory":
                return (post("x" * 2_000_000_000),)
            if do == "hang":
                while True:
                    pass
            if do == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            if do == "exit":
                os._exit(0)
            if do == "deep":
                nested = lambda: nested()
                nested()
            if do == "error":
                raise ZeroDivisionError("by naught")
            if do == "refuse":
                raise UnprocessableError("mail.no_text", part="2")
            if do == "evil":
                return (Evil("1", Kind.MAIL, False, Author("a"), "t", datetime(2026, 1, 1, tzinfo=timezone.utc)),)
            return (post(rest),)

    class Evil(InboundPost):
        def __reduce_ex__(self, protocol):
            return (os.system, ("true",))

    def post(text):
        return InboundPost("1", Kind.MAIL, False, Author("a"), text, datetime(2026, 3, 2, 11, 0,
                           tzinfo=timezone(timedelta(hours=1))), attachments=(InboundAttachment("n", "t", b"c"),))
'''


@pytest.fixture(scope="module")
def _hostile(tmp_path_factory):
    """The child finds the connectors of this installation, and one more."""
    folder = tmp_path_factory.mktemp("connectors")
    (folder / "more").mkdir()
    (folder / "more" / "hostile.py").write_text(textwrap.dedent(CONNECTOR))
    # Python runs this before anything else in every child.
    (folder / "sitecustomize.py").write_text(
        f"import luister.connectors as found\nfound.__path__.append({str(folder / 'more')!r})\n"
    )
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), *filter(None, [before])])
    parsing.stop()
    yield
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before
    parsing.stop()


def parse(what):
    return parsing.parse("hostile", ACCOUNT, RawItem("k", what.encode(), datetime.now(tz=UTC)))  # noqa: TID251


@pytest.fixture
def hostile(_hostile, monkeypatch):
    monkeypatch.setattr(parsing, "PARSE_SECONDS", 5.0)
    return parse


def test_parse_returns_the_posts(hostile):
    (post,) = hostile("say Goedemorgen")

    assert post.text == "Goedemorgen"
    assert (post.posted_at, post.attachments[0].content) == (datetime(2026, 3, 2, 10, 0, tzinfo=UTC), b"c")


def test_parse_tells_the_child_no_secrets(hostile, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://geheim")

    assert hostile("secrets")[0].text == "[]"
    assert "DATABASE_URL" not in hostile("environment")[0].text


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("refuse", "mail.no_text"),
        ("error", "raw.error"),
        ("deep", "raw.error"),
        ("memory", "raw.crashed"),
        ("die", "raw.crashed"),
        ("exit", "raw.crashed"),
        ("evil", "raw.crashed"),
    ],
)
def test_parse_survives_every_payload(hostile, payload, code):
    with pytest.raises(UnprocessableError) as caught:
        hostile(payload)

    assert caught.value.reason.code == code
    assert hostile("say verder")[0].text == "verder"


def test_parse_ends_what_takes_too_long(hostile, monkeypatch):
    hostile("say warm")
    monkeypatch.setattr(parsing, "PARSE_SECONDS", 0.5)

    began = time.monotonic()
    with pytest.raises(UnprocessableError) as caught:
        hostile("hang")

    assert caught.value.reason.code == "raw.too_slow"
    assert time.monotonic() - began < 5
    monkeypatch.setattr(parsing, "PARSE_SECONDS", 30.0)
    assert hostile("say verder")[0].text == "verder"


def test_parse_is_not_disturbed_by_what_a_parser_prints(hostile):
    assert hostile("print stil")[0].text == "stil"


def test_parse_of_large_payloads_works(hostile):
    text = "é" * 3_000_000

    assert hostile(f"say {text}")[0].text == text


def test_parse_renews_a_child_that_has_done_much(hostile, monkeypatch):
    monkeypatch.setattr(parsing, "MOST_ITEMS", 1)

    assert [hostile(f"say {n}")[0].text for n in range(3)] == ["0", "1", "2"]


def test_answers_are_plain_data_of_ours():
    post = InboundPost("1", Kind.MAIL, False, Author("a"), "t", datetime(2026, 1, 1, tzinfo=UTC))

    assert parsing._Answers(io.BytesIO(pickle.dumps((post,)))).load() == (post,)


@pytest.mark.parametrize("forbidden", [os.system, eval, parsing.parse, sys.exit, InboundPost.__init__])
def test_answers_name_nothing_else(forbidden):
    with pytest.raises(EOFError):
        parsing._Answers(io.BytesIO(pickle.dumps(forbidden))).load()


def test_child_that_cannot_start_is_no_fault_of_the_payload(monkeypatch):
    parsing.stop()
    monkeypatch.setattr(parsing.sys, "executable", "/bin/false")

    with pytest.raises(parsing.CannotStartError):
        parse("say iets")


def test_unknown_kind_is_unprocessable():
    with pytest.raises(UnprocessableError):
        parsing.parse("nothing", ACCOUNT, RawItem("k", b"", datetime(2026, 1, 1, tzinfo=UTC)))


def test_every_connector_is_known_to_the_child():
    assert "practice" in connectors.kinds()

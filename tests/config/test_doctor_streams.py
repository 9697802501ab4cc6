"""doctor looks at every stream: its server, its readers, how far they are, and what was set aside."""

from dataclasses import replace
from datetime import timedelta

import pytest
from nats.js.api import ConsumerConfig, StreamConfig

from luister.base.errors import ConnectorError
from luister.config import doctor_streams
from luister.config.checks import State
from luister.connectors.stream import Group, Seen
from tests.factories import NOW, ChannelFactory, MatcherReportFactory
from tests.raw_server import closed_port

pytestmark = pytest.mark.django_db

HANDLE = "nats.example:4222/POSTS"
QUIET = Seen(
    messages=5000, size=1_000_000, most_size=0, drops_old=True, storage=1_000_000, most_storage=0,
    groups=(Group("luister", True, lag=10, in_hand=5, redelivered=0),),
)  # fmt: skip


@pytest.fixture
def stream():
    """A stream that a matcher reads."""
    MatcherReportFactory(stream=HANDLE, seen_at=NOW, rate=100.0)
    return ChannelFactory(kind="stream", name="Vuurslang", handle=HANDLE, settings={"address": f"nats://{HANDLE}"})


@pytest.fixture
def server(monkeypatch):
    """What a look at the server gives, one answer after the other; the last one stays."""
    answers = [QUIET]

    def look(_channel):
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, ConnectorError):
            raise answer
        return answer

    monkeypatch.setattr(doctor_streams, "look_at_stream", look)
    return answers


def lagging(lag, **fields):
    return replace(QUIET, groups=(replace(QUIET.groups[0], lag=lag),), **fields)


def checks():
    waited = []
    found = list(doctor_streams.stream_checks(now=NOW, wait=waited.append))
    assert len(waited) <= 1
    assert all((check.fix == "") == (check.state is State.OK) for check in found)
    return found


def test_no_streams_no_checks():
    ChannelFactory(kind="feed")
    ChannelFactory(kind="stream", state="paused")
    ChannelFactory(kind="stream", state="removed")
    ChannelFactory(kind="stream", settings={"part_of": 1})

    assert checks() == []


def test_all_is_well_with_a_stream(stream, server):
    [check] = checks()

    assert (check.name, check.state) == ("stream Vuurslang", State.OK)
    assert check.text == "5,000 posts in it, 1 matcher, not far behind"


def test_stream_of_several_workspaces_is_looked_at_once(stream, server):
    ChannelFactory(kind="stream", name="Ook", handle=HANDLE, settings=stream.settings)

    assert [check.name for check in checks()] == ["stream Vuurslang"]


@pytest.mark.parametrize(
    ("code", "values", "state", "fix"),
    [
        ("stream.unreachable", {"detail": "Connection refused"}, State.FAIL, "Start nats-server"),
        ("stream.not_found", {"name": "POSTS"}, State.FAIL, f"luister publish POSTS --to nats://{HANDLE}"),
        ("stream.sign_in", {}, State.FAIL, "change its user and password"),
        ("stream.tls", {"detail": "x"}, State.FAIL, "Mend that"),
        ("http.blocked_address", {"host": "nats.example"}, State.WARN, "LUISTER_ALLOW_HOSTS"),
    ],
)
def test_server_that_cannot_be_looked_at(stream, server, code, values, state, fix):
    server[:] = [ConnectorError(code, server="nats://nats.example:4222", **values)]

    [check] = checks()

    assert check.state is state
    assert "nats.example" in check.text
    assert "{" not in check.text + check.fix
    assert fix in check.fix


def test_no_matcher_reports_any_more(stream, server):
    MatcherReportFactory._meta.model.objects.update(seen_at=NOW - timedelta(minutes=7), host="een.example")

    [check] = checks()

    assert check.text == "No matcher reads it; the last, on een.example, reported 7 minutes ago"
    assert f"luister match --from nats://{HANDLE} --to database" in check.fix


def test_no_matcher_ever_reported(server):
    ChannelFactory(kind="stream", handle=HANDLE)

    assert [check.text for check in checks()] == ["No matcher reads it"]


def test_backlog_that_grows(stream, server):
    server[:] = [lagging(20_000), lagging(23_000)]

    [check] = checks()

    assert check.text == "23,000 posts wait, and 1,500 more each second"


def test_backlog_that_takes_long(stream, server):
    server[:] = [lagging(40_000), lagging(39_000)]

    [check] = checks()

    assert check.text == "39,000 posts wait, and 100 a second are read"


def test_backlog_that_is_gone_soon_is_none(stream, server):
    server[:] = [lagging(20_000), lagging(19_000)]

    assert [check.state for check in checks()] == [State.OK]


def test_backlog_without_a_matcher_is_told_as_what_it_is(stream, server):
    MatcherReportFactory._meta.model.objects.all().delete()
    server[:] = [lagging(900_000)]

    assert [check.text for check in checks()] == ["No matcher reads it"]


def test_other_groups_are_left_alone(stream, server):
    others = (Group("archiver", True, 10**9, 0, 0), Group("luister-print", True, 10**9, 0, 0))
    server[:] = [replace(QUIET, groups=(*QUIET.groups, *others))]

    assert [check.state for check in checks()] == [State.OK]


def test_group_by_another_name_is_looked_at_where_there_is_no_other(stream, server):
    groups = (Group("eigen", True, 900_000, 0, 0), Group("passing", False, 10**9, 0, 0))
    server[:] = [replace(QUIET, groups=groups)]

    assert [check.text for check in checks()] == ["900,000 posts wait, and 100 a second are read"]


def test_matchers_of_another_server_by_the_same_name(stream, server):
    server[:] = [replace(QUIET, groups=())]

    [check] = checks()

    assert "no group of readers" in check.text


def test_messages_that_were_set_aside(stream, server):
    MatcherReportFactory(stream=HANDLE, seen_at=NOW - timedelta(hours=3), dead_letters=12)
    MatcherReportFactory(stream=HANDLE, seen_at=NOW - timedelta(days=3), dead_letters=100)

    [check] = checks()

    assert check.text.startswith("12 messages were no posts")


@pytest.mark.parametrize(
    ("seen", "state", "said"),
    [
        (replace(QUIET, storage=95_000_000, most_storage=100_000_000), State.WARN, "JetStream is nearly full: 95 MB"),
        (replace(QUIET, size=95_000_000, most_size=100_000_000), State.OK, "not far behind"),
        (
            replace(QUIET, size=95_000_000, most_size=100_000_000, drops_old=False),
            State.FAIL,
            "and then takes nothing new",
        ),
        (lagging(900, messages=1000, size=95, most_size=100), State.FAIL, "about to be dropped unread"),
    ],
)
def test_room_that_runs_out(stream, server, seen, state, said):
    server[:] = [seen]

    [check] = checks()

    assert (check.state, said in check.text) == (state, True)


@pytest.mark.nats
def test_real_server_is_seen_as_it_is(nats_server, monkeypatch):
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "127.0.0.1")
    handle = f"127.0.0.1:{nats_server.port}/POSTS"
    ChannelFactory(kind="stream", name="Echt", handle=handle, settings={"address": nats_server.address("POSTS")})
    MatcherReportFactory(stream=handle, seen_at=NOW)

    [missing] = checks()
    assert "has no stream named POSTS yet" in missing.text

    async def make(js):
        await js.add_stream(StreamConfig(name="POSTS", subjects=["posts"]))
        await js.add_consumer("POSTS", ConsumerConfig(durable_name="luister", ack_policy="explicit"))

    nats_server.run(make)
    nats_server.publish("posts", [b"{}"] * 3)
    [well] = checks()
    assert (well.state, well.text) == (State.OK, "3 posts in it, 1 matcher, not far behind")

    nats_server.publish("posts", [b"{}"] * 1100)
    [behind] = checks()
    assert behind.text == "1,103 posts wait, and 0 a second are read"

    nats_server.stop()
    [gone] = checks()
    assert "does not accept connections (Connection refused)" in gone.text


def test_nobody_at_the_address(monkeypatch):
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "127.0.0.1")
    with closed_port() as port:
        ChannelFactory(kind="stream", handle=f"127.0.0.1:{port}/P", settings={"address": f"nats://127.0.0.1:{port}/P"})
        assert [check.state for check in checks()] == [State.FAIL, State.FAIL]

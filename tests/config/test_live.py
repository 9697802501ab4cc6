"""The endpoint of live events, spoken to as a server would."""

import asyncio
import json
import threading
from contextlib import asynccontextmanager, contextmanager

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.test import Client

from bench.proxy import Proxy
from luister.accounts.enums import Role
from luister.config.live import AT_ONCE, LiveEvents
from luister.events import live
from tests.factories import PASSWORD, CaseFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 10  # seconds before a test gives up


class Screen:
    """A browser that has the endpoint open."""

    def __init__(self):
        self.sent = asyncio.Queue()
        self.gone = asyncio.Event()

    async def receive(self):
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        await self.sent.put(message)

    async def status(self):
        message = await asyncio.wait_for(self.sent.get(), PATIENCE)
        return message["status"]

    async def event(self):
        """Return the next event's name and data; comments are passed over."""
        while True:
            message = await asyncio.wait_for(self.sent.get(), PATIENCE)
            lines = message.get("body", b"").decode().splitlines()
            if lines and lines[0].startswith("event: "):
                return lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))
            if not message.get("more_body", False):
                return "end", {}


@asynccontextmanager
async def listening(endpoint):
    await endpoint.start()
    try:
        yield endpoint
    finally:
        await endpoint.stop()


@asynccontextmanager
async def screen(endpoint, session_key, topics, *, age_ms=0):
    shown = Screen()
    scope = {
        "type": "http",
        "path": "/live",
        "query_string": f"topics={topics}&age={age_ms}".encode(),
        "headers": [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={session_key}".encode())],
    }
    running = asyncio.create_task(endpoint(scope, shown.receive, shown.send))
    try:
        yield shown
    finally:
        shown.gone.set()
        await asyncio.wait_for(running, PATIENCE)


def signed_in(member):
    member.user.set_password(PASSWORD)
    member.user.save()
    client = Client()
    client.force_login(member.user, "allauth.account.auth_backends.AuthenticationBackend")
    return client.session.session_key


async def elsewhere(function, *args, **kwargs):
    """Run what talks to the database in a thread that leaves no connection behind."""

    def run():
        try:
            return function(*args, **kwargs)
        finally:
            connection.close()

    return await sync_to_async(run, thread_sensitive=False)()


async def publish(*args, **kwargs):
    await elsewhere(live.publish, *args, **kwargs)


@asynccontextmanager
async def listened_to(endpoint, session_key, topics):
    """A screen that is open before the endpoint begins to listen, and knows that it does."""
    async with screen(endpoint, session_key, topics) as shown:
        assert await shown.status() == 200
        async with listening(endpoint):
            await until_listening(shown)
            yield shown


async def until_listening(shown):
    """The first thing a screen hears is that it should look anew, once the endpoint listens."""
    assert await shown.event() == ("resync", {})


def test_a_notice_reaches_the_screens_of_its_topic_only():
    member = MembershipFactory(role=Role.AGENT)
    case, other = CaseFactory(workspace=member.workspace), CaseFactory(workspace=member.workspace)
    key = signed_in(member)

    async def run():
        endpoint = LiveEvents()
        async with screen(endpoint, key, f"case:{case.pk}") as shown:
            assert await shown.status() == 200
            async with listening(endpoint):
                await until_listening(shown)
                await publish(f"case:{other.pk}", "case-changed", case=other.pk)
                await publish(f"case:{case.pk}", "case-changed", case=case.pk)
                assert await shown.event() == ("case-changed", {"topic": f"case:{case.pk}", "case": case.pk})

    asyncio.run(run())


@pytest.mark.parametrize("why", ["nobody", "another workspace", "too many", "nonsense", "inactive"])
def test_who_may_not_listen_gets_404(why):
    member = MembershipFactory(role=Role.AGENT)
    key, topics = signed_in(member), f"workspace:{member.workspace_id}"
    if why == "nobody":
        key = "no-such-session"
    elif why == "another workspace":
        topics = f"{topics},workspace:{MembershipFactory().workspace_id}"
    elif why == "too many":
        topics = ",".join([f"user:{member.user_id}"] * 1 + [f"{topics}{n}" for n in range(9)])
    elif why == "nonsense":
        topics = "<script>"
    else:
        UserFactory._meta.model.objects.filter(pk=member.user_id).update(is_active=False)

    async def run():
        async with screen(LiveEvents(), key, topics) as shown:
            assert await shown.status() == 404

    asyncio.run(run())


def test_a_right_that_was_taken_away_ends_the_stream_before_the_next_notice():
    member = MembershipFactory(role=Role.AGENT)
    key = signed_in(member)
    topic = f"workspace:{member.workspace_id}"

    async def run():
        endpoint = LiveEvents()
        async with screen(endpoint, key, topic) as shown:
            assert await shown.status() == 200
            async with listening(endpoint):
                await until_listening(shown)
                await elsewhere(type(member).objects.filter(pk=member.pk).update, is_active=False)
                await publish(topic, "cases-changed", case=1)
                assert await shown.event() == ("end", {})

    asyncio.run(run())


@contextmanager
def network(monkeypatch):
    """A network of the test's own between the endpoint and the database."""
    known = connection.get_connection_params()
    with Proxy(known["host"], int(known["port"])) as proxy:
        monkeypatch.setitem(connection.settings_dict, "PORT", str(proxy.port))
        connection.close()
        yield proxy
        proxy.mend()
        connection.close()


@pytest.mark.parametrize("is_silent", [False, True], ids=["cut", "silent"])
def test_screens_fetch_anew_once_the_network_to_the_database_is_mended(is_silent, monkeypatch):
    member = MembershipFactory(role=Role.AGENT)
    case = CaseFactory(workspace=member.workspace)
    key, topic = signed_in(member), f"case:{case.pk}"

    async def run(proxy):
        async with listened_to(LiveEvents(), key, topic) as shown:
            if is_silent:
                proxy.silence()
            else:
                proxy.cut()
            await asyncio.sleep(0.2)
            proxy.mend()
            assert await shown.event() == ("resync", {})
            await publish(topic, "case-changed", case=case.pk)
            assert (await shown.event())[0] == "case-changed"

    with network(monkeypatch) as proxy:
        asyncio.run(run(proxy))


def test_listening_outlives_a_database_that_goes_away_amid_a_notice(monkeypatch):
    """The stream whose rights nobody can look up ends; the page comes back, and is heard."""
    member = MembershipFactory(role=Role.AGENT)
    case = CaseFactory(workspace=member.workspace)
    key, topic = signed_in(member), f"case:{case.pk}"
    endpoint = LiveEvents()

    def gone(*_):
        raise OperationalError

    async def run():
        async with listened_to(endpoint, key, topic) as shown:
            with monkeypatch.context() as patched:
                patched.setattr("luister.config.live.may_listen", gone)
                await publish(topic, "case-changed", case=case.pk)
                assert (await shown.event())[0] == "end"
                async with screen(endpoint, key, topic) as early:
                    assert await early.status() == 503
            async with screen(endpoint, key, topic) as again:
                assert await again.status() == 200
                await publish(topic, "case-changed", case=case.pk)
                assert (await again.event())[0] == "case-changed"

    asyncio.run(run())


def test_a_screen_whose_rights_take_long_to_look_up_holds_no_other_up(monkeypatch):
    slow = MembershipFactory(role=Role.AGENT)
    quick = MembershipFactory(role=Role.AGENT, workspace=slow.workspace)
    topic, found = f"workspace:{slow.workspace_id}", threading.Event()

    def look_up(user, asked):
        return user.pk != slow.user_id or found.wait(PATIENCE)

    async def run():
        endpoint = LiveEvents()
        async with (
            screen(endpoint, signed_in_as[slow], topic),
            listened_to(endpoint, signed_in_as[quick], topic) as shown,
        ):
            monkeypatch.setattr("luister.config.live.may_listen", look_up)
            for number in range(2):
                await publish(topic, "cases-changed", case=number)
                assert (await shown.event())[1]["case"] == number
            assert not found.is_set()
            found.set()

    signed_in_as = {member: signed_in(member) for member in (slow, quick)}
    asyncio.run(run())


def test_a_page_that_was_on_its_way_is_told_what_it_missed():
    member = MembershipFactory(role=Role.AGENT)
    key = signed_in(member)
    topic, other = f"workspace:{member.workspace_id}", f"workspace:{MembershipFactory().workspace_id}"

    async def run():
        endpoint = LiveEvents()
        async with listened_to(endpoint, key, topic) as first:
            began = asyncio.get_running_loop().time()
            await publish(topic, "cases-changed", case=1)
            await publish(other, "cases-changed", case=2)
            await publish(topic, "cases-changed", case=3)
            assert [(await first.event())[1]["case"] for _ in range(2)] == [1, 3]
            age_ms = int((asyncio.get_running_loop().time() - began) * 1000)
            async with screen(endpoint, key, topic, age_ms=age_ms) as late:
                assert await late.status() == 200
                assert [(await late.event())[1]["case"] for _ in range(2)] == [1, 3]
            async with screen(endpoint, key, topic) as fresh:  # drawn after all that
                assert await fresh.status() == 200
                await publish(topic, "cases-changed", case=4)
                assert (await fresh.event())[1]["case"] == 4

    asyncio.run(run())


@pytest.mark.parametrize("why", ["older than the endpoint", "older than what is kept", "too much", "no number"])
def test_a_page_that_may_have_missed_more_than_is_known_fetches_anew(why, monkeypatch):
    member = MembershipFactory(role=Role.AGENT)
    key, topic = signed_in(member), f"workspace:{member.workspace_id}"
    ages = {"older than the endpoint": 3_600_000, "older than what is kept": 2_000, "too much": 50_000}
    monkeypatch.setattr("luister.config.live.KEPT_SECONDS", 1.0 if why == "older than what is kept" else 10_000.0)

    async def run():
        endpoint = LiveEvents()
        async with listened_to(endpoint, key, topic) as first:
            if why == "too much":
                monkeypatch.setattr(endpoint, "_heard_since", 0.0)
                for number in range(21):
                    await publish(topic, "sending-changed", channel=number)
                for _ in range(21):
                    await first.event()
            async with screen(endpoint, key, topic, age_ms=ages.get(why, "²")) as late:
                assert await late.status() == 200
                if why == "no number":
                    await publish(topic, "cases-changed", case=1)
                    assert (await late.event())[0] == "cases-changed"
                else:
                    assert await late.event() == ("resync", {})

    asyncio.run(run())


def test_a_list_that_changes_all_the_time_is_told_of_now_and_then(monkeypatch):
    member = MembershipFactory(role=Role.AGENT)
    key, topic = signed_in(member), f"workspace:{member.workspace_id}"
    monkeypatch.setattr("luister.config.live.THEN_EVERY", 0.3)

    async def run():
        async with listened_to(LiveEvents(), key, topic) as shown:
            for number in range(40):
                await publish(topic, "cases-changed", case=number)
            await publish(topic, "sending-changed", channel=1)
            heard = []
            while ("sending-changed", 1) not in heard or ("cases-changed", 39) not in heard:
                name, data = await shown.event()
                heard.append((name, data.get("case", data.get("channel"))))
            return heard

    heard = asyncio.run(run())

    lists = [number for name, number in heard if name == "cases-changed"]
    assert lists[:AT_ONCE] == list(range(AT_ONCE))
    assert AT_ONCE < len(lists) < 40
    assert lists == sorted(lists)


def test_what_had_to_wait_is_not_told_to_whom_may_not_hear_it_any_more(monkeypatch):
    member = MembershipFactory(role=Role.AGENT)
    key, topic = signed_in(member), f"workspace:{member.workspace_id}"
    monkeypatch.setattr("luister.config.live.RECHECK_SECONDS", 0.1)
    monkeypatch.setattr("luister.config.live.THEN_EVERY", 2.0)

    async def run():
        async with listened_to(LiveEvents(), key, topic) as shown:
            for number in range(AT_ONCE + 1):
                await publish(topic, "cases-changed", case=number)
            for _ in range(AT_ONCE):
                assert (await shown.event())[0] == "cases-changed"
            await elsewhere(type(member).objects.filter(pk=member.pk).update, is_active=False)
            assert await shown.event() == ("end", {})

    asyncio.run(run())


def test_stopping_the_server_ends_open_streams():
    member = MembershipFactory(role=Role.AGENT)
    key = signed_in(member)

    async def run():
        endpoint = LiveEvents()
        async with screen(endpoint, key, f"user:{member.user_id}") as shown:
            assert await shown.status() == 200
            async with listening(endpoint):
                await until_listening(shown)
            assert await shown.event() == ("end", {})

    asyncio.run(run())


def test_a_server_that_stops_sends_screens_away_and_does_not_keep_those_that_come_back():
    member = MembershipFactory(role=Role.AGENT)
    key, topic = signed_in(member), f"user:{member.user_id}"

    async def run():
        endpoint = LiveEvents()
        async with listened_to(endpoint, key, topic) as shown:
            endpoint.send_away()
            assert await shown.event() == ("end", {})
            async with screen(endpoint, key, topic) as again:
                assert await again.status() == 200
                assert await again.event() == ("end", {})

    asyncio.run(run())


def test_a_notice_of_a_rolled_back_change_is_never_heard():
    member = MembershipFactory(role=Role.AGENT)
    key, topic = signed_in(member), f"user:{member.user_id}"

    def publish_and_roll_back():
        with transaction.atomic():
            live.publish(topic, "notice", case=1)
            transaction.set_rollback(True)

    async def run():
        endpoint = LiveEvents()
        async with screen(endpoint, key, topic) as shown:
            assert await shown.status() == 200
            async with listening(endpoint):
                await until_listening(shown)
                await elsewhere(publish_and_roll_back)
                await publish(topic, "notice", case=2)
                assert (await shown.event())[1]["case"] == 2

    asyncio.run(run())


def test_a_name_that_is_not_on_the_list_is_refused():
    with pytest.raises(ValueError, match="made-up"):
        live.publish("user:1", "made-up")

"""Live events of two workspaces, to open screens of everyone: each hears what the table names, and ids alone."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from django.conf import settings

from luister.config.live import LiveEvents
from luister.events import live
from tests import access_world
from tests.access_world import EVERYONE
from tests.config.test_live import elsewhere, listening, screen, until_listening
from tests.test_access_matrix import NOBODIES, TOPIC_OBJECTS, hears

pytestmark = pytest.mark.django_db(transaction=True)


def test_everyone_hears_of_what_the_table_names_and_is_refused_the_rest():
    world = access_world.build()
    topics = {
        f"{topic}:{number}": (topic, kind)
        for topic, find in TOPIC_OBJECTS.items()
        for kind, number in find(world).items()
    }

    def session_key(person):
        cookie = world.browser(person).cookies.get(settings.SESSION_COOKIE_NAME)
        return cookie.value if cookie else ""

    async def run():
        endpoint, open_screens = LiveEvents(), []
        async with AsyncExitStack() as stack:
            for person in EVERYONE:
                for name, (topic, kind) in topics.items():
                    shown = await stack.enter_async_context(screen(endpoint, session_key(person), name))
                    may = person not in NOBODIES and hears(person, topic, kind)
                    assert await shown.status() == (200 if may else 404), f"{person}: {topic} of {kind}"
                    if may:
                        open_screens.append((name, shown))
            await stack.enter_async_context(listening(endpoint))
            for _, shown in open_screens:
                await until_listening(shown)
            # Twice, so that anything that does not belong there would come in between.
            for number in (1, 2):
                await elsewhere(live.publish_all, [(name, "notice", {"case": number}) for name in topics])
            for name, shown in open_screens:
                heard = [await shown.event(), await shown.event()]
                assert heard == [("notice", {"topic": name, "case": number}) for number in (1, 2)]
            assert len(open_screens) > 40

    asyncio.run(run())


@pytest.mark.parametrize("ids", [{"text": "koffer"}, {"case": "7"}, {"case": None}, {"post": [1]}])
def test_notice_that_carries_more_than_ids_is_refused(ids):
    with pytest.raises(ValueError, match="cases-changed"):
        live.publish("workspace:1", "cases-changed", **ids)

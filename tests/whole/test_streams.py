"""Streams in a browser: accessible in every state, at every width, by keyboard."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from luister.base.clock import utc_now
from tests.factories import ChannelFactory, MatcherReportFactory, PostFactory
from tests.raw_server import closed_port
from tests.whole.looks import assert_well, listened_to
from tests.whole.product import screen_of

pytestmark = pytest.mark.browser


def new_stream(member, name, **fields):
    host = f"{'lang' * 12}.example"
    return ChannelFactory(
        workspace=member.workspace, kind="stream", name=name, handle=f"{host}:4222/{name}",
        settings={"address": f"nats://{host}:4222/{name}", "user": "pim"}, **fields,
    )  # fmt: skip


def test_screens_of_streams_are_accessible_in_both_themes_at_every_width(product, pim, browser):
    address, now = product.start_web(), utc_now()
    unread = new_stream(pim, "POSTS")
    read = new_stream(pim, "VUURSLANG" * 5, last_read_at=now + timedelta(minutes=10))
    paused = new_stream(pim, "PAUZE", state="paused")
    for number in range(3):
        MatcherReportFactory(
            stream=read.handle, host=f"matcher-{'lang' * 8}-{number}.example", seen_at=now + timedelta(minutes=10),
            lag=123_456_789, in_hand=1000, rate=12345.6, matched_rate=12.3, redeliveries=12, dead_letters=3,
            queries=10_000, last_error="The database is away; trying again." * 3, last_error_at=now,
        )  # fmt: skip
    PostFactory(workspace=pim.workspace, channel=read, text="Tekst " + "lang" * 60, url="https://x.example/1")
    base = f"/w/{pim.workspace.slug}"
    screens = {
        "list": f"{base}/sources/",
        "add": f"{base}/streams/add/",
        "unread": f"{base}/streams/{unread.pk}/",
        "read": f"{base}/streams/{read.pk}/",
        "paused": f"{base}/streams/{paused.pk}/",
        "change": f"{base}/streams/{read.pk}/change/",
    }
    assert_well(screens, member=pim, address=address, browser=browser)


def test_stream_is_added_by_keyboard_and_its_matcher_appears_by_itself(product, pim, browser):
    address = product.start_web()
    with closed_port() as port, screen_of(pim, address=address, browser=browser) as context:
        page = context.new_page()
        complaints = listened_to(page)
        page.goto(f"{address}/w/{pim.workspace.slug}/sources/")
        page.get_by_role("link", name="Stream toevoegen").click()
        page.get_by_label("Adres van de stream").fill("nats://127.0.0.1/geen naam")
        page.get_by_label("Adres van de stream").press("Enter")
        expect(page.locator(".field-error").first).to_contain_text("kan geen naam van een stream zijn")
        page.get_by_label("Adres van de stream").fill(f"nats://127.0.0.1:{port}/POSTS")
        page.get_by_label("Naam", exact=True).fill("Vuurslang")
        page.get_by_label("Naam", exact=True).press("Enter")
        expect(page.get_by_role("heading", name="Vuurslang")).to_be_visible()
        expect(page.get_by_text("Er draait geen matcher")).to_be_visible()
        command = f"luister match --from nats://127.0.0.1:{port}/POSTS --to database"
        expect(page.get_by_label("Op elke machine")).to_have_value(command)
        page.evaluate("window.isTheSamePage = true")
        MatcherReportFactory(
            stream=f"127.0.0.1:{port}/POSTS", host="een.example", seen_at=utc_now() + timedelta(minutes=1)
        )
        expect(page.get_by_role("row", name="een.example")).to_be_visible()
        assert page.evaluate("window.isTheSamePage")

    assert [text for text in complaints if "422" not in text] == []  # of the address without a stream

"""Sources in a browser: accessible in every state, at every width."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from luister.base.clock import utc_now
from luister.channels.enums import ChannelState
from luister.delivery.models import Reading
from tests.connectors.feed.feeds import item, rss
from tests.factories import ChannelFactory, PostFactory
from tests.site import running_site
from tests.whole.looks import SIZES, assert_well, faults, listened_to
from tests.whole.product import screen_of

pytestmark = pytest.mark.browser

LONG = "Nieuwsblad" + "voorwaterland" * 5


def new_source(member, *, name, state=ChannelState.ACTIVE, **reading):
    now = utc_now()
    source = ChannelFactory(
        workspace=member.workspace, kind="feed", network="news", name=name, state=state, last_read_at=now,
        settings={"address": f"https://nieuws.example/{'lang' * 20}/feed?sleutel=geheim"},
    )  # fmt: skip
    known = {"host": "nieuws.example", "next_read_at": now + timedelta(minutes=5), "newest_at": now}
    Reading.objects.create(channel=source, **known | reading)
    return source


def test_screens_of_sources_are_accessible_in_both_themes_at_every_width(product, pim, browser):
    address = product.start_web()
    now = utc_now()
    working = new_source(pim, name=LONG, usual_gap_seconds=3600)
    failing = new_source(
        pim, name="Blog", failures=3, failing_since=now, reason_code="feed.no_feed",
        reason_values={"host": "nieuws.example", "candidates": f"https://nieuws.example/{'lang' * 20}"},
    )  # fmt: skip
    new_source(pim, name="Stil", usual_gap_seconds=3600, newest_at=now - timedelta(days=30))
    new_source(pim, name="Gepauzeerd", state=ChannelState.PAUSED, next_read_at=None)
    new_source(
        pim, name="Weg", state=ChannelState.ATTENTION, failures=9, failing_since=now, reason_code="feed.gone",
        reason_values={"host": "nieuws.example"}, notices=[{"code": "feed.cut", "values": {"size": "5"}}],
    )  # fmt: skip
    for _ in range(2):
        PostFactory(
            workspace=pim.workspace, channel=working, subject="Kop " + "lang" * 40, text="Tekst " + "lang" * 60,
            url="https://nieuws.example/1", posted_at=now, received_at=now, edited_at=now,
        )  # fmt: skip
    base = f"/w/{pim.workspace.slug}/sources"
    screens = {
        "list": f"{base}/",
        "one": f"{base}/{working.pk}/",
        "failing": f"{base}/{failing.pk}/",
        "add": f"{base}/add/",
    }
    assert_well(screens, member=pim, address=address, browser=browser)


def test_steps_of_adding_a_source_are_accessible_at_every_width(product, pim, browser):
    address = product.start_web()
    found: list[str] = []

    def look(where):
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            found.extend(faults(page, f"{where} {width}"))

    feed = rss(item(title="Kop " + "lang" * 40), item(2, at=None))
    with running_site(feed) as site, screen_of(pim, address=address, browser=browser) as context:
        page = context.new_page()
        complaints = listened_to(page)
        page.goto(f"{address}/w/{pim.workspace.slug}/sources/")
        look("none yet")
        page.get_by_role("link", name="Bron toevoegen").click()
        page.get_by_label("Adres van een pagina of feed").fill(f"{site.address}/{'weg' * 60}")
        page.get_by_role("button", name="Zoeken").click()
        expect(page.locator(".field-error")).to_contain_text("404")
        look("mistake")
        page.get_by_label("Adres van een pagina of feed").fill(site.address)
        page.get_by_role("button", name="Zoeken").click()
        expect(page.locator(".source-candidates")).to_contain_text("/feed")
        look("a page")
        page.get_by_role("button", name=f"{site.address}/feed").click()
        expect(page.locator(".source-posts")).to_contain_text("Kop lang")
        look("a feed")
        page.get_by_role("button", name="Toevoegen").click()
        expect(page.get_by_role("heading", name="Luchtvaartnieuws")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("data-live-state", "on")  # its scripts are there
        page.get_by_role("button", name="Verwijderen").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        look("remove")

    assert not found, "\n".join(found)
    assert [text for text in complaints if "422" not in text] == []  # of the address with nothing

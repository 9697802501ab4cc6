"""Monitors in a browser: written with a mistake, mended by the message, and what they find becomes a case."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import RequestFactory
from playwright.sync_api import expect

from luister.base.clock import utc_now
from luister.base.posts import Author, InboundPost, Kind
from luister.inbox.models import Case
from luister.listening.models import LookBack, Mention, Monitor
from luister.posts.actions import record
from luister.queue import enqueue
from luister.ui.views import database_away
from tests.connectors.feed.feeds import item, rss
from tests.factories import ChannelFactory, MentionFactory, PostFactory
from tests.site import running_site
from tests.whole.looks import assert_well, listened_to
from tests.whole.product import screen_of, until

pytestmark = pytest.mark.browser

ARTICLE = InboundPost(
    external_id="artikel-1",
    kind=Kind.ARTICLE,
    public=True,
    author=Author("nieuwsblad", "Nieuwsblad"),
    subject="Chaos op het station",
    text="Reizigers wachten uren op hun koffers.",
    url="https://nieuwsblad.example/1",
    posted_at=utc_now(),
    addressed=False,
)


@pytest.fixture
def news(pim):
    return ChannelFactory(workspace=pim.workspace, kind="feed", network="news", name="Nieuwsblad")


def arrive(inbound, *, channel):
    """Store a post as a source brings it, for the worker to find out what it is."""
    now = utc_now()
    with transaction.atomic():
        post, _ = record(replace(inbound, posted_at=now), channel=channel, now=now)
        enqueue("pipeline.run", post_id=post.pk)
    return post


def test_a_monitor_is_mended_by_the_message_alone_and_a_feeds_item_becomes_a_case_with_one_key(product, pim, browser):
    address = product.start_web()
    product.start_worker()
    base = f"{address}/w/{pim.workspace.slug}"
    earlier = item(1, title="Mijn koffer is weg", text="Schrijft een lezer.", at=utc_now() - timedelta(hours=2))
    with running_site(rss(earlier)) as site, screen_of(pim, address=address, browser=browser) as context:
        page, other = context.new_page(), context.new_page()
        complaints = listened_to(page, other)

        # A page's address is enough to find its feed; what it holds already comes in by itself.
        other.goto(f"{base}/sources/")
        other.get_by_role("link", name="Bron toevoegen").click()
        other.get_by_label("Adres van een pagina of feed").fill(site.address)
        other.get_by_role("button", name="Zoeken").click()
        other.get_by_role("button", name=f"{site.address}/feed").click()
        expect(other.locator(".source-posts")).to_contain_text("Mijn koffer is weg")
        other.get_by_label("Wat het is").select_option("news")
        other.get_by_role("button", name="Toevoegen").click()
        expect(other.locator("#source .badge").first).to_contain_text("Werkt")
        expect(other.locator("#source .source-posts")).to_contain_text("Mijn koffer is weg")

        # A field that does not exist: the message names the one that does.
        page.goto(f"{base}/monitors/")
        page.get_by_role("link", name="Nieuwe monitor").click()
        page.get_by_label("Naam").fill("Koffers")
        page.locator("#id_query").fill("trein")
        expect(page.locator(".preview-says")).to_contain_text("trein")
        page.locator("#id_query").fill("koffer* langg:nl OR koffers")
        page.get_by_label("Naam").focus()
        expect(page.locator("#id_query-mistake")).to_contain_text("lang")
        expect(page.locator(".query-mirror mark")).to_have_text("langg")
        expect(page.locator(".preview")).not_to_contain_text("trein")
        page.locator("#id_query").fill("koffer* OR koffers")
        expect(page.locator("#id_query-mistake")).to_have_text("")
        expect(page.locator(".preview")).to_contain_text("zou dit 1 bericht hebben gevonden")
        expect(page.locator(".preview-examples mark")).to_have_text("koffer")
        page.get_by_role("button", name="Begin met luisteren").click()

        # What was stored before is found by looking back.
        expect(page.locator(".mention")).to_have_count(1)
        until(lambda: LookBack.objects.get().state == "done", "looking back is over")
        assert Mention.objects.get().post.subject == "Mijn koffer is weg"

        # What appears in the feed appears here, once it is read again.
        page.mouse.move(1270, 790)
        expect(page.locator("html")).to_have_attribute("data-live-state", "on")
        chaos = item(2, title=ARTICLE.subject, text=ARTICLE.text, at=utc_now())
        site.serve(rss(chaos, earlier))
        other.get_by_role("button", name="Nu lezen").click()
        expect(page.locator(".mention").first).to_contain_text("Chaos op het station")
        expect(page.locator(".mention mark").first).to_have_text("koffers")
        expect(other.locator("#source .source-posts")).to_contain_text("Chaos op het station")

        # One key makes a case of it, and another one takes that back.
        page.keyboard.press("j")
        expect(page.locator(".mention-open").first).to_be_focused()
        page.keyboard.press("c")
        expect(page.locator(".toast")).to_contain_text("is van jou")
        case = until(lambda: Case.objects.filter(origin="proactive", assignee=pim.user).first(), "there is a case")
        expect(page.locator(".mention").first).to_contain_text(f"Zaak #{case.number}")
        expect(page.locator(".mention-open").first).to_be_focused()
        page.keyboard.press("z")
        until(lambda: not Case.objects.exists(), "the case is taken back")
        page.reload()
        page.keyboard.press("j")
        page.keyboard.press("c")
        case = until(lambda: Case.objects.first(), "there is a case again")

        # The case says which monitor found it.
        page.goto(f"{base}/cases/{case.number}/")
        expect(page.locator("#card")).to_contain_text("Gevonden door")
        expect(page.locator("#card")).to_contain_text("Koffers")
        expect(page.locator("#thread")).to_contain_text("Reizigers wachten uren")

    assert Mention.objects.get(post__subject="Chaos op het station").state == "case"
    assert complaints == []


def test_what_comes_in_waits_behind_a_bar_while_the_stream_is_read(product, pim, news, browser):
    address = product.start_web()
    product.start_worker()
    monitor = Monitor.objects.create(
        workspace=pim.workspace, name="Koffers", query="koffer*", owner=pim.user, created_at=utc_now(),
        changed_at=utc_now(),
    )  # fmt: skip
    first = PostFactory(
        workspace=pim.workspace, channel=news, text="koffer", posted_at=utc_now(), received_at=utc_now()
    )
    MentionFactory(workspace=pim.workspace, monitor=monitor, post=first)
    with screen_of(pim, address=address, browser=browser) as context:
        page = context.new_page()
        page.goto(f"{address}/w/{pim.workspace.slug}/monitors/{monitor.pk}/")
        page.keyboard.press("j")
        expect(page.locator("html")).to_have_attribute("data-live-state", "on")

        arrive(ARTICLE, channel=news)

        expect(page.locator("#stream-news")).to_contain_text("1 nieuwe vermelding")
        expect(page.locator(".mention")).to_have_count(1)
        page.locator("#stream-news button").click()
        expect(page.locator(".mention")).to_have_count(2)
        expect(page.locator("#stream-news")).to_be_hidden()

        # A screen whose stream the server turns away comes back by itself, and hears what it missed meanwhile.
        turned_away = [503, 503]
        page.route(
            "**/live?*",
            lambda route: route.fulfill(status=turned_away.pop()) if turned_away else route.continue_(),
        )
        page.reload()
        page.keyboard.press("j")
        arrive(replace(ARTICLE, external_id="artikel-2"), channel=news)
        expect(page.locator("#stream-news")).to_contain_text("1 nieuwe vermelding")
        assert turned_away == []

        # A page that says that the database is away comes back by itself.
        away = [database_away(RequestFactory().get("/")).content.decode()]
        page.route(
            page.url,
            lambda route: (
                route.fulfill(status=503, content_type="text/html", body=away.pop()) if away else route.continue_()
            ),
        )
        page.reload()
        expect(page.locator(".mention")).to_have_count(3)
        assert away == []


def test_screens_of_monitors_are_accessible_in_both_themes_at_every_width(product, pim, news, browser):
    address = product.start_web()
    monitor = Monitor.objects.create(
        workspace=pim.workspace, name="Koffers" + " en tassen" * 7, query="koffer*", owner=pim.user,
        created_at=utc_now(), changed_at=utc_now(),
    )  # fmt: skip
    for state in ("new", "dismissed"):
        at = utc_now()
        post = PostFactory(
            workspace=pim.workspace, channel=news, text="koffer " + "lang" * 60, subject="Kop",
            url="https://nieuwsblad.example/1", posted_at=at, received_at=at,
        )  # fmt: skip
        mention = MentionFactory(workspace=pim.workspace, monitor=monitor, post=post, state=state, handled_by=pim.user)
    base = f"/w/{pim.workspace.slug}"
    screens = {
        "list": f"{base}/monitors/",
        "form": f"{base}/monitors/{monitor.pk}/change/",
        "examples": f"{base}/monitors/new/",
        "stream": f"{base}/monitors/{monitor.pk}/",
        "nothing fits": f"{base}/monitors/{monitor.pk}/?state=case",
        "all": f"{base}/mentions/",
        "mention": f"{base}/mentions/{mention.pk}/",
        "delete": f"{base}/monitors/{monitor.pk}/delete/",
    }
    assert_well(screens, member=pim, address=address, browser=browser)

"""Topics in a browser: one is given by keyboard, taken off and given back; and the page tells what people corrected."""

import pytest
from playwright.sync_api import expect

from luister.accounts.enums import Role
from luister.inbox.models import Case
from luister.posts.models import PostTopic
from tests.factories import PASSWORD, ChannelFactory, MembershipFactory, TopicFactory, UserFactory
from tests.whole.looks import SIZES, faults, listened_to
from tests.whole.product import come_in, screen_of, until

pytestmark = pytest.mark.browser

# A live event draws the row anew while the next form's answer is under way; a question of the page's own is no form's.
DRAWN_ANEW = """id => {
    const drawAnew = ({ detail }) => {
        if (detail.requestConfig.verb !== "post") return;
        document.removeEventListener("htmx:beforeSend", drawAnew);
        const row = document.getElementById(id), anew = row.cloneNode(true);
        row.replaceWith(anew);
        htmx.process(anew);
    };
    document.addEventListener("htmx:beforeSend", drawAnew);
}"""


@pytest.fixture
def lea(transactional_db):
    user = UserFactory(name="Lea Dijk", password=PASSWORD)
    return MembershipFactory(role=Role.LEAD, user=user, workspace__name="Luchthaven Waterland")


def test_a_topic_is_given_and_taken_off_by_keyboard_and_the_page_tells(product, lea, browser):
    address = product.start_web()
    product.start_worker()
    channel = ChannelFactory(workspace=lea.workspace, handle="luchthaven")
    TopicFactory(workspace=lea.workspace, name="Bagage", query="koffer*")
    TopicFactory(workspace=lea.workspace, name="Parkeren")
    with screen_of(lea, address=address, browser=browser) as context:
        page = context.new_page()
        complaints = listened_to(page)
        post = come_in("Mijn koffer is kapot. Waardeloos, wat een slechte service!", channel=channel)
        case = until(Case.objects.first, "the post is in a case")
        page.goto(f"{address}/w/{lea.workspace.slug}/inbox/inbox/{case.number}/")
        row, panel = page.locator(f"#said-{post.pk}"), page.locator("#said-panel")
        give = page.locator(f"#said-{post.pk}-topics")

        # What the rule gave stands there.
        expect(row).to_contain_text("Bagage")

        # Choosing: the list grows shorter while one types, and the arrow goes into it.
        give.focus()
        page.keyboard.press("Enter")
        expect(panel.get_by_role("textbox")).to_be_focused()
        found = faults(page, "panel")
        page.keyboard.type("PARK")
        expect(panel.locator(".menu-item:visible")).to_have_text(["Parkeren"])
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(row).to_contain_text("Parkeren")
        expect(give).to_be_focused()
        expect(panel).to_be_hidden()

        # Typing a new one, and taking it back from the message.
        page.keyboard.press("Enter")
        expect(panel.get_by_role("textbox")).to_be_focused()
        page.keyboard.type("Service aan de balie")
        page.keyboard.press("Enter")
        expect(row).to_contain_text("Service aan de balie")
        page.keyboard.press("z")
        expect(row).not_to_contain_text("Service aan de balie")

        # Taking off what the rule gave, while the row is drawn anew: it stays off, and the focus in the row.
        page.evaluate(DRAWN_ANEW, f"said-{post.pk}")
        row.get_by_role("button", name="Thema Bagage eraf halen").press("Enter")
        expect(row).not_to_contain_text("Bagage")
        expect(give).to_be_focused()
        assert PostTopic.objects.get(topic__name="Bagage").is_removed

        # The page tells, and takes one of them back.
        page.goto(f"{address}/w/{lea.workspace.slug}/understanding/")
        expect(page.get_by_role("main")).to_contain_text("2 verbeteringen gelden.")
        page.get_by_role("button", name="Ongedaan maken Thema’s").last.click()
        expect(page.get_by_role("main")).to_contain_text("1 verbetering geldt.")
        for name in ("understanding", "topics", "topics/new"):
            page.goto(f"{address}/w/{lea.workspace.slug}/{name}/")
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                found += faults(page, f"{name} {width}")
        assert found == []
        assert complaints == []

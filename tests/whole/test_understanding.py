"""Understanding in a browser: a post comes in and says what it means; a person knows better, and changes their mind."""

import pytest
from playwright.sync_api import expect

from luister.accounts.enums import Role
from luister.inbox.models import Case
from luister.posts.models import Post
from luister.understanding.models import Correction
from tests.factories import PASSWORD, ChannelFactory, MembershipFactory, UserFactory
from tests.whole.looks import SIZES, faults, listened_to
from tests.whole.product import come_in, screen_of, until

pytestmark = pytest.mark.browser


@pytest.fixture
def pim(transactional_db):
    user = UserFactory(name="Pim de Vries", password=PASSWORD)
    return MembershipFactory(role=Role.AGENT, user=user, workspace__name="Luchthaven Waterland")


def test_a_post_says_what_it_means_and_is_corrected_and_put_right_by_keyboard(product, pim, browser):
    address = product.start_web()
    product.start_worker()
    channel = ChannelFactory(workspace=pim.workspace, handle="luchthaven")
    with screen_of(pim, address=address, browser=browser) as context:
        page = context.new_page()
        complaints = listened_to(page)
        post = come_in("Mijn koffer is kapot. Waardeloos, wat een slechte service!", channel=channel)
        case = until(Case.objects.first, "the post is in a case")
        page.goto(f"{address}/w/{pim.workspace.slug}/inbox/inbox/{case.number}/")

        # What was understood stands under the post; with the focus on it, the reasons.
        chip = page.locator(f"#said-{post.pk}-sentiment")
        panel = page.locator("#said-panel")
        expect(chip).to_be_visible()
        before = chip.inner_text()
        page.locator(f"#post-{post.pk}").focus()
        page.keyboard.press("Tab")
        expect(chip).to_be_focused()
        expect(panel).to_contain_text("Sentiment")
        expect(panel.get_by_role("button", name="Positief")).to_be_hidden()
        page.keyboard.press("Escape")
        expect(panel).to_be_hidden()

        # One key opens what can be said instead; what is chosen counts at once, here and in the archive.
        page.keyboard.press("Enter")
        expect(panel.get_by_role("button", name="Positief")).to_be_visible()
        found = faults(page, "panel")
        page.keyboard.press("ArrowDown")
        panel.get_by_role("button", name="Positief").focus()
        page.keyboard.press("Enter")
        expect(chip).to_contain_text("Positief")
        expect(chip).to_contain_text("verbeterd door jou")
        expect(chip).to_be_focused()
        expect(panel).to_be_hidden()
        assert Post.objects.get().sentiment == "positive"

        # The message takes it back.
        page.keyboard.press("z")
        expect(chip).to_have_text(before)
        assert not Correction.objects.filter(undone_at=None).exists()

        # Several kinds hold at once: the list stays open until one is done.
        page.locator(f"#said-{post.pk}-more").click()
        panel.get_by_role("link", name="Soorten").click()
        panel.get_by_role("button", name="Verzoek").click()
        expect(panel.get_by_role("button", name="Verzoek")).to_have_attribute("aria-pressed", "true")
        panel.get_by_role("button", name="Idee").click()
        expect(page.locator(f"#said-{post.pk}-kinds-idea")).to_be_visible()
        page.keyboard.press("Escape")
        expect(panel).to_be_hidden()
        assert {"request", "idea"} <= set(Post.objects.get().says)

        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            found += faults(page, f"case {width}")
        assert found == []
        assert complaints == []

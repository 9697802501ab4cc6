"""Imports in a browser: a file is brought, understood, tried, imported and reported, and its cases are on the desk."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from luister.imports.enums import ImportState
from luister.imports.models import Import
from luister.inbox.models import Case
from luister.posts.models import Post
from tests.imports.helpers import choose, import_all, receive
from tests.whole.looks import assert_well, listened_to
from tests.whole.product import screen_of

pytestmark = pytest.mark.browser

# The last column has a name that nobody knows, and one row a date that is none.
DATES = {number: f"{number:02}-01-2026 10:00" for number in range(1, 25)} | {3: "gisteren"}
EXPORT = "id;datum;auteur;merk;verhaal\n" + "".join(
    f"{number};{date};klant{number};Stad;Koffer {number} is weg\n" for number, date in DATES.items()
)


def test_a_file_is_brought_tried_cancelled_imported_and_reported(product, pim, browser):
    address = product.start_web()
    base = f"{address}/w/{pim.workspace.slug}"
    with screen_of(pim, address=address, browser=browser) as context:
        page = context.new_page()
        complaints = listened_to(page)
        page.goto(f"{base}/settings/imports/")
        page.get_by_label("Bestand", exact=True).set_input_files(
            {"name": "export.csv", "mimeType": "text/csv", "buffer": EXPORT.encode("cp1252")}
        )
        page.get_by_role("button", name="Bekijken").click()

        # What it is, what its columns are, and its first twenty rows.
        expect(page.locator("main")).to_contain_text("CSV, gescheiden door puntkomma’s")
        expect(page.get_by_label("datum", exact=True)).to_have_value("published_at")
        expect(page.get_by_label("auteur", exact=True)).to_have_value("author")
        expect(page.get_by_label("verhaal", exact=True)).to_have_value("")
        expect(page.locator(".preview tbody tr")).to_have_count(20)

        # Without a text nothing can be imported; the sentence says what to do.
        page.get_by_role("button", name="Importeren").click()
        expect(page.get_by_role("alert")).to_contain_text("Geen kolom bevat de tekst. Kies welke dat is.")
        page.get_by_label("verhaal", exact=True).select_option("text")
        page.get_by_role("button", name="Opnieuw bekijken").click()
        expect(page.locator(".preview tbody tr[data-problem]")).to_have_count(1)
        expect(page.locator(".preview tbody tr").nth(2)).to_contain_text("“gisteren” in de kolom “datum”")
        expect(page.locator(".preview tbody tr").first).to_contain_text("klant1 2026-01-01 10:00")

        # A dry run waits for a worker, and can be called off until there is one.
        page.get_by_role("button", name="Proefrun").click()
        expect(page.get_by_role("progressbar")).to_be_visible()
        page.get_by_role("button", name="Annuleren").click()
        expect(page.locator("#import")).to_contain_text("Stopt na dit deel")
        product.start_worker()
        expect(page.get_by_role("button", name="Proefrun")).to_be_visible()

        # It stores nothing.
        page.get_by_role("button", name="Proefrun").click()
        said = page.get_by_role("main").get_by_role("status")
        expect(said).to_contain_text("Proefrun: 0 al aanwezig, 23 nieuw, 1 geweigerd")
        assert not Post.objects.exists()

        # Imported, while the page follows it.
        page.get_by_label("Wat niemand heeft beantwoord").select_option("yes")
        page.get_by_role("button", name="Importeren").click()
        expect(page.locator("#outcome")).to_contain_text("Klaar")
        expect(page.locator(".counts")).to_contain_text("Nieuwe zaken23")

        # Why a row was refused, on screen and in a file that can be mended and brought again.
        expect(page.locator(".as-is")).to_contain_text("Koffer 3 is weg")
        with page.expect_download() as download:
            page.get_by_role("link", name="Alles downloaden, met redenen").click()
        lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
        assert lines[0] == "Rij;Reden;id;datum;auteur;merk;verhaal"
        assert lines[1].startswith("4;“gisteren” in de kolom")
        assert len(lines) == 2

        # Its cases are on the desk.
        page.get_by_role("link", name="Naar de werkplek").click()
        expect(page.locator(".case-row").first).to_contain_text("klant24")
        page.goto(f"{base}/inbox/all/?q=author:klant7")
        page.locator(".case-row").click()
        expect(page.locator("#thread")).to_contain_text("Koffer 7 is weg")

    assert (Post.objects.count(), Case.objects.filter(state="open").count()) == (23, 23)
    assert [text for text in complaints if "422" not in text] == []  # of the refused choice


def test_screens_of_imports_are_accessible_in_both_themes_at_every_width(product, pim, browser):
    address = product.start_web()
    base = f"/w/{pim.workspace.slug}/settings/imports/"
    broken = EXPORT.replace("verhaal", "tekst") + "25;26-01-2026;klant25;Stad;te;veel;cellen\n"

    def one(**state):
        batch = receive(broken, workspace=pim.workspace, by=pim, name=f"export-{'lang' * 20}.csv")
        choose(batch)
        Import.objects.filter(pk=batch.pk).update(**state)
        return f"{base}{batch.pk}/"

    asking = import_all(broken, workspace=pim.workspace)
    assert asking.state == ImportState.ASKING
    screens = {
        "list": base,
        "choose": one(),
        "tried": one(tried={"present": 0, "new": 23, "refused": 2}),
        "storing": one(state="storing", rows_stored=10, parts=4, parts_done=1, phase_at=asking.created_at),
        "asking": f"{base}{asking.pk}/",
        "cancelled": one(state="cancelled", parts=4, parts_done=1),
        "failed": one(state="failed", reason_code="import.stumbled", reason_values={"error": "MemoryError"}),
        "done": f"{base}{import_all(EXPORT.replace('verhaal', 'tekst'), workspace=pim.workspace).pk}/",
    }
    assert_well(screens, member=pim, address=address, browser=browser)

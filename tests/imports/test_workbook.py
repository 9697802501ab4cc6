"""Excel workbooks: values only, dates as cells show them, and what is not read is told."""

import io
from datetime import datetime

import openpyxl
import pytest

from luister.imports.models import Import
from luister.imports.reading import UnreadableError, inspect, rows
from luister.posts.models import Post
from tests import factories as make
from tests.imports.helpers import import_all, written


def workbook(fill):
    book = openpyxl.Workbook()
    fill(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def posts(book):
    sheet = book.active
    sheet.title = "Berichten"
    sheet.append(["id", "datum", "auteur", "tekst", "rating"])
    sheet.append([1, datetime(2026, 1, 31, 15, 4), "anna", "Mooi", 4.5])  # noqa: DTZ001 - sheets know no zones
    sheet.append([2, 46053.5, "bram", "Serieel", None])
    sheet.append([])
    sheet.append([3, "31-01-2026 15:05", "cato", "=1+1", 3])
    sheet.merge_cells("C6:D6")
    hidden = book.create_sheet("Geheim")
    hidden.sheet_state = "hidden"
    hidden.append(["id"])
    other = book.create_sheet("Nog een")
    other.append(["x"])


def test_values_of_the_first_visible_sheet(tmp_path):
    path = written(tmp_path, workbook(posts))

    source = inspect(path)

    assert (source.sheet, source.columns) == ("Berichten", ("id", "datum", "auteur", "tekst", "rating"))
    assert {note.code: dict(note.values) for note in source.notes} == {
        "sheet.hidden": {"name": "Geheim"},
        "sheet.other": {"name": "Nog een"},
        "sheet.formulas": {"count": "1"},
        "sheet.merged": {"count": "1"},
    }
    found = {row.number: row.values for row in rows(path, source)}
    assert found[2]["datum"] == "2026-01-31T15:04:00"
    assert found[3]["datum"] == 46053.5
    assert found[5]["tekst"] == ""  # a formula that was never reckoned has no value


@pytest.mark.django_db
def test_workbook_is_imported_with_its_dates_in_the_chosen_zone():
    workspace = make.WorkspaceFactory()

    batch = import_all(workbook(posts), workspace=workspace, brand="Stad")

    assert (batch.rows_stored, batch.rows_refused) == (2, 1)  # the formula without a value has no text
    moments = dict(Post.objects.values_list("external_id", "posted_at"))
    assert moments["1"].isoformat() == "2026-01-31T14:04:00+00:00"
    assert moments["2"].isoformat() == "2026-01-31T11:00:00+00:00"
    assert Import.objects.get().source["format"] == "xlsx"


def test_sheet_without_rows(tmp_path):
    with pytest.raises(UnreadableError) as caught:
        inspect(written(tmp_path, workbook(lambda book: None)))

    assert caught.value.reason.code == "file.empty"

"""Names that senders give to files."""

import pytest

from luister.posts.files import MAX_NAME, clean_name, is_dangerous, path_of, store


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("foto.png", "foto.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\factuur.pdf", "factuur.pdf"),
        (".hta\u200bccess", ".htaccess"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("  twee  woorden .txt ", "twee woorden .txt"),
        ("een\r\nContent-Type: x", "eenContent-Type: x"),
        ("", "bestand"),
        ("\u200b", "bestand"),
        ("..", "bestand"),
    ],
)
def test_clean_name_shows_nothing_that_deceives(sent, shown):
    assert clean_name(sent) == shown


def test_clean_name_shortens_and_keeps_the_ending():
    name = clean_name("x" * 4000 + ".pdf")

    assert len(name) <= MAX_NAME
    assert name.endswith("….pdf")


@pytest.mark.parametrize("name", [".htaccess", "invoice.pdf.exe", "gpj.EXE", "macro.docm", "plaatje.svg", "page.html"])
def test_is_dangerous_knows_what_runs(name):
    assert is_dangerous(clean_name(name))


@pytest.mark.parametrize("name", ["foto.png", "brief.pdf", "exe", "tabel.xlsx"])
def test_is_dangerous_leaves_the_rest(name):
    assert not is_dangerous(name)


def test_store_uses_a_random_name_that_only_the_owner_reads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    path = path_of(store(b"inhoud"))

    assert path.read_bytes() == b"inhoud"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.is_relative_to(tmp_path)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "x" * 32])
def test_path_of_refuses_names_it_did_not_make(name):
    with pytest.raises(ValueError, match=r".*"):
        path_of(name)

"""What a file is, by its content; its rows, and those that are broken."""

import codecs
import gzip
import io
import json
import struct
import zipfile
from functools import cache

import pytest

from luister.imports.reading import Broken, Row, UnreadableError, inspect, rows
from luister.imports.reading.contract import MAX_UNPACKED_BYTES, Format
from luister.imports.sentences import SENTENCES, sentence
from tests.imports.helpers import written

DUTCH = "datum;tekst;naam\r\n31-01-2026;Eén café, één reünie;Zoë\n1-2-2026;€ 5;Björn\r\n"


def all_rows(path):
    return [row.values if isinstance(row, Row) else row for row in rows(path, inspect(path))]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "mark", "named"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", codecs.BOM_UTF8, "utf-8-sig"),
        ("cp1252", b"", "cp1252"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16"),
        ("utf-16-le", b"", "utf-16-le"),
    ],
)
def test_table_in_any_encoding_and_with_any_delimiter(tmp_path, delimiter, encoding, mark, named):
    text = DUTCH.replace(";", delimiter).replace("café,", '"café,"' if delimiter == "," else "café,")
    text = text.replace('Eén "café,"', '"Eén café,').replace("reünie,Zoë", 'reünie",Zoë')
    path = written(tmp_path, mark + text.encode(encoding))

    source = inspect(path)

    assert (source.format, source.delimiter, source.encoding) == (Format.CSV, delimiter, named)
    assert [list(row.values()) for row in all_rows(path)] == [
        ["31-01-2026", "Eén café, één reünie", "Zoë"],
        ["1-2-2026", "€ 5", "Björn"],
    ]


def test_name_and_packing_do_not_matter(tmp_path):
    path = written(tmp_path, gzip.compress(b'{"id": "1", "text": "hoi"}\n\n{"id": "2", "text": "dag"}\n'), "posts.xlsx")

    assert inspect(path).format == Format.JSONL
    assert [row.number for row in rows(path, inspect(path))] == [1, 3]


def test_quote_that_is_never_closed_breaks_its_own_row_alone(tmp_path):
    lines = [f'{number},"tekst {number}"' for number in range(2, 5000)]
    lines[3000] = '3002,"nooit gesloten'
    path = written(tmp_path, "id,tekst\n" + "\n".join(lines) + "\n")

    found = all_rows(path)

    broken = [row for row in found if isinstance(row, Broken)]
    assert [(row.number, row.reason.code, row.text) for row in broken] == [
        (3002, "row.quote_open", '3002,"nooit gesloten')
    ]
    assert len(found) == len(lines)


def test_quote_that_is_never_closed_in_the_last_row(tmp_path):
    path = written(tmp_path, 'id,tekst\n1,goed\n2,"open\n')

    assert [type(row) for row in all_rows(path)] == [dict, Broken]


def test_lines_within_a_cell_are_one_row(tmp_path):
    path = written(tmp_path, 'id,tekst\n1,"twee\r\nregels"\n2,een\n')

    assert [row["tekst"] for row in all_rows(path)] == ["twee\r\nregels", "een"]


def test_row_of_another_width_is_broken_unless_only_empty_cells_make_it_so(tmp_path):
    path = written(tmp_path, "a;b\n1;2\n1;2;;\n1\n1;2;3\n")

    found = all_rows(path)

    assert found[:2] == [{"a": "1", "b": "2"}] * 2
    assert [row.reason.values for row in found[2:]] == [
        {"count": "1", "expected": "2"},
        {"count": "3", "expected": "2"},
    ]


def test_columns_without_a_name_or_with_one_twice_are_named(tmp_path):
    source = inspect(written(tmp_path, "tekst;;Tekst\na;b;c\n"))

    assert source.columns == ("tekst", "#2", "Tekst #3")
    assert [note.code for note in source.notes] == ["column.unnamed", "column.twice"]


def test_line_that_is_no_object_is_broken(tmp_path):
    found = all_rows(written(tmp_path, '{"id": "1"}\nnee\n[1]\n{"id": "2"}\n'))

    assert [type(row) for row in found] == [dict, Broken, Broken, dict]


@cache
def bomb():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 40_000_000)
    return content.getvalue()


def large_archive():
    """Return an archive that says it holds a gigabyte, without the gigabyte."""
    content = bytearray(bomb())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 1 << 30)
    return bytes(content)


def other_archive():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("word/document.xml", b"<document/>")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "file.empty"),
        (b"id;tekst\n", "file.only_header"),
        (b"id;tekst\n\n\n", "file.only_header"),
        (";".join(f"k{number}" for number in range(5000)).encode() + b"\n1\n", "file.too_many_columns"),
        (b'"id;tekst\n1;2\n', "file.header_broken"),
        (bomb(), "file.bomb"),
        (large_archive(), "file.unpacks_too_large"),
        (other_archive(), "file.other_archive"),
        (b"PK\x03\x04 and no more", "file.damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "file.old_excel"),
        (b"%PDF-1.7\n", "file.pdf"),
        (b"\x89PNG\r\n\x1a\n", "file.picture"),
        (b"[{}]", "file.json_list"),
        (b"<html></html>", "file.markup"),
        (b"{\n", "file.no_objects"),
        (bytes(range(1, 32)) * 40, "file.not_text"),
        (gzip.compress(b"id;tekst\n1;2\n")[:-4] + struct.pack("<I", MAX_UNPACKED_BYTES + 1), "file.unpacks_too_large"),
        (gzip.compress(repr(list(range(999))).encode())[:-20] + b"\x00\x00\x00\x00", "file.damaged"),
        (gzip.compress(bomb()), "file.packed_twice"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_imported_says_why(tmp_path, content, code):
    with pytest.raises(UnreadableError) as caught:
        inspect(written(tmp_path, content, "posts.csv"))

    assert caught.value.reason.code == code
    assert "{" not in sentence(caught.value.reason)


def test_gzip_that_unpacks_to_too_much_stops_there(tmp_path, monkeypatch):
    monkeypatch.setattr("luister.imports.reading.text.MAX_UNPACKED_BYTES", 1_000_000)
    packed = gzip.compress(b"a;b\n" * 400_000)
    path = written(tmp_path, packed[:-4] + struct.pack("<I", 5))  # its size is a lie

    with pytest.raises(UnreadableError) as caught:
        inspect(path)

    assert caught.value.reason.code == "file.unpacks_too_large"


def test_file_that_is_too_large_is_not_opened(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(2 << 30)

    with pytest.raises(UnreadableError) as caught:
        inspect(path)

    assert caught.value.reason.code == "file.too_large"
    assert caught.value.reason.values == {"size": "2048", "limit": "200"}


@pytest.mark.parametrize("text", SENTENCES.values())
def test_sentences_end(text):
    assert str(text).endswith((".", "?", "}"))


def test_garbage_raises_nothing_else(tmp_path):
    codes = set()
    for number in range(60):
        content = bytes((number * 7 + at * at) % 256 for at in range(number * 20))
        path = written(tmp_path, content, f"garbage-{number}")
        try:
            source = inspect(path)
            json.dumps([str(row) for row in rows(path, source)])
        except UnreadableError as error:
            codes.add(error.reason.code)
    assert codes <= set(SENTENCES)

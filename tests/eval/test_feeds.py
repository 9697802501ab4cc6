"""The evaluation on feeds: which files it reads, and how it counts entries by another way."""

import io
import tarfile

import pytest

from eval.feeds import _entries_of, _files, run
from eval.figures import MissingDataError
from tests.connectors.feed.feeds import ATOM_COMMENTS, RDF, item, many, rss


def test_files_are_those_of_the_archives_and_those_beside_them(tmp_path):
    (tmp_path / "data" / "feeds").mkdir(parents=True)
    (tmp_path / "payloads" / "feeds").mkdir(parents=True)
    (tmp_path / "payloads" / "feeds" / "one.json").write_text("{}")
    (tmp_path / "payloads" / "feeds" / "README.md").write_text("")
    with tarfile.open(tmp_path / "data" / "feeds" / "real.tar.gz", "w:gz") as tar:
        for name in ("a/b.xml", "a/LICENCE"):
            member = tarfile.TarInfo(name)
            member.size = 6
            tar.addfile(member, io.BytesIO(b"<rss/>"))

    assert list(_files(tmp_path / "data")) == [("a/b.xml", b"<rss/>"), ("one.json", b"{}")]


def test_entries_are_counted_outside_comments_and_cdata():
    assert _entries_of(many(7).encode()) == 7
    assert _entries_of(rss(item(text="<![CDATA[<item>]]>"), "<!-- <item> -->").encode()) == 1
    assert _entries_of(ATOM_COMMENTS.encode()) == _entries_of(RDF.encode()) == 1
    assert _entries_of(b'{"items": [{}, {}]}') == 2


def test_run_without_feeds(tmp_path):
    with pytest.raises(MissingDataError):
        run(tmp_path)

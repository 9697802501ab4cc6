"""What counts as a picture, and under which name."""

import pytest

from luister.practice.pictures import NewPicture, shown_name


@pytest.mark.parametrize("content", [b"", b"RIFF\x00\x00\x00\x00WAVE", b"<svg/>", b"%PDF-1.7", b" \x89PNG\r\n\x1a\n"])
def test_content_type_of_what_is_no_picture(content: bytes) -> None:
    assert NewPicture("a.png", content).content_type == ""


@pytest.mark.parametrize(
    ("name", "shown"),
    [("map.png", "map.png"), ("a\x00b\u202e\ud83d.png", "ab.png"), (" \n", "picture"), ("x" * 500, "x" * 120)],
)
def test_shown_name(name: str, shown: str) -> None:
    assert shown_name(name) == shown

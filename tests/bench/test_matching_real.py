"""The matcher is measured on real posts where there are any."""

import csv
import gzip
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.matching_queries import queries_of
from bench.matching_real import FILES, read
from luister.query import parse

TEXTS = {
    "en": "My luggage is lost @airline, again! see https://t.example",
    "nl": "Mijn koffer is kwijt @airline #koffer",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for lang, files in FILES.items():
        for name, column in files.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, ["id", column])
                writer.writeheader()
                writer.writerows({"id": number, column: f"{TEXTS[lang]}\nregel {number}"} for number in range(300))
    return tmp_path


def test_read_takes_posts_and_what_is_talked_of(data: Path) -> None:
    posts, talk = read(data, 1.0)

    assert len(posts) == 900
    assert sum("koffer" in post["text"] for post in posts) == 600
    assert "koffer" in talk.languages[1].words
    assert "luggage" in talk.languages[0].words
    assert "my luggage" in talk.languages[0].pairs
    assert list(talk.companies) == ["airline"]
    assert not any(word.isdigit() for language in talk.languages for word in language.words)


def test_queries_are_made_of_what_is_talked_of(data: Path) -> None:
    queries = [text for _, text in queries_of(read(data, 1.0)[1], 300, broad=0.05)]

    assert len(queries) == 300
    assert all(parse(text, standing=True) for text in queries)


def test_main_refuses_parts_that_are_not_measured_on_real_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["archive", "--data", str(tmp_path)])
    assert "no such part on real data: archive" in capsys.readouterr().err

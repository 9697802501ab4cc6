"""The evaluation of imported threads: what it computes from the file alone."""

import io
from datetime import timedelta

import pytest

from tests.imports.helpers import TWITTER

pd = pytest.importorskip("pandas")
from eval.figures import MissingDataError  # noqa: E402 - after pandas
from eval.imported_threads import expect, run  # noqa: E402 - after pandas


def test_expect_takes_the_first_answer_after_the_customers_first_tweet() -> None:
    found = expect(pd.read_csv(io.StringIO(TWITTER), dtype=str, keep_default_na=False))

    assert (found.tweets, found.threads, found.without_customer, found.several_customers) == (10, 4, 1, 1)
    assert found.responses == {
        ("100", "9001"): timedelta(minutes=5),
        ("200", "9002"): timedelta(hours=1),
        ("200", "9003"): timedelta(minutes=59),
        ("401", "9005"): None,
    }


def test_run_without_the_file(tmp_path) -> None:
    with pytest.raises(MissingDataError):
        run(tmp_path)

"""The plot of what was measured shows every engine."""

from pathlib import Path

from bench.matching_plot import ENGINES, Rate, write


def test_write_shows_every_engine_and_set(tmp_path: Path) -> None:
    rates = [
        Rate(engine, of, queries, 1_000.0 * queries)
        for engine in ENGINES
        for of in ("narrow", "5 % broad")
        for queries in (100, 1_000)
    ]

    write(tmp_path / "plot.svg", rates)

    plot = (tmp_path / "plot.svg").read_text("utf-8")
    assert plot.startswith("<svg")
    assert all(name in plot for name in (*ENGINES, "narrow", "5 % broad", "standing queries"))

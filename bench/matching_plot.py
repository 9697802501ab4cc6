"""A plot of posts a second against the number of standing queries, for each engine."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import vl_convert

ENGINES = {  # in the order of the legend; colours that are told apart without seeing hues, on white
    "finding the words": "#8a8a8a",
    "Luister": "#0b62b8",
    "tantivy, 10,000 at once": "#c2570c",
    "tantivy, 1,000 at once": "#a8328e",
    "PostgreSQL": "#3f7d3a",
}


@dataclass(frozen=True, slots=True)
class Rate:
    """How many posts a second an engine takes with so many queries of a set."""

    engine: str
    set: str
    queries: int
    rate: float


def write(path: Path, rates: Sequence[Rate]) -> None:
    """Write a plot as SVG, with a background of its own, so that it can be read on dark pages too."""
    path.write_text(vl_convert.vegalite_to_svg(_spec(rates)), "utf-8")


def _spec(rates: Sequence[Rate]) -> dict[str, Any]:
    axis = {"labelFontSize": 12, "titleFontSize": 13, "titleFontWeight": "normal", "gridColor": "#e4e4e4"}
    legend = {"title": None, "labelFontSize": 12, "symbolSize": 160}
    engine = {"field": "engine", "type": "nominal"}
    color = engine | {"scale": {"domain": list(ENGINES), "range": list(ENGINES.values())}, "legend": legend}
    shapes = ["diamond", "circle", "square", "cross", "triangle-up"]
    shape = engine | {"scale": {"domain": list(ENGINES), "range": shapes}}
    dash = {"field": "set", "type": "nominal", "sort": ["narrow", "5 % broad"], "legend": legend}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": "#ffffff",
        "padding": 16,
        "width": 560,
        "height": 340,
        "data": {"values": [asdict(rate) for rate in rates]},
        "encoding": {
            "x": {
                "field": "queries",
                "type": "quantitative",
                "scale": {"type": "log"},
                "axis": {"title": "standing queries", "format": ",d", "values": [100, 1_000, 10_000], **axis},
            },
            "y": {
                "field": "rate",
                "type": "quantitative",
                "scale": {"type": "log"},
                "axis": {"title": "posts a second, one core", "format": ",d", "tickCount": 4, **axis},
            },
            "color": color,
        },
        "layer": [
            {"mark": {"type": "line", "strokeWidth": 2.5}, "encoding": {"strokeDash": dash}},
            {"mark": {"type": "point", "size": 70, "filled": True, "opacity": 1}, "encoding": {"shape": shape}},
        ],
        "config": {"font": "sans-serif", "view": {"stroke": None}},
    }

"""What understanding a post costs, beside VADER, which tells nothing but sentiment and only of English.

Each round takes all posts once with each; the ratio is of the medians. Time is that of this process.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from luister.text import understand

TEXTS = Path(__file__).parent.parent / "texts"
ROUNDS = 15
MOST_POSTS = 1000
MOST = 4  # times VADER
_IMPORT = """
import time
from pathlib import Path
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
before, start = resident(), time.process_time()
import luister.text
imported = time.process_time() - start
for text in ("Waar blijft mijn trein?", "Where is my train?"):
    luister.text.understand(text)
print(imported, time.process_time() - start, resident() - before)
"""


def run(console: Console, share: float) -> list[str]:
    """Print the figures and return what costs more than it may."""
    posts = {lang: _posts(lang, max(50, int(MOST_POSTS * share))) for lang in ("en", "nl")}
    vader = SentimentIntensityAnalyzer().polarity_scores
    ways: dict[str, Callable[[str], object]] = {"VADER": vader, "understand": understand, "with reasons": _with_reasons}
    costs: dict[tuple[str, str], list[float]] = {}
    for _ in range(ROUNDS):
        for lang, texts in posts.items():
            for name, way in ways.items():
                costs.setdefault((name, lang), []).append(_cost(way, texts))
    table = Table(
        "posts", "words a post", "VADER, µs", "understand, µs", "times VADER", "with reasons, µs", "times VADER"
    )
    theirs = statistics.median(costs["VADER", "en"])
    failed = []
    for lang, texts in posts.items():
        words = sum(len(text.split()) for text in texts) / len(texts)
        ours, whole = (statistics.median(costs[name, lang]) for name in ("understand", "with reasons"))
        beside = statistics.median(costs["VADER", lang])
        table.add_row(
            f"{len(texts)} {lang}", f"{words:.0f}", f"{beside:.0f}", f"{ours:.0f}", f"{ours / theirs:.2f}",
            f"{whole:.0f}", f"{whole / theirs:.2f}",
        )  # fmt: skip
        if ours > MOST * theirs:
            failed.append(f"understanding a post ({lang}) costs {ours / theirs:.2f} times VADER on English, not {MOST}")
    console.print(table)
    console.print("times VADER: of what VADER costs on the English posts")
    imported, read, memory = map(float, _measured_import())
    console.print(f"import {imported:.2f} s, with both models read {read:.2f} s, memory {memory:.0f} MB")
    return failed


def _with_reasons(text: str) -> object:
    return understand(text).why


def _posts(lang: str, most: int) -> list[str]:
    lines = (TEXTS / f"posts.{lang}.more.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines[:most]]


def _cost(what: Callable[[str], object], texts: Sequence[str]) -> float:
    """Return the microseconds a text."""
    start = time.process_time()
    for text in texts:
        what(text)
    return (time.process_time() - start) / len(texts) * 1e6


def _measured_import() -> list[str]:
    return subprocess.run([sys.executable, "-c", _IMPORT], capture_output=True, text=True, check=True).stdout.split()

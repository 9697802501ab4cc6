"""The page on settings names each one that the code reads, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Set by one part of Luister for another, not by people.
INTERNAL = {"LUISTER_PROCESS"}


def test_every_setting_is_documented():
    page = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/reference/settings.md").read_text(), re.MULTILINE))
    read = set()
    for path in (ROOT / "src/luister").rglob("*.py"):
        read |= set(re.findall(r'(?:env\.\w+\(|environ\.get\(|environ\[|envvar=)\s*"([A-Z_]+)"', path.read_text()))
    settings = {name for name in read if name.startswith("LUISTER_")} - INTERNAL

    assert settings - page == set()
    assert {name for name in page if name.startswith("LUISTER_")} - read == set()

"""The commands that the pages for administrators tell people to run are there, with those options."""

import re
from pathlib import Path

import pytest

from luister.config.cli.root import cli

ROOT = Path(__file__).parents[1]
PAGES = sorted([*(ROOT / "docs/howto").glob("*.md"), *(ROOT / "docs/runbooks").glob("*.md")])
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
COMMAND = re.compile(r"(?:^|[\s`;(]|bin/)(?:docker compose run --rm web |luister )([a-z][a-z-]*(?: [^`\n;&|#]*)?)")


def unknown(words: list[str]) -> list[str]:
    """Return what a command line names that there is not."""
    command, rest = cli, words
    while rest and hasattr(command, "commands"):
        if rest[0] not in command.commands:
            return rest[:1]
        command, rest = command.commands[rest[0]], rest[1:]
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    return [word for word in rest if word.startswith("--") and word.partition("=")[0] not in options]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_a_page_are_there(page: Path) -> None:
    text = page.read_text().replace("\\\n", " ")
    lines = [found[1] for code in CODE.findall(text) for found in COMMAND.finditer(code)]

    assert [(line, unknown(line.split())) for line in lines if unknown(line.split())] == []


def test_every_runbook_is_in_the_list_and_short() -> None:
    listed = set(re.findall(r"\(([a-z-]+\.md)\)", (ROOT / "docs/runbooks/README.md").read_text()))

    assert listed == {path.name for path in (ROOT / "docs/runbooks").glob("*.md")} - {"README.md"}
    assert all(len((ROOT / "docs/runbooks" / name).read_text().splitlines()) < 40 for name in listed)

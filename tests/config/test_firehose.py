"""What `luister match --from` refuses, in one sentence."""

import pytest
from click.testing import CliRunner

from luister.config.cli.root import cli

FROM = ("--from", "nats://127.0.0.1:1/POSTS")


def run(*arguments):
    result = CliRunner().invoke(cli, ["match", *arguments])
    return result.exit_code or result.return_value or 0, result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Give QUERIES and POSTS, or a stream with --from."),
        (("--to", "database", "q", "p"), "--to, --metrics and --group are for a stream"),
        ((*FROM, "q", "p"), "no POSTS"),
        ((*FROM, "--out", "f"), "no POSTS"),
        (("--from", "POSTS"), "begins with nats://"),
        ((*FROM, "--to", "nats://127.0.0.1/"), "names no stream"),
        ((*FROM, "--to", "NATS://127.0.0.1:1/POSTS"), "--to names the stream that is read"),
        ((*FROM, "--to", "nats://127.0.0.1:1/FOUND", "--metrics", "9464x"), "--metrics takes HOST:PORT"),
        ((*FROM, "--to", "nats://127.0.0.1:1/FOUND"), "No NATS server answers at nats://127.0.0.1:1."),
        ((*FROM, "--ack-wait", "0"), "is not in the range"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(arguments, words):
    result = CliRunner().invoke(cli, ["match", *arguments], standalone_mode=False)

    said = f"{result.output}{result.exception or ''}"
    assert words in said
    assert result.exception is not None or result.return_value == 2


def test_queries_and_the_database_exclude_each_other(tmp_path):
    (tmp_path / "queries.jsonl").write_text('{"id": "a", "query": "koffer"}\n')

    code, said = run(str(tmp_path / "queries.jsonl"), *FROM, "--to", "database")

    assert code == 2
    assert "What monitors find is stored: leave QUERIES away" in said

"""The API held against its own description by schemathesis: requests made up from it, good and bad, on a running desk.

Every answer has to be as the description says, and none may be a failure of ours. What is not asked is that everything
that fits the description is accepted: a query that does not parse fits it too.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from bench import database

EXAMPLES = 200  # of each operation, good and bad
PHASES = ("examples", "coverage", "fuzzing", "stateful")
NOT_ASKED = ("positive_data_acceptance",)
START_SECONDS = 60.0


def run(console: Console, share: float) -> list[str]:
    """Hold every operation against the description, and return what was not as it says."""
    with database.fresh() as _:
        token = _desk()
        with _web() as address:
            failures, requests = hold(address, token, examples=max(1, round(EXAMPLES * share)), seed=1, phases=PHASES)
    console.print(f"{requests:,} requests, made up from the description: {len(failures)} answers were not as it says.")
    return failures


def hold(address: str, token: str, *, examples: int, seed: int, phases: Sequence[str]) -> tuple[list[str], int]:
    """Send what schemathesis makes up; return what failed, and how many requests it were."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.ndjson"
        command = [
            str(Path(sys.executable).parent / "schemathesis"), "run", f"{address}/api/v1/openapi.json",
            "--header", f"Authorization: Bearer {token}", "--exclude-checks", ",".join(NOT_ASKED),
            "--phases", ",".join(phases), "--max-examples", str(examples), "--seed", str(seed),
            "--generation-database", "none", "--suppress-health-check", "all", "--no-shrink", "--continue-on-failure",
            "--no-color", "--report", "ndjson", "--report-ndjson-path", str(report), "--warnings", "off",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    found = re.search(r"([\d,]+) generated", done.stdout)
    if found is None:
        return [f"schemathesis did not run: {done.stdout[-2000:]}{done.stderr[-2000:]}"], 0
    requests = int(found[1].replace(",", ""))
    if done.returncode == 0:
        return [], requests
    told = done.stdout.partition("= FAILURES =")[2] or done.stdout
    return [part.strip() for part in re.split(r"\n_{5,}[^\n]*", told) if part.strip()], requests


def _desk() -> str:
    """Make a desk with a case and a token for everything, and return the token."""
    from luister.accounts.actions import new_user, new_workspace  # noqa: PLC0415 - needs Django set up
    from luister.api.actions import tokens  # noqa: PLC0415
    from luister.api.enums import SCOPES  # noqa: PLC0415
    from luister.base.clock import utc_now  # noqa: PLC0415

    now = utc_now()
    user = new_user("pim@example.org", name="Pim de Vries", language="nl")
    member = new_workspace(name="Desk", slug="desk", language="nl", time_zone="Europe/Amsterdam", by_user=user, now=now)
    return tokens.make("schemathesis", member=member, scopes=SCOPES, expires_at=None, by=None, now=now)[1]


@contextmanager
def _web() -> Iterator[str]:
    """Run a web process on the measurements' database and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "LUISTER_API_REQUESTS_A_MINUTE": "1000000", "LUISTER_LOG_LEVEL": "ERROR"}
    process = subprocess.Popen(
        [sys.executable, "-m", "luister.config.cli", "web", "--port", str(port)], env=environment
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/health/live")
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                json.load(answer)
                return
        except (urllib.error.URLError, OSError, ValueError):
            time.sleep(0.1)
    raise TimeoutError(address)

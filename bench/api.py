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
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from bench import database
from luister.base.errors import LuisterError

if TYPE_CHECKING:
    from luister.accounts.models import Membership

EXAMPLES = 200  # of each operation, good and bad
PHASES = ("examples", "coverage", "fuzzing", "stateful")
NOT_ASKED = ("positive_data_acceptance",)
OFTEN = 0.8  # of the requests for one thing ask for one that is there
START_SECONDS = 60.0
REPLIES = 12  # to each case
WEBHOOKS, DELIVERIES, DOOMED = 8, 5, 30  # DOOMED: monitors and webhooks that may be deleted, beside those to be read

Things = Mapping[str, Sequence[int]]  # a parameter ("path.number"), or one of an operation ("name path.number") → ids


@dataclass(slots=True)
class Held:
    """What became of it."""

    failures: list[str]
    requests: int = 0
    answers: dict[str, Counter[int]] = field(default_factory=dict)  # of each operation, by status

    @property
    def without_success(self) -> list[str]:
        """The operations that were never answered with what they are for."""
        return sorted(name for name, found in self.answers.items() if not any(200 <= status < 300 for status in found))


def run(console: Console, share: float) -> list[str]:
    """Hold every operation against the description, and return what was not as it says."""
    os.environ["LUISTER_ALLOW_HOSTS"] = "127.0.0.1"  # where its webhooks lead; nobody is told anything
    with database.fresh() as _:
        token, things = _desk()
        examples = max(1, round(EXAMPLES * share))
        with _web() as address:
            held = hold(address, token, examples=examples, seed=1, phases=PHASES, things=things)
    _show(console, held)
    unmet = [f"{name} was never answered with what it is for" for name in held.without_success]
    return [*held.failures, *unmet]


def hold(
    address: str, token: str, *, examples: int, seed: int, phases: Sequence[str], things: Things | None = None
) -> Held:
    """Send what schemathesis makes up, most often with the ids of what is there, as far as these are named."""
    with tempfile.TemporaryDirectory() as folder:
        report, chosen = Path(folder) / "report.ndjson", Path(folder) / "schemathesis.toml"
        chosen.write_text(_settings(things or {}))
        command = [
            str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(chosen),
            "run", f"{address}/api/v1/openapi.json",
            "--header", f"Authorization: Bearer {token}", "--exclude-checks", ",".join(NOT_ASKED),
            "--phases", ",".join(phases), "--max-examples", str(examples), "--seed", str(seed),
            "--generation-database", "none", "--suppress-health-check", "all", "--no-shrink", "--continue-on-failure",
            "--no-color", "--report", "ndjson", "--report-ndjson-path", str(report), "--warnings", "off",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
        answers = _answers(report, address=address)
    found = re.search(r"([\d,]+) generated", done.stdout)
    if found is None:
        return Held([f"schemathesis did not run: {done.stdout[-2000:]}{done.stderr[-2000:]}"])
    held = Held([], int(found[1].replace(",", "")), answers)
    if done.returncode != 0:
        told = done.stdout.partition("= FAILURES =")[2] or done.stdout
        held.failures += [part.strip() for part in re.split(r"\n_{5,}[^\n]*", told) if part.strip()]
    return held


def _settings(things: Things) -> str:
    """Return settings of schemathesis that name what is there."""
    lines, operations = ["[parameters]"], dict[str, list[str]]()
    for number, name in enumerate(things):
        operation, _space, parameter = name.rpartition(" ")
        binding = f'"{parameter}" = {{ dictionary = "things{number}", probability = {OFTEN} }}'
        (operations.setdefault(operation, []) if operation else lines).append(binding)
    for operation, bindings in operations.items():
        lines += ["[[operations]]", f'include-operation-id = "{operation}"', "[operations.parameters]", *bindings]
    lines += [f"[dictionaries.things{number}]\nvalues = {list(ids)}" for number, ids in enumerate(things.values())]
    return "\n".join(lines) + "\n"


def _answers(report: Path, *, address: str) -> dict[str, Counter[int]]:
    """Return how often each operation was answered with each status."""
    with urllib.request.urlopen(f"{address}/api/v1/openapi.json", timeout=30) as answer:
        paths = json.load(answer)["paths"]
    found = {f"{method.upper()} {path}": Counter[int]() for path, methods in paths.items() for method in methods}
    with report.open() as lines:
        for line in lines:
            recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
            for key, interaction in recorder.get("interactions", {}).items():
                case = recorder["cases"][key]["value"]
                operation = f"{case['method']} {case['path']}"
                if operation in found and "response" in interaction:
                    found[operation][interaction["response"]["status_code"]] += 1
    return found


def _show(console: Console, held: Held) -> None:
    by_status = Counter[int]()
    for found in held.answers.values():
        by_status.update(found)
    console.print(
        f"{held.requests:,} requests to {len(held.answers)} operations, made up from the description: "
        f"{len(held.failures)} answers were not as it says."
    )
    console.print(", ".join(f"{status}: {count:,}" for status, count in sorted(by_status.items())), highlight=False)


def _desk() -> tuple[str, Things]:
    """Fill a desk, and return a token for everything on it, and the ids of what is there."""
    from luister.accounts.models import Membership, Team  # noqa: PLC0415 - needs Django set up
    from luister.api.actions import tokens  # noqa: PLC0415
    from luister.api.enums import SCOPES  # noqa: PLC0415
    from luister.base.clock import utc_now  # noqa: PLC0415
    from luister.channels.actions import NewChannel, connect  # noqa: PLC0415
    from luister.demo import actions as demo  # noqa: PLC0415
    from luister.inbox.models import Case, Label, Reply  # noqa: PLC0415
    from luister.listening.actions import monitors  # noqa: PLC0415
    from luister.listening.enums import Sharing  # noqa: PLC0415
    from luister.listening.models import Mention  # noqa: PLC0415
    from luister.people.models import Contact  # noqa: PLC0415
    from luister.posts.models import Post  # noqa: PLC0415
    from luister.webhooks.actions import endpoints  # noqa: PLC0415

    now = utc_now()
    workspace = demo.load(stage="quiet", now=now)
    member = Membership.objects.filter(workspace=workspace, role="administrator").select_related("user").earliest("pk")
    programs = connect(NewChannel("api", "Programs", "app", "both"), workspace=workspace, by=None, now=now)
    made = [
        monitors.make(monitors.Wish(f"Monitor {number}", "koffer OR bus", Sharing.ALL), by=member, now=now).pk
        for number in range(2 * DOOMED)
    ]
    wish = endpoints.Wish("http://127.0.0.1:9000/luister", ["case.opened", "mention.found"])
    told = [endpoints.make_endpoint(wish, by=member, now=now)[0].pk for _ in range(WEBHOOKS + DOOMED)]
    tests = [endpoints.send_test(pk, by=member, now=now).pk for pk in told[:WEBHOOKS] for _ in range(DELIVERIES)]
    written = _answer_cases(member)
    things = {
        "path.number": Case.objects.values_list("number", flat=True),
        "path.post_id": Post.objects.values_list("pk", flat=True),
        "path.mention_id": Mention.objects.values_list("pk", flat=True),
        "path.reply_id": Reply.objects.values_list("pk", flat=True),
        "path.contact_id": Contact.objects.values_list("pk", flat=True),
        "path.label_id": Label.objects.values_list("pk", flat=True),
        "path.channel_id": [programs.pk],
        "path.monitor_id": made[:DOOMED],
        "path.webhook_id": told[:WEBHOOKS],
        "path.delivery_id": tests,
        "deleteMonitor path.monitor_id": made[DOOMED:],
        "deleteWebhook path.webhook_id": told[WEBHOOKS:],
        "takeReplyBack path.reply_id": written["queued"],
        "settleReply path.reply_id": written["unknown"],
        "judgeReply path.reply_id": written["proposed"],
        "receivePosts body.channel_id": [programs.pk],
        "changeCase body.assignee_id": Membership.objects.values_list("user_id", flat=True),
        "changeCase body.team_id": Team.objects.values_list("pk", flat=True),
    }
    token = tokens.make("schemathesis", member=member, scopes=SCOPES, expires_at=None, by=None, now=now)[1]
    return token, {name: sorted(ids) for name, ids in things.items() if ids}


def _answer_cases(member: "Membership") -> Mapping[str, list[int]]:
    """Write replies that can be taken back, are in doubt, or wait for approval; return their ids by state."""
    from luister.accounts.models import Membership  # noqa: PLC0415 - needs Django set up
    from luister.base.clock import utc_now  # noqa: PLC0415
    from luister.base.ids import new_uuid  # noqa: PLC0415
    from luister.delivery.models import Outgoing  # noqa: PLC0415
    from luister.inbox.actions import replies  # noqa: PLC0415
    from luister.inbox.enums import ReplyEffect  # noqa: PLC0415
    from luister.inbox.models import Case, Reply  # noqa: PLC0415

    now, written = utc_now(), dict[str, list[int]](queued=[], unknown=[], proposed=[])
    colleague = Membership.objects.filter(workspace_id=member.workspace_id).exclude(pk=member.pk).earliest("pk")
    for case in list(Case.objects.exclude(state="closed").order_by("pk")) * REPLIES:
        words = replies.Written("Dank je wel.", case.is_public, ReplyEffect.WAIT, new_uuid(), case.version, anyway=True)
        with suppress(LuisterError):  # what came in cannot be answered everywhere
            reply = replies.send_reply(case.pk, words, by=member, now=now)
            state = min(written, key=lambda one: len(written[one]))
            written[state].append(reply.pk)
            Outgoing.objects.filter(pk=reply.outgoing_id).update(state=state, send_after=now + timedelta(days=1))
            if state == "proposed":
                Reply.objects.filter(pk=reply.pk).update(author_id=colleague.user_id)
    return written


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

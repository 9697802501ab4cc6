"""Starting child processes that never outlive their parent, and asking after processes by their id."""

import ctypes
import os
import pwd
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def spawn(  # noqa: PLR0913 - as many as subprocess.Popen needs
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    output: IO[bytes] | int,
    errors: IO[bytes] | int = subprocess.STDOUT,
    user: str | None = None,
    cwd: Path | None = None,
    pass_fds: Sequence[int] = (),
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own that the kernel signals when this thread's process dies.

    A session of its own keeps the terminal's Ctrl-C away from it: the parent decides in which order things stop.
    The signal follows the thread that calls this, so call it from one that lives as long as the process.
    """
    parent = os.getpid()

    def die_with_parent() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return subprocess.Popen(  # noqa: S603 - the commands are our own
        [str(part) for part in command],
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        cwd=cwd,
        pass_fds=pass_fds,
        start_new_session=True,
        preexec_fn=die_with_parent,
        **run_as(user),
    )


def run_as(user: str | None) -> dict[str, Any]:
    """Return subprocess' arguments that run a command as that user (and in no other group)."""
    return {} if user is None else {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def is_running(pid: int) -> bool:
    """Return whether a process of that id runs; one that died but was not yet collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in {"Z", "X"}


def command_of(pid: int) -> list[str]:
    """Return the command line of a process, empty when there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def wait_until(condition: Callable[[], bool], *, seconds: float, every: float = 0.05) -> bool:
    """Poll until the condition holds; return whether it did within that time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def leave_within(seconds: float) -> None:
    """End this process by force if it still runs after that time; for when stopping properly gets stuck."""
    timer = threading.Timer(seconds, os._exit, args=(1,))
    timer.daemon = True
    timer.start()

"""What processes use: memory and processor time of each with all its children, read from /proc."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Use:
    """Of one process and its children: memory in MB (shared memory shared out), processor seconds until now."""

    megabytes: float
    seconds: float


def uses(roots: Mapping[str, int]) -> dict[str, Use]:
    """Return what the processes with these ids use, by name."""
    children = _children()
    return {name: _sum(root, children) for name, root in roots.items()}


def parent_of(pid: int) -> int:
    """Return the id of a process' parent."""
    return int(_stat(pid)[1])


def _children() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (stat := _stat(int(folder.name))):
            children.setdefault(int(stat[1]), []).append(int(folder.name))
    return children


def _sum(root: int, children: Mapping[int, list[int]]) -> Use:
    megabytes = seconds = 0.0
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, [])
        megabytes += _megabytes(pid)
        if stat := _stat(pid):
            own_and_buried = stat[11:15]  # utime, stime, and those of children that ended
            seconds += sum(map(int, own_and_buried)) / _TICKS
    return Use(megabytes, seconds)


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; none when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _megabytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)

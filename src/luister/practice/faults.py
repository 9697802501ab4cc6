"""What goes wrong on purpose, decided by a seed; the same requests meet the same faults, in whatever order."""

import hashlib
import threading
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What happens to one request."""

    NONE = "none"
    RATE_LIMITED = "rate_limited"  # 429, nothing done
    FAILED_BEFORE = "failed_before"  # 500, nothing done
    FAILED_AFTER = "failed_after"  # 500, although it was done
    DROPPED_BEFORE = "dropped_before"  # no answer, nothing done
    DROPPED_AFTER = "dropped_after"  # no answer, although it was done
    OUTAGE = "outage"  # 503, nothing done


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to one request, and how long it takes."""

    fault: Fault = Fault.NONE
    latency_seconds: float = 0.0
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """How often what goes wrong; shares between 0 and 1. The default is a network without faults."""

    seed: int = 0
    rate_limited: float = 0.0
    failed: float = 0.0  # half of them after the work was done
    dropped_before: float = 0.0
    dropped_after: float = 0.0
    latency_min_seconds: float = 0.0
    latency_max_seconds: float = 0.0
    retry_after: str = "1"  # sent with a 429 as it stands; "" sends none
    outage: bool = False

    def decide(self, request: str, *, nth: int) -> Decision:
        """Return what happens to the nth (from 0) of the requests that read like this."""
        digest = hashlib.blake2b(f"{self.seed}\n{nth}\n{request}".encode(), digest_size=24).digest()
        roll, coin, slow = (int.from_bytes(digest[at : at + 8], "big") / 2**64 for at in (0, 8, 16))
        spread = max(0.0, self.latency_max_seconds - self.latency_min_seconds)
        fault = Fault.OUTAGE if self.outage else self._fault(roll, coin)
        return Decision(fault, self.latency_min_seconds + slow * spread, self.retry_after)

    def _fault(self, roll: float, coin: float) -> Fault:
        failed = Fault.FAILED_BEFORE if coin < 0.5 else Fault.FAILED_AFTER
        shares = (
            (self.rate_limited, Fault.RATE_LIMITED),
            (self.failed, failed),
            (self.dropped_before, Fault.DROPPED_BEFORE),
            (self.dropped_after, Fault.DROPPED_AFTER),
        )
        for share, fault in shares:
            if roll < share:
                return fault
            roll -= share
        return Fault.NONE


# The load under which the promises about sending are measured.
STORM = FaultPlan(
    rate_limited=0.03,
    failed=0.02,
    dropped_before=0.02,
    dropped_after=0.02,
    latency_min_seconds=0.1,
    latency_max_seconds=0.5,
)


class Dice:
    """Counts requests that read the same, so that a repeated one can meet another fate."""

    _MOST = 50_000

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()
        self._lock = threading.Lock()

    def roll(self, plan: FaultPlan, request: str) -> Decision:
        """Return what happens to this request."""
        digest = hashlib.blake2b(request.encode(), digest_size=8).digest()
        with self._lock:
            if len(self._seen) >= self._MOST:
                self._seen.clear()
            nth = self._seen[digest]
            self._seen[digest] += 1
        return plan.decide(request, nth=nth)

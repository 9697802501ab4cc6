"""The demo's monitors: made as colleagues make them, with what they find in the days before."""

from datetime import datetime

from luister.demo.opening import OpenDesk
from luister.demo.script import Desk
from luister.listening.actions import looking_back, monitors
from luister.listening.enums import Sharing
from luister.queue import collecting


def make_monitors(open_desk: OpenDesk, desk: Desk, *, now: datetime) -> None:
    """Have colleagues listen, and look back at once over all that was said."""
    for one in desk.monitors:
        team = open_desk.teams[one.team] if one.team else None
        wish = monitors.Wish(one.name, one.query, sharing=Sharing(one.sharing), team=team, days=None)
        with collecting():
            monitor = monitors.make(wish, by=open_desk.members[one.owner], now=now)
        while looking_back.look_at_some(monitor.pk, run=1, now=now):
            pass

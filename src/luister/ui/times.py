"""How moments and durations are written: "14:03", "yesterday", "3 Nov", "1 h 10", in the active zone and language."""

from datetime import datetime, timedelta
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

LONG = timedelta(hours=1)  # a wait that deserves a colour
LATE = timedelta(hours=4)  # a wait that deserves a louder one


def short_moment(at: datetime, *, now: datetime) -> str:
    """Write a moment as short as it can be understood: a time today, a word for yesterday, else a date."""
    local, today = timezone.localtime(at), timezone.localdate(now)
    if local.date() == today:
        return date_format(local, "H:i")
    if local.date() == today - timedelta(days=1):
        return _("yesterday")
    if local.date() == today + timedelta(days=1):
        return _("tomorrow %(time)s") % {"time": date_format(local, "H:i")}
    if local.year == today.year:
        return date_format(local, pgettext("short date this year, as Django's date filter", "j M"))
    return date_format(local, pgettext("short date, as Django's date filter", "j M Y"))


def full_moment(at: datetime) -> str:
    """Write a moment in full, for a tooltip or a sentence."""
    # Without its zone: the same instant in two zones would be taken for the same moment.
    return _full_moment(timezone.localtime(at).replace(second=0, microsecond=0, tzinfo=None), get_language())


@lru_cache(maxsize=10_000)  # lists write the same ones again and again
def _full_moment(local: datetime, language: str | None) -> str:
    """Write it in the active language, which has to be the one that is named."""
    return date_format(local, pgettext("full moment, as Django's date filter", "l j F Y, H:i"))


def near_moment(at: datetime) -> str:
    """Write a moment of the coming weeks, with its weekday."""
    return date_format(timezone.localtime(at), pgettext("near moment, as Django's date filter", "D j M H:i"))


def clock_time(at: datetime) -> str:
    """Write the time of day."""
    return date_format(timezone.localtime(at), "H:i")


def day_heading(at: datetime, *, now: datetime) -> str:
    """Write the day above a group of posts."""
    local, today = timezone.localtime(at), timezone.localdate(now)
    if local.date() == today:
        return _("Today")
    if local.date() == today - timedelta(days=1):
        return _("Yesterday")
    if local.year == today.year:
        return date_format(local, pgettext("day heading this year, as Django's date filter", "l j F")).capitalize()
    return date_format(local, pgettext("day heading, as Django's date filter", "j F Y"))


def short_wait(wait: timedelta) -> str:
    """Write how long something takes, in at most two units: "12 min", "1 h 10", "2 d"."""
    minutes = max(0, int(wait.total_seconds() // 60))
    if minutes < 60:
        return pgettext("wait", "%(minutes)d min") % {"minutes": minutes}
    hours, rest = divmod(minutes, 60)
    if hours < 10 and rest:
        return pgettext("wait", "%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": rest}
    if hours < 48:
        return pgettext("wait", "%(hours)d h") % {"hours": hours}
    return pgettext("wait", "%(days)d d") % {"days": hours // 24}


def wait_level(wait: timedelta) -> str:
    """Return how loud a wait is shown: "", "long" or "late"."""
    if wait >= LATE:
        return "late"
    return "long" if wait >= LONG else ""

"""The cheat sheet of the query language, and what its fields and values are called in completion."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FIELDS: Mapping[str, Promise] = {
    "title": _("word in the title"),
    "text": _("word in the text itself"),
    "author": _("handle, or name between quotation marks"),
    "network": _("where it was said"),
    "site": _("the website it stands on"),
    "url": _("part of an address"),
    "type": _("kind of post"),
    "lang": _("language"),
    "sentiment": _("how it sounds"),
    "says": _("what kind of thing it says"),
    "topic": _("theme"),
    "label": _("label"),
    "rating": _("stars of a review"),
    "reach": _("how many people it may reach"),
    "followers": _("followers of the author"),
    "after": _("from a date or an age on"),
    "before": _("before a date or an age"),
    "has": _("what it holds"),
    "is": _("what it is"),
    "status": _("state of the case"),
    "assignee": _("who works on it"),
    "team": _("team of the case"),
    "priority": _("urgent or normal"),
    "channel": _("channel of the case"),
    "sla": _("the deadline"),
    "kind": _("who began"),
}

VALUES: Mapping[str, Mapping[str, Promise]] = {
    "type": {
        "post": _("post on a network"), "reply": _("reply to a post"), "comment": _("comment under something"),
        "message": _("private message or mail"), "review": _("review"), "article": _("article"),
        "broadcast": _("radio or television"), "call": _("phone call"),
    },
    "sentiment": {"positive": _("positive"), "neutral": _("neutral"), "negative": _("negative")},
    "says": {
        "question": _("a question"), "complaint": _("a complaint"), "compliment": _("a compliment"),
        "remark": _("a remark"), "idea": _("an idea"), "error": _("a mistake or fault"),
        "crisis": _("signs of a crisis"), "lead": _("a chance to sell"), "request": _("a request"),
        "thanks": _("thanks"), "spam": _("spam"),
    },
    "has": {"link": _("a link"), "media": _("a picture, film or sound"), "question": _("a question mark")},
    "is": {
        "public": _("everyone can read it"), "private": _("only we and the customer"),
        "inbound": _("written to us"), "outbound": _("written by us"), "edited": _("changed afterwards"),
    },
    "status": {
        "open": _("we owe something"), "waiting": _("someone else does"), "completed": _("answered"),
        "closed": _("final"),
    },
    "kind": {"reactive": _("the customer began"), "proactive": _("we began")},
    "priority": {"urgent": _("marked as urgent"), "normal": _("not urgent")},
    "assignee": {"me": _("yourself"), "none": _("nobody")},
    "team": {"none": _("no team")},
    "sla": {"breached": _("has passed"), "<30m": _("less than half an hour left")},
    "after": {"24h": _("the last 24 hours"), "7d": _("the last week"), "4w": _("the last four weeks")},
    "before": {"24h": _("older than 24 hours"), "7d": _("older than a week"), "4w": _("older than four weeks")},
    "lang": {"nl": _("Dutch"), "en": _("English"), "de": _("German"), "fr": _("French"), "es": _("Spanish")},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """Some things that can be written, each with what it finds."""

    heading: Promise
    rows: tuple[tuple[str, Promise], ...]


_GUIDE = (
    Group(
        _("Words"),
        (
            ("vertraging", _("that word; capitals and accents make no difference")),
            ('"lange rij"', _("these words next to each other, in this order")),
            ("vertrag*", _("words that start so; *rij ends so, *trag* has it inside")),
            ("koffer NEAR/5 kwijt", _("both, with at most five words between them")),
            ("#tevreden", _("the hashtag")),
            ("@klm", _("who is mentioned")),
            ("😡", _("the emoji")),
        ),
    ),
    Group(
        _("Together"),
        (
            ("koffer kwijt", _("both")),
            ("koffer OR tas", _("one of the two; OR in capitals")),
            ("koffer -gevonden", _("the first, not the second")),
            ("(koffer OR tas) kwijt", _("parentheses keep things together")),
        ),
    ),
    Group(
        _("About the post"),
        (
            ("author:jan", _("by this handle; a name goes between quotation marks")),
            ("title:staking", _("only in the title; text: only in the text")),
            ("network:x", _("on this network; type:review of this kind")),
            ("lang:(nl OR en)", _("in one of these languages")),
            ("sentiment:negative", _("how it sounds; says:complaint what it says")),
            ("site:example.nl", _("on this website; url:bagage anywhere in an address")),
            ("has:link", _("with a link; has:media with a picture, has:question with a question mark")),
            ("is:private", _("not for everyone; is:inbound written to us")),
            ("rating:<=2", _("two stars or less; also reach: and followers:, and 1..3")),
        ),
    ),
    Group(
        _("When"),
        (
            ("after:24h", _("the last 24 hours; also 30m, 7d, 4w")),
            ("before:2026-02-01", _("before that day begins")),
            ("after:2026-01-31T09:30", _("from that moment on")),
        ),
    ),
    Group(
        _("About the case, in the inbox"),
        (
            ("status:open", _("also waiting, completed, closed")),
            ("assignee:me", _("yours; assignee:none of nobody, or a colleague’s name")),
            ('team:"Eerste lijn"', _("of this team; a value with spaces goes between quotation marks")),
            ("priority:urgent", _("marked as urgent")),
            ("label:bagage", _("with this label")),
            ("channel:Service", _("on this channel")),
            ("kind:proactive", _("we began")),
            ("#123", _("the case with this number")),
        ),
    ),
)  # fmt: skip


def guide() -> tuple[Group, ...]:
    """Return the cheat sheet."""
    return _GUIDE

"""Reasons as sentences in the reader's language, and the report of an import as text."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from luister.base.errors import Reason
from luister.delivery import queries as delivery
from luister.imports.enums import ImportState

SENTENCES: Final[dict[str, str | Promise]] = {
    # Files
    "file.empty": _("The file is empty. Choose one that has rows."),
    "file.only_header": _("The file has names of columns and no rows below them."),
    "file.too_large": _(
        "The file is {size} MB and at most {limit} MB can be imported at once. Split it into several files."
    ),
    "file.unpacks_too_large": _(
        "Unpacked, the file is larger than {limit} MB, which is the most that is imported at once; it was not unpacked."
        " Split it into several files."
    ),
    "file.bomb": _("The file unpacks to hundreds of times its size, which no real workbook does; it was not unpacked."),
    "file.too_many_rows": _("The file has more than {limit} rows, the most that is imported at once. Split it."),
    "file.too_many_columns": _(
        "The file has {count} columns and at most {limit} can be imported. Leave out those that are not needed."
    ),
    "file.header_broken": _("The first row, with the names of the columns, has a quote that is never closed: {text}"),
    "file.damaged": _("The file is damaged, or not finished: it cannot be opened. Save or download it again."),
    "file.other_archive": _(
        "The file is an archive or another kind of document. Unpack it, or save it as CSV or XLSX."
    ),
    "file.packed_twice": _("The file is an archive within an archive. Unpack it first."),
    "file.old_excel": _("The file is an Excel workbook of the old kind (.xls). Open it and save it as .xlsx or CSV."),
    "file.pdf": _("The file is a PDF. Choose the table that it was made from, as CSV or XLSX."),
    "file.picture": _("The file is a picture. Choose a table: CSV, XLSX, JSON Lines or mbox."),
    "file.not_text": _("The file is not a table that can be read. Choose CSV, XLSX, JSON Lines or mbox."),
    "file.json_list": _("The file is one JSON list. Write each of its objects on a line of its own (JSON Lines)."),
    "file.markup": _("The file is a web page or XML. Choose the table itself, as CSV or XLSX."),
    "file.no_objects": _("The file begins as JSON, and none of its first lines is an object of its own."),
    # Columns and sheets
    "column.unnamed": _("Column {number} has no name; here it is called “{name}”."),
    "column.twice": _("Columns {first} and {number} are both called “{name}”; the second is called “{as}” here."),
    "sheet.hidden": _("The sheet “{name}” is hidden, and is not read."),
    "sheet.other": _("The sheet “{name}” is not read: only the first one is. Save it as a file of its own."),
    "sheet.formulas": _("{count} cells have a formula; what they show is read."),
    "sheet.merged": _("{count} groups of cells are merged; the value counts for the first cell of each only."),
    # Rows
    "row.quote_open": _(
        "A quote is never closed, or stands where it cannot: the row cannot be told apart into columns."
    ),
    "row.wrong_width": _("The row has {count} cells where the header has {expected}."),
    "row.not_an_object": _("The line is not a JSON object."),
    "row.mail_too_large": _("The mail is larger than {limit} MB."),
    "row.no_post": _("There is nothing in this mail."),
    "row.no_text": _("The row has no text and no title."),
    "row.no_moment": _("The row does not say when it was written."),
    "row.bad_moment": _("“{value}” in the column “{column}” is not read as a date and time."),
    "row.not_yes_or_no": _("“{value}” in the column “{column}” is neither yes nor no."),
    "row.bad_network": _("“{value}” in the column “{column}” cannot be the name of a network."),
    "row.rounded_id": _("“{value}” in the column “{column}” was rounded by a spreadsheet. Export it again as text."),
    "row.bad_email": _("“{value}” in the column “{column}” is not an e-mail address."),
    "row.bad_phone": _("“{value}” in the column “{column}” is not a telephone number."),
    "row.bad_type": _(
        "“{value}” in the column “{column}” is not a kind of post (post, reply, comment, message, review, …)."
    ),
    "row.bad_sentiment": _("“{value}” in the column “{column}” is not positive, neutral or negative."),
    "row.bad_says": _("“{value}” in the column “{column}” is not what a post can be (question, complaint, …)."),
    "row.bad_language": _("“{value}” in the column “{column}” is not the code of a language, such as nl."),
    "row.bad_url": _("“{value}” in the column “{column}” is not a web address."),
    "row.bad_number": _("“{value}” in the column “{column}” is not a number that fits there."),
    # What a person asked
    "import.not_allowed": _("You may not do this."),
    "import.not_found": _("This import is not there any more."),
    "import.begun": _("This import has begun already."),
    "import.under_way": _("This import is under way. Cancel it first."),
    "import.not_under_way": _("There is nothing under way, and nothing to go on with."),
    "import.asks": _("Some rows are broken. Say that they may be left out, or mend the file."),
    "import.unknown_zone": _("There is no time zone “{value}”. Write it like Europe/Amsterdam."),
    "import.unknown_field": _("There is no field “{field}”."),
    "import.field_twice": _("Two columns are “{field}”: “{first}” and “{second}”. Choose one."),
    "import.no_text": _("No column holds the text. Choose which one does."),
    "import.no_moment": _("No column says when a post was written. Choose which one does."),
    "import.stumbled": _(
        "Something went wrong that nobody foresaw ({error}). What was stored stays; go on to try again."
    ),
}

# What a column can be, in the order in which it is chosen from.
FIELDS: Final[dict[str, str | Promise]] = {
    "text": _("Text"),
    "published_at": _("Date and time"),
    "time": _("Time, beside the date"),
    "id": _("Number of the post (ID)"),
    "title": _("Title or subject"),
    "author": _("Author: handle or number"),
    "author_name": _("Author: name"),
    "email": _("Author: e-mail address"),
    "phone": _("Author: telephone number"),
    "inbound": _("From the customer (yes or no)"),
    "recipient": _("Customer whom we answer"),
    "brand": _("Brand"),
    "thread": _("Thread"),
    "in_reply_to": _("Answers the post with number"),
    "network": _("Network"),
    "type": _("Kind of post"),
    "public": _("Public (yes or no)"),
    "url": _("Web address of the post"),
    "links": _("Links in it"),
    "lang": _("Language"),
    "sentiment": _("Sentiment"),
    "says": _("Question, complaint, …"),
    "topics": _("Topics of the post"),
    "labels": _("Labels of the case"),
    "rating": _("Rating"),
    "reach": _("Reach"),
    "followers": _("Followers"),
}
DELIMITERS: Final[dict[str, str | Promise]] = {
    ",": _("commas"),
    ";": _("semicolons"),
    "\t": _("tabs"),
    "|": _("vertical bars"),
}
NETWORKS: Final[tuple[tuple[str, str | Promise], ...]] = (
    ("x", "X"),
    ("facebook", "Facebook"),
    ("instagram", "Instagram"),
    ("linkedin", "LinkedIn"),
    ("mastodon", "Mastodon"),
    ("bluesky", "Bluesky"),
    ("threads", "Threads"),
    ("tiktok", "TikTok"),
    ("youtube", "YouTube"),
    ("reddit", "Reddit"),
    ("whatsapp", "WhatsApp"),
    ("email", _("E-mail")),
    ("webchat", _("Web chat")),
    ("phone", _("Telephone")),
    ("review", _("Reviews")),
    ("forum", _("Forum")),
    ("news", _("News")),
    ("web", _("Web")),
    ("print", _("Print")),
    ("radio", _("Radio")),
    ("tv", _("Television")),
)


def sentence(reason: Reason) -> str:
    """Return the sentence for a reason; those of mails are the mail connector's."""
    text = SENTENCES.get(reason.code)
    if text is None:
        return delivery.sentence(reason.code, reason.values)
    return str(text).format_map(_Blank(reason.values))


class _Blank(dict[str, str]):
    """Values that were not given are left blank."""

    def __missing__(self, name: str) -> str:
        return ""


def counted(figures: Mapping[str, Any]) -> str:
    """Return how many rows there are and what became of them."""
    numbers = {name: number_format(figures[name], force_grouping=True) for name in ("rows", "present", "refused")}
    if figures.get("dry_run"):
        numbers["new"] = number_format(figures["new"], force_grouping=True)
        return gettext("%(rows)s rows: %(present)s already present, %(new)s new, %(refused)s refused.") % numbers
    numbers["stored"] = number_format(figures["stored"], force_grouping=True)
    return gettext("%(rows)s rows: %(stored)s stored, %(present)s already present, %(refused)s refused.") % numbers


def said(figures: Mapping[str, Any]) -> str:
    """Return the report as text for a terminal."""
    lines = [counted(figures), *_about(figures)]
    for one in figures["refusals"]:
        lines.append(gettext("Row %(row)s: %(reason)s") % {"row": one["row"], "reason": one["reason"]})
        if one["text"]:
            lines.append(f"    {one['text']}")
    return "\n".join(lines)


def _about(figures: Mapping[str, Any]) -> list[str]:
    if figures.get("dry_run"):
        return [gettext("This was a dry run: nothing was stored.")]
    match figures["state"]:
        case ImportState.DONE:
            return [gettext("%(threads)s threads, %(cases)s new cases.") % figures]
        case ImportState.ASKING:
            left = number_format(figures["rows"] - figures["broken"], force_grouping=True)
            stopped = gettext("Stopped before anything was stored: %(broken)s broken rows.") % figures
            asked = gettext("Import the other %(left)s? Then run the command again with --skip-broken.") % {
                "left": left
            }
            return [stopped, asked]
        case ImportState.CANCELLED:
            return [gettext("Cancelled: %(parts_done)s of %(parts)s parts are stored, each of them whole.") % figures]
    return [figures["error"]] if "error" in figures else []


def time_left(seconds: int) -> str:
    """Say how long something will take yet."""
    if seconds < 60:
        return gettext("less than a minute left")
    minutes = round(seconds / 60)
    return ngettext("about %(minutes)d minute left", "about %(minutes)d minutes left", minutes) % {"minutes": minutes}


# A file that can be imported as it is: a question with its answer, and a complaint that waits for one.
EXAMPLE: Final = """\
id;datum;auteur;naam;tekst;draad;antwoord op;inkomend;merk;netwerk
1;31-01-2026 15:04;anna_nl;Anna de Wit;Hoe laat gaat het loket open?;1;;ja;Voorbeeldstad;x
2;31-01-2026 15:20;Voorbeeldstad;;Om negen uur, Anna.;1;1;nee;Voorbeeldstad;x
3;01-02-2026 08:12;bram77;Bram Bos;Mijn afspraak is verdwenen!;3;;ja;Voorbeeldstad;x
"""

"""Every code that the feed connector gives as a reason, with its English sentence."""

from luister.http import client as http

# Why reading or checking failed.
TROUBLE: dict[str, str] = {
    "feed.address": "“{address}” is not an address of a page or a feed, such as https://example.org/news.",
    "feed.no_feed": "No feed here: {host} answers with a page instead.",
    "feed.not_a_feed": "No feed here: what {host} answers is not RSS, Atom or JSON Feed.",
    "feed.empty": "No feed here: {host} answers with nothing.",
    "feed.unsafe": "This feed brings its own definitions (a DTD), which can harm whoever reads it. It is not read.",
    "feed.bad_json": "The JSON Feed of {host} cannot be read: it is not valid JSON.",
    "feed.json_too_large": "The JSON Feed of {host} is larger than {size} MB.",
    "feed.gone": "{host} says that this feed is gone for good. Remove it, or look for its new address.",
    "feed.not_found": "{host} has no page at this address (404). Feeds sometimes move; look on the site for a new one.",
    "feed.sign_in": "{host} asks for a user name and password, or does not accept the ones given.",
    "feed.forbidden": "{host} does not let Luister read this (403).",
    "feed.wait": "{host} asks to wait before reading again.",
    "feed.refused": "{host} does not give the feed (status {status}).",
    "feed.no_sending": "Nothing can be sent to a feed.",
}

# What is worth knowing of a feed that was read.
NOTICES: dict[str, str] = {
    "feed.cut": "The feed is larger than {size} MB; only its beginning was read.",
    "feed.newest": "The feed holds {count} items; the newest {kept} were taken.",
    "feed.moved": "The feed has moved to {address}, and is read from there.",
}

# Warnings beside a post.
BESIDE: dict[str, str] = {
    "feed.undated": "The source gives no date; this is when it came in.",
    "feed.future": "The source gives a date in the future ({date}); this is when it came in.",
    "feed.link_dropped": "The source gives a link that cannot be opened safely; it was left out.",
    "feed.plain_only": "The item is shown as plain text, because its layout is too complex to be shown safely.",
}

# Why an item is in the bin.
UNPROCESSABLE: dict[str, str] = {
    "feed.nothing_said": "The item has no title, no text and no link.",
    "feed.no_id": "The item has no id, which a JSON Feed must give.",
    "feed.item_unreadable": "The item cannot be read.",
}

REASONS: dict[str, str] = {**http.REASONS, **TROUBLE, **NOTICES, **BESIDE, **UNPROCESSABLE}

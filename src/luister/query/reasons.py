"""The sentences of the query language: what is wrong with a query, and what it finds, in words.

English, with `{value}` for their values; the Dutch is in `locale/nl`.
"""

from collections.abc import Mapping

ERRORS: Mapping[str, str] = {
    "query.empty": "There is nothing to search for yet. Type a word.",
    "query.too_long": "A query has at most {most} characters. Shorten it, or split it in two.",
    "query.too_many_terms": "A query has at most {most} terms. Leave some out, or split it in two.",
    "query.too_deep": "Parentheses and NOTs go at most {most} deep. Write it with fewer of them.",
    "query.unclosed_quote": "This quotation mark is never closed. Add one where the quoted words end.",
    "query.unclosed_parenthesis": "This parenthesis is never closed. Add a “)” where the group ends.",
    "query.unopened_parenthesis": "This parenthesis closes nothing. Add a “(” where the group begins, or remove it.",
    "query.empty_group": "There is nothing between these parentheses. Put words there, or remove them.",
    "query.missing_operand": (
        "{operator} has to stand between two things to search for. Add the other one; to search for the word itself, "
        "write it in lower case."
    ),
    "query.missing_after": (
        "NOT has to stand before what must be absent. Add that; to search for the word itself, write it in lower case."
    ),
    "query.nothing": "There is nothing in “{text}” to search for: no letter, digit or emoji. Add a word, or remove it.",
    "query.address": "Words are not searched for in addresses. To find posts with this address, write url:{text}",
    "query.lone_minus": "A minus stands right before what must be absent. Remove the space behind it, or the minus.",
    "query.double_minus": "Two minuses in a row mean nothing. Write one.",
    "query.unknown_field": (
        "There is no field “{field}”. Did you mean “{nearest}:”? To search for the words themselves, put them in "
        "quotation marks."
    ),
    "query.value_missing": "A value has to follow right behind “{field}:”, without a space.",
    "query.list_or": "Between the values of “{field}:” stands OR, such as {field}:(one OR another).",
    "query.minus_in_field": "A minus stands before the field, such as -{field}:word. Move it there, or remove it.",
    "query.unknown_value": "“{text}” is no value of “{field}:”. Choose one of: {known}.",
    "query.bad_number": (
        "“{text}” is no number that “{field}:” can be compared with. Write {field}:4, {field}:>=4, {field}:3.5 or "
        "{field}:1..3."
    ),
    "query.reversed_range": "The first number of a range is the lower one. Turn “{text}” around.",
    "query.bad_moment": (
        "“{text}” is no moment. Write {field}:2026-01-31, {field}:2026-01-31T09:30, or an age such as {field}:24h or "
        "{field}:7d."
    ),
    "query.no_such_moment": "There is no such date or time as “{text}”. Write one that exists.",
    "query.bad_sla": "“{text}” says nothing of a deadline. Write sla:breached, or the time that is left: sla:<30m.",
    "query.bad_site": (
        "“{text}” is no domain. Write only that, such as site:example.nl; for more of an address use “url:”."
    ),
    "query.wildcard_inside": "A * stands at the beginning or the end of a word, not inside it. Move or remove it.",
    "query.wildcard_misplaced": (
        "A * stands right before or behind a word, or right behind a hashtag or a name with @. Move or remove it."
    ),
    "query.wildcard_short": "With this * at least {least} letters or digits are needed. Write more of the word.",
    "query.wildcard_field": "“{field}:” takes no *. Write the whole value.",
    "query.wildcard_author": "In “author:” a * stands at the very end. Move or remove it.",
    "query.near_number": "Behind NEAR/ stands a number from 0 to 100, such as NEAR/5. Mend “{text}”.",
    "query.near_operand": (
        "NEAR stands between words, phrases, hashtags, names with @ and emoji, or groups of those with OR. This is "
        "none of them: use AND."
    ),
    "query.near_right": (
        "What NEAR has on its right cannot have a NEAR itself. Leave the parentheses out, or put them on the left."
    ),
    "query.near_in_or": "A group with OR beside NEAR cannot have a NEAR itself. Write out both possibilities with OR.",
    "query.wordless": (
        "This would also find posts with no words at all. Add a word or a field that has to be there, not only what "
        "must be absent."
    ),
}

WORDS: Mapping[str, str] = {
    "explain.posts_with": "Posts with {what}.",
    "explain.posts_without": "Posts without {what}.",
    "explain.cases_with": "Cases with {what}.",
    "explain.cases_without": "Cases without {what}.",
    "explain.and_with": "{before}, and with {what}",
    "explain.and_without": "{before}, and without {what}",
    "explain.and": "{before} and {what}",
    "explain.or": "{before} or {what}",
    "explain.not": "not {what}",
    "explain.group": "({what})",
    "explain.word": "the word “{text}”",
    "explain.word_prefix": "a word that starts with “{text}”",
    "explain.word_suffix": "a word that ends in “{text}”",
    "explain.word_infix": "a word with “{text}” in it",
    "explain.hashtag": "the hashtag #{text}",
    "explain.hashtag_prefix": "a hashtag that starts with #{text}",
    "explain.mention": "the name @{text}",
    "explain.mention_prefix": "a name that starts with @{text}",
    "explain.emoji": "the emoji {text}",
    "explain.phrase": "the words “{text}” in a row",
    "explain.near_0": "{before} and, right beside it, {what}",
    "explain.near_1": "{before} and, with at most one word between, {what}",
    "explain.near": "{before} and, with at most {distance} words between, {what}",
    "explain.title": "{what} in the title",
    "explain.text": "{what} in the text itself",
    "explain.author": "the author @{text}",
    "explain.author_prefix": "an author whose handle starts with @{text}",
    "explain.author_name": "an author called “{text}”",
    "explain.author_name_prefix": "an author whose name starts with “{text}”",
    "explain.site": "an address of their own on {text}",
    "explain.url": "“{text}” in an address",
    "explain.network": "the network {text}",
    "explain.lang": "the language {text}",
    "explain.topic": "the topic “{text}”",
    "explain.label": "the label “{text}”",
    "explain.type.post": "the type “post”",
    "explain.type.reply": "the type “reply”",
    "explain.type.comment": "the type “comment”",
    "explain.type.message": "the type “private message”",
    "explain.type.review": "the type “review”",
    "explain.type.article": "the type “article”",
    "explain.type.broadcast": "the type “broadcast”",
    "explain.type.call": "the type “phone call”",
    "explain.sentiment.positive": "a positive sentiment",
    "explain.sentiment.neutral": "a neutral sentiment",
    "explain.sentiment.negative": "a negative sentiment",
    "explain.says.question": "a question to answer",
    "explain.says.complaint": "a complaint",
    "explain.says.compliment": "a compliment",
    "explain.says.remark": "a remark",
    "explain.says.idea": "an idea",
    "explain.says.error": "a report of an error",
    "explain.says.crisis": "signs of a crisis",
    "explain.says.lead": "a chance to sell",
    "explain.says.request": "a request",
    "explain.says.thanks": "thanks",
    "explain.says.spam": "spam",
    "explain.has.link": "a link",
    "explain.has.media": "a picture, film or sound",
    "explain.has.question": "a question mark",
    "explain.is.public": "everyone as audience",
    "explain.is.private": "only us and the customer as audience",
    "explain.is.inbound": "someone else than us as sender",
    "explain.is.outbound": "us as sender",
    "explain.is.edited": "changes made afterwards",
    "explain.rating": "a rating of {bounds}",
    "explain.reach": "a reach of {bounds}",
    "explain.followers": "an author with {bounds} followers",
    "explain.at_least": "at least {low}",
    "explain.more_than": "more than {low}",
    "explain.at_most": "at most {high}",
    "explain.less_than": "less than {high}",
    "explain.from_to": "{low} to {high}",
    "explain.after": "a date from {moment} on",
    "explain.before": "a date before {moment}",
    "explain.younger": "an age of at most {age}",
    "explain.older": "an age of more than {age}",
    "explain.weeks": "{n} weeks",
    "explain.days": "{n} days",
    "explain.hours": "{n} hours",
    "explain.hour": "1 hour",
    "explain.minutes": "{n} minutes",
    "explain.minute": "1 minute",
    "explain.status.open": "the state open",
    "explain.status.waiting": "the state waiting",
    "explain.status.completed": "the state completed",
    "explain.status.closed": "the state closed",
    "explain.kind.reactive": "a customer who began",
    "explain.kind.proactive": "a start made by us",
    "explain.assignee": "“{text}” as assignee",
    "explain.assignee.me": "you as assignee",
    "explain.assignee.none": "nobody as assignee",
    "explain.team": "the team “{text}”",
    "explain.team.none": "no team",
    "explain.priority": "the priority “{text}”",
    "explain.channel": "the channel “{text}”",
    "explain.sla.breached": "a deadline that has passed",
    "explain.sla": "{bounds} until the deadline",
}

LINES: Mapping[str, str] = {
    "query.line_encoding": "This line is not text in UTF-8.",
    "query.line_json": "This line is not JSON, from character {place} on.",
    "query.line_object": "This line is not a JSON object.",
    "query.line_constant": "{text} is not JSON.",
    "query.line_missing": "“{field}” is missing.",
    "query.line_text": "“{field}” has to be text.",
    "query.line_texts": "“{field}” has to be a list of texts.",
    "query.line_number": "“{field}” has to be a number.",
    "query.line_count": "“{field}” has to be a whole number from 0 to 1,000,000.",
    "query.line_truth": "“{field}” has to be true or false.",
    "query.line_moment": "“{field}” has to be a moment such as 2026-01-31T09:30:00Z.",
    "query.line_twice": "The query “{id}” stands on line {line} already.",
}

REASONS: Mapping[str, str] = {**ERRORS, **LINES, **WORDS}

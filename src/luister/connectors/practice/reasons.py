"""What the practice network can answer, as sentences."""

from luister.http import client as http

# Code → English sentence; values in braces.
REASONS: dict[str, str] = {
    **http.REASONS,
    "practice.token_refused": "The practice network does not accept the token. Make a new one and fill it in here.",
    "practice.other_account": "The token belongs to @{handle}, not to this channel's account.",
    "practice.rate_limited": "The practice network asks to wait before the next request.",
    "practice.not_understood": "The practice network gave an answer that is not understood (status {status}).",
    "practice.network_failed": "The practice network is out of order (status {status}).",
    "practice.bad_request": "The practice network did not understand the post.",
    "practice.empty_text": "The post has no text.",
    "practice.text_too_long": "The text is too long for the practice network.",
    "practice.unknown_parent": "The post that this answers is no longer there.",
    "practice.parent_deleted": "The post that this answers was deleted.",
    "practice.parent_is_private": "A private message can only be answered in private.",
    "practice.unknown_recipient": "The account that this is for is no longer there.",
    "practice.deleted": "The post was deleted on the practice network.",
    "practice.unknown_path": "The practice network does not offer this; check the address and the way of sending.",
    "practice.too_large": "The post is too large for the practice network.",
    "practice.not_a_picture": "The practice network takes PNG, JPEG, GIF and WebP pictures only.",
    "practice.picture_too_large": "A picture is too large for the practice network: 5 MB each at most.",
    "practice.too_many_pictures": "The practice network takes at most 4 pictures with a post.",
    "practice.unreadable": "The practice network sent something that cannot be read.",
}

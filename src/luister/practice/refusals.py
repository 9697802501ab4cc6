"""Why the network refused something, in the reader's language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from luister.practice.core import RefusedError

_SENTENCES: dict[str, Promise] = {
    "bad_handle": _("A handle has 2 to 30 letters, digits and underscores, and begins with a letter."),
    "bad_request": _("The text has characters that cannot be stored. Type it again."),
    "empty_text": _("Write something first."),
    "handle_taken": _("Somebody has this name already. Choose another."),
    "no_name": _("Give yourself a name first."),
    "parent_deleted": _("The post that you answer was deleted in the meantime."),
    "parent_is_private": _("A private message can only be answered in private."),
    "text_too_long": _("This is too long. Make it shorter."),
    "too_fast": _("That is a lot at once. Wait a minute and try again."),
    "too_many_customers": _("There are many new people at the moment. Choose someone who is here already."),
    "unknown_account": _("This account is no longer there."),
    "unknown_parent": _("The post that you answer is no longer there."),
    "unknown_post": _("This post is no longer there."),
    "unknown_recipient": _("You cannot write to this account."),
}


def sentence(refused: RefusedError) -> str:
    """Return why, as a sentence that says what to do."""
    return str(_SENTENCES.get(refused.code, refused.message))

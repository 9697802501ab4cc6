"""The words that scripts need, so that no script carries a language of its own."""

from django.utils.translation import gettext as _


def script_texts() -> dict[str, str]:
    """Return every text that a script shows, by the name the script knows it by."""
    return {
        "undo": _("Undo"),
        "dismiss": _("Dismiss"),
        "retry": _("Try again"),
        "undone": _("Undone."),
        "offline": _("You are offline. What you type stays in this window; nothing is sent until you are back."),
        "online": _("You are back online."),
        "liveLost": _("Live updates stopped. Trying to get them back…"),
        "failed": _("That did not work: the server had a problem. Nothing was changed."),
        "away": _("The database cannot be reached right now. Try again in a moment: nothing is done twice."),
        "unreachable": _("The server could not be reached. Nothing was changed."),
        "forbidden": _("You may not do this, or no longer."),
        "missing": _("This is no longer here."),
        "staleForm": _("This page was open for too long. Reload it and try again."),
        "signedOut": _("You were signed out."),
        "signIn": _("Sign in again"),
        "reload": _("Reload"),
        "saved": _("Saved %s"),
        "saving": _("Saving…"),
        "notSaved": _("Not saved yet"),
        "copied": _("Copied."),
        "suggestions": _("Suggestions: %s. Choose with the arrow keys."),
    }

"""Why something was not done, as sentences in the reader's language."""

from django.utils.translation import gettext as _

from luister.base.errors import Reason
from luister.delivery import queries as delivery


def refusal(reason: Reason) -> str:
    """Say why something was not done, and what to do instead."""
    sentences = {
        "case.of_our_own_post": _("We wrote this ourselves: there is nobody to answer."),
        "case.not_found": _("This case is not here for you, or not any more."),
        "case.closed": _("This case is closed. Reopen it first, or answer in a new case."),
        "case.assignee_cannot_work": _("%(name)s may not work on cases here."),
        "case.snooze_past": _("That moment has passed. Choose one to come."),
        "handover.not_a_partner": _("A case is handed to a partner of this workspace. Choose one from the list."),
        "handover.not_yours": _("Only colleagues hand cases to partners and take them back."),
        "label.empty": _("Write a word for the label."),
        "note.empty": _("Write something first."),
        "note.mention_without_access": _("%(name)s may not see this case. Leave the name out, or give them access."),
        "reply.empty": _("Write something first."),
        "reply.too_long": _("This is %(length)s characters, and at most %(limit)s fit."),
        "reply.cannot_answer": _("What came in here cannot be answered from Luister."),
        "reply.nothing_to_answer": _("There is nothing of the customer here that can be answered."),
        "reply.already_leaving": _("Too late to take back: the reply is already on its way."),
        "reply.already_settled": _(
            "There is nothing to settle: the reply is still on its way, or somebody settled it already."
        ),
        "reply.already_judged": _(
            "This reply does not wait for approval: it never had to, or a colleague judged it already."
        ),
        "reply.not_yours_to_approve": _("This reply is approved by a colleague who may do so, not by its writer."),
        "reply.not_found": _("This reply is not here for you, or not any more."),
        "file.none_here": _("No files can be sent from here."),
        "file.too_many": _("At most %(limit)s files can go along."),
        "file.type": _("Only %(types)s files can go along here."),
        "file.too_large": _("A file may be at most %(limit)s MB here."),
        "file.empty": _("This file is empty."),
        "view.not_yours": _("This view is not yours to change, or no longer there. Save it as a new one."),
        "view.only_leads_share": _(
            "Only team leads put a view into everyone’s sidebar. Keep it for yourself or a team."
        ),
        "view.no_such_team": _("Choose one of your own teams to share this view with."),
        "undo.too_late": _("It is too late to undo this."),
        "undo.changed_since": _("Someone changed this since; undoing it would undo their work too."),
    }
    ours = sentences.get(reason.code)
    return ours % reason.values if ours else delivery.sentence(reason.code, reason.values)

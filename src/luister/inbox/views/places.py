"""Where on the desk one is: a view of the work queue, or a saved view, by its name in the address."""

from dataclasses import dataclass

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from luister.accounts.models import Membership
from luister.inbox.forms.filters import filters_of, query_string
from luister.inbox.models import SavedView
from luister.inbox.queries.cases import Filters, View
from luister.inbox.queries.saved import saved_view
from luister.inbox.views.answers import SAVED


@dataclass(frozen=True, slots=True)
class Place:
    """A view by its name in addresses."""

    name: str
    heading: str
    view: View
    saved: SavedView | None = None

    def filters(self, query: QueryDict) -> Filters:
        """Return what narrows it, as an address says."""
        return filters_of(query, saved=self._text)

    def query(self, filters: Filters, **changed: str | int | None) -> str:
        """Return the address's query for these filters."""
        return query_string(filters, saved=self._text, **changed)

    @property
    def _text(self) -> str:
        return self.saved.query if self.saved else ""


def place_of(name: str, *, member: Membership) -> Place:
    """Return the view of this name.

    Raises:
        Http404: there is none.
    """
    if name in list(View):
        return Place(name, view_name(View(name)), View(name))
    found = SAVED.fullmatch(name)
    saved = saved_view(int(found[1]), member=member) if found else None
    if saved is None:
        raise Http404
    return Place(name, saved.name, View(saved.view), saved)


def place_or_all(name: str, *, member: Membership) -> Place:
    """Return the view of this name, or all cases where there is none (any more)."""
    try:
        return place_of(name, member=member)
    except Http404:
        return place_of(View.ALL, member=member)


def view_name(view: View) -> str:
    """Return what a view is called."""
    return {
        View.INBOX: _("Open"),
        View.MINE: _("Mine"),
        View.UNASSIGNED: _("Unassigned"),
        View.WAITING: _("Waiting"),
        View.COMPLETED: _("Completed"),
        View.CLOSED: _("Closed"),
        View.ALL: _("All cases"),
        View.APPROVE: _("To approve"),
        View.TROUBLE: _("Not delivered"),
    }[view]

"""Contacts by their name or handle, for who types one where cases are searched."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from luister.accounts.models import Membership
from luister.inbox.access import visible_cases
from luister.inbox.queries.limits import TooBroadError, ends_in, limited
from luister.people.models import Contact, Identity
from luister.query import Node, QueryError, parse
from luister.query.tree import And, Hashtag, Mention, Phrase, Word

SECONDS = 0.4  # a help beside the search, which does not wait for it
MOST = 3
LEAST = 2  # letters


def people_called(text: str, *, member: Membership) -> Sequence[Contact]:
    """Return contacts of cases that the member may read whose name or handle holds all the words; few of them.

    None for a query that asks for more than words.
    """
    words = _words(text)
    if not words:
        return []
    found = contacts_of(member)
    for word in words:
        handles = Identity.objects.filter(contact=OuterRef("pk"), handle__icontains=word)
        found = found.filter(Q(name__unaccent__icontains=word) | Q(Exists(handles)))
    try:
        with limited(ends_in(SECONDS)):
            return list(found.order_by("name", "id")[:MOST])
    except TooBroadError:
        return []


def contacts_of(member: Membership) -> QuerySet[Contact]:
    """Return the contacts that a member may know by name: of cases they see and may read."""
    cases = visible_cases(member).filter(contact=OuterRef("pk"))
    if not member.may_see_private:
        cases = cases.filter(is_public=True)
    return Contact.objects.filter(Exists(cases), workspace_id=member.workspace_id)


def _words(text: str) -> list[str]:
    try:
        is_plain = _is_plain(parse(text))
    except QueryError:
        return []
    words = [word.strip('"“”„@#') for word in text.split()]
    return words if is_plain and len("".join(words)) >= LEAST and len(words) <= 8 else []


def _is_plain(node: Node) -> bool:
    if isinstance(node, And):
        return all(_is_plain(part) for part in node.parts)
    return isinstance(node, Word | Phrase | Mention | Hashtag)

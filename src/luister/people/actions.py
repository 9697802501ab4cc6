"""Meeting people: storing who wrote."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from luister.accounts.models import Workspace
from luister.base.posts import Author
from luister.people.models import Contact, Identity


def meet(author: Author, *, workspace: Workspace, kind: str, at: datetime) -> Identity:
    """Return the identity of an author, made with a new contact when they are met for the first time.

    Two workers that meet the same person at once end with one identity and no contact to spare.
    """
    known = Identity.objects.filter(workspace=workspace, kind=kind, external_id=author.external_id[:320])
    identity = known.select_related("contact").first()
    if identity is None:
        name = (author.name or author.handle or author.external_id)[:200]
        contact = Contact.objects.create(workspace=workspace, name=name, created_at=at)
        identity, is_new = Identity.objects.select_related("contact").get_or_create(
            workspace=workspace,
            kind=kind,
            external_id=author.external_id[:320],
            defaults={
                "contact": contact,
                "name": author.name[:200],
                "handle": author.handle[:320],
                "url": author.url[:500],
                "created_at": at,
            },
        )
        if not is_new:
            contact.delete()
    elif author.name and identity.name != author.name[:200]:
        Identity.objects.filter(pk=identity.pk).update(name=author.name[:200])
        identity.name = author.name[:200]
    return identity


def meet_all(
    authors: Iterable[Author], *, workspace: Workspace, kind: str, at: datetime, renames: bool = False
) -> Mapping[str, Identity]:
    """Return the identities of many authors by external id, as `meet` does for one, in a handful of queries.

    With `renames` those who are known are called what they call themselves here; who brings old posts leaves it.
    """
    # In one order, or two workers that meet the same people would wait for each other.
    by_id = {author.external_id[:320]: author for author in authors}
    wanted = {external_id: by_id[external_id] for external_id in sorted(by_id)}
    found = Identity.objects.filter(workspace=workspace, kind=kind, external_id__in=list(wanted))
    known = {identity.external_id: identity for identity in found}
    new = [author for external_id, author in wanted.items() if external_id not in known]
    contacts = Contact.objects.bulk_create(
        Contact(workspace=workspace, name=(author.name or author.handle or author.external_id)[:200], created_at=at)
        for author in new
    )
    Identity.objects.bulk_create(
        [
            Identity(
                workspace=workspace,
                kind=kind,
                external_id=author.external_id[:320],
                contact=contact,
                name=author.name[:200],
                handle=author.handle[:320],
                url=author.url[:500],
                created_at=at,
            )
            for author, contact in zip(new, contacts, strict=True)
        ],
        ignore_conflicts=True,
    )
    met = Identity.objects.filter(
        workspace=workspace, kind=kind, external_id__in=[author.external_id[:320] for author in new]
    )
    known.update({identity.external_id: identity for identity in met})
    if renames:
        _rename(known, wanted)
    used = {identity.contact_id for identity in known.values()}
    Contact.objects.filter(pk__in=[contact.pk for contact in contacts if contact.pk not in used]).delete()
    return known


def _rename(known: Mapping[str, Identity], wanted: Mapping[str, Author]) -> None:
    renamed = []
    for external_id, identity in known.items():
        name = wanted[external_id].name[:200]
        if name and identity.name != name:
            identity.name = name
            renamed.append(identity)
    Identity.objects.bulk_update(renamed, ["name"])

"""What can be done on the practice network: write, delete, make accounts, and make things go wrong."""

import re
import unicodedata
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from luister.base.ids import new_token, token_digest
from luister.practice.core import HANDLE, Draft, Person, Post, RefusedError, Repeat, checked
from luister.practice.enums import Repeats
from luister.practice.faults import FaultPlan
from luister.practice.models import Account, Faults
from luister.practice.models import Post as PostRow
from luister.practice.store import DatabaseStore, as_id, person_of

# The pages are open to whoever can reach them; real people write less, and a script is stopped.
POSTS_A_MINUTE_EACH = 20
POSTS_A_MINUTE = 300
CUSTOMERS_AN_HOUR = 300
NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class OpenedBrand:
    """A brand's account with its token, which is shown this once."""

    person: Person
    token: str


def open_brand(handle: str, *, name: str, now: datetime, repeats: Repeats = Repeats.KEY) -> OpenedBrand:
    """Make a brand's account, or give an existing one a new name, class and token.

    Raises:
        RefusedError: no handle, or one that a customer has.
    """
    handle = handle.strip().removeprefix("@").lower()
    if not HANDLE.fullmatch(handle) or not _clean_name(name):
        raise RefusedError(422, "bad_handle", "A handle has 2 to 30 letters, digits and underscores.")
    token = new_token()
    with transaction.atomic():
        account, is_new = Account.objects.select_for_update().get_or_create(
            handle=handle, defaults={"name": _clean_name(name), "is_brand": True, "created_at": now}
        )
        if not is_new and not account.is_brand:
            raise RefusedError(409, "handle_taken", "A customer has this handle.")
        account.name, account.repeats = _clean_name(name), repeats
        account.token_digest, account.token_expired = token_digest(token), False
        account.save(update_fields=["name", "repeats", "token_digest", "token_expired"])
    return OpenedBrand(person_of(account), token)


def renew_token(handle: str) -> str:
    """Give a brand a new token; the old one is then unknown.

    Raises:
        RefusedError: there is no such brand.
    """
    token = new_token()
    renewed = Account.objects.filter(handle=handle, is_brand=True).update(
        token_digest=token_digest(token), token_expired=False
    )
    if not renewed:
        raise RefusedError(404, "unknown_account", "There is no such brand.")
    return token


def change_brand(handle: str, *, repeats: Repeats, token_expired: bool) -> None:
    """Set what a brand's API does with repeats, and whether its token has expired."""
    Account.objects.filter(handle=handle, is_brand=True).update(repeats=repeats, token_expired=token_expired)


def change_faults(plan: FaultPlan) -> None:
    """Set what goes wrong from now on."""
    Faults.objects.update_or_create(id=1, defaults=asdict(plan))


def new_customer(name: str, *, now: datetime) -> Person:
    """Make a customer with a handle after their name.

    Raises:
        RefusedError: no name, or too many new customers.
    """
    name = _clean_name(name)
    if not name:
        raise RefusedError(422, "no_name", "A customer needs a name.")
    if Account.objects.filter(created_at__gt=now - timedelta(hours=1)).count() >= CUSTOMERS_AN_HOUR:
        raise RefusedError(429, "too_many_customers", "There are many new customers; choose one.")
    wanted = _handle_after(name)
    for number in range(1, 1000):
        handle = wanted if number == 1 else f"{wanted[:26]}{number}"
        try:
            with transaction.atomic():
                return person_of(Account.objects.create(handle=handle, name=name, created_at=now))
        except IntegrityError:
            continue
    raise RefusedError(409, "handle_taken", "There are many customers of this name; choose another.")


def known_customer(handle: str, *, name: str, now: datetime) -> Person:
    """Return the customer with this handle, made when there is none.

    Raises:
        RefusedError: no handle, or a brand's.
    """
    if not HANDLE.fullmatch(handle):
        raise RefusedError(422, "bad_handle", "A handle has 2 to 30 letters, digits and underscores.")
    account, _ = Account.objects.get_or_create(
        handle=handle, defaults={"name": _clean_name(name) or handle, "created_at": now}
    )
    if account.is_brand:
        raise RefusedError(409, "handle_taken", "A brand has this handle.")
    return person_of(account)


def say(text: str, *, by: Person, now: datetime, to: str = "", parent_id: str = "", key: str = "") -> Post:
    """Write as a customer; `to` (a handle) makes it private, the same `key` twice writes once.

    Raises:
        RefusedError: the network does not accept it.
    """
    store = DatabaseStore()
    recipient = store.person(to) if to else None
    parent = store.post(parent_id) if parent_id else None
    if by.is_brand:
        raise RefusedError(403, "is_brand", "A brand writes through its API only.")
    if to and recipient is None:
        raise RefusedError(404, "unknown_recipient", "There is no such account.")
    if parent_id and parent is None:
        raise RefusedError(404, "unknown_parent", "There is no such post.")
    repeat = Repeat.KEEP if key else Repeat.POST_AGAIN
    draft = Draft(author=by, text=text, to=recipient, parent=parent, key=key, repeat=repeat)
    return store.publish(checked(draft), now=now)


def say_on_page(text: str, *, by: Person, key: str, now: datetime, to: str = "", parent_id: str = "") -> Post:
    """Write as a customer on the open pages; `key` comes with the form, so that a double click posts once.

    Raises:
        RefusedError: the network does not accept it, or it goes too fast.
    """
    lately = PostRow.objects.filter(created_at__gt=now - timedelta(minutes=1), author__is_brand=False)
    if lately.filter(author=int(by.id)).count() >= POSTS_A_MINUTE_EACH or lately.count() >= POSTS_A_MINUTE:
        raise RefusedError(429, "too_fast", "That is a lot at once; wait a minute.")
    return say(text, by=by, to=to, parent_id=parent_id, key=key, now=now)


def delete_post(post_id: str, *, by: Person, now: datetime) -> None:
    """Delete a post of one's own.

    Raises:
        RefusedError: there is no such post of theirs.
    """
    if not PostRow.objects.filter(pk=as_id(post_id), author=int(by.id), deleted_at=None).exists():
        raise RefusedError(404, "unknown_post", "There is no such post of yours.")
    DatabaseStore().delete(post_id, now=now)


def _clean_name(name: str) -> str:
    printable = "".join(letter for letter in name if letter.isprintable())
    return " ".join(printable.split())[:NAME_LENGTH]


def _handle_after(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    handle = re.sub(r"[^a-z0-9]+", "_", plain).strip("_").lstrip("0123456789_")[:28]
    return handle if HANDLE.fullmatch(handle) else "customer"

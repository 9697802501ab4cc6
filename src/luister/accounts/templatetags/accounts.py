"""What templates ask about people and walls."""

from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.urls import reverse

from luister.accounts import access, sentences
from luister.accounts.enums import Permission
from luister.accounts.models import Membership
from luister.accounts.navigation import OWN_PAGES, WORKSPACE_PAGES

register = template.Library()


@register.filter
def may(member: Membership | None, permission: str) -> bool:
    """Whether a member has a permission: {% if request.member|may:"manage_people" %}."""
    return bool(member) and member.may(Permission(permission))  # type: ignore[union-attr]  # bool(None) is False


@register.filter
def verb_text(verb: str) -> str:
    """Say what an audit entry tells was done."""
    return sentences.verb_text(verb)


@register.filter
def detail_lines(detail: dict[str, Any]) -> list[str]:
    """Say what it changed, a line each."""
    return list(sentences.detail_lines(detail))


@register.simple_tag
def sends_mail() -> bool:
    """Whether the installation can send mail of its own."""
    return not settings.EMAIL_BACKEND.endswith("console.EmailBackend")


@register.simple_tag(takes_context=True)
def workspace_around(context: Context) -> Membership | None:
    """Return the reader's place in the workspace of this page; on their own pages, in the only one they have."""
    member: Membership | None = getattr(context["request"], "member", None)
    if member is None:
        members = access.memberships_of(context["request"].user)
        member = members[0] if len(members) == 1 else None
    return member


@register.simple_tag(takes_context=True)
def workspace_pages(context: Context, member: Membership | None) -> list[dict[str, Any]]:
    """Return the settings of the workspace that the reader may open; none outside a workspace."""
    if member is None:
        return []
    return [
        _entry(context, reverse(page.address, args=[member.workspace.slug]), (page.address, *page.covers))
        | {"icon": page.icon, "label": page.label}
        for page in WORKSPACE_PAGES
        if member.may(page.permission)
    ]


@register.simple_tag(takes_context=True)
def own_pages(context: Context) -> list[dict[str, Any]]:
    """Return the reader's own settings."""
    return [
        _entry(context, reverse(address), (address, *covers)) | {"icon": icon, "label": label}
        for address, icon, label, covers in OWN_PAGES
    ]


def _entry(context: Context, url: str, names: tuple[str, ...]) -> dict[str, Any]:
    match = context["request"].resolver_match
    return {"url": url, "is_current": match is not None and match.view_name in names}

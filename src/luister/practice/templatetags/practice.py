"""How a post's text is written: escaped, with its mentions as links."""

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from luister.practice.core import MENTION

register = template.Library()


@register.filter
def with_mentions(text: str) -> SafeString:
    """Escape a text and link the handles in it."""
    pieces: list[tuple[str | SafeString]] = []
    at = 0
    for found in MENTION.finditer(text):
        url = reverse("practice:profile", args=[found[1].lower()])
        pieces += [(text[at : found.start()],), (format_html('<a href="{}">{}</a>', url, found[0]),)]
        at = found.end()
    return format_html_join("", "{}", [*pieces, (text[at:],)])

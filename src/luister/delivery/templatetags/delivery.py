"""What templates say about channels and what came in."""

from collections.abc import Mapping

from django import template

from luister.delivery import queries

register = template.Library()


@register.filter
def sentence(code: str, values: Mapping[str, str] | None = None) -> str:
    """Say why something is as it is: {{ channel.reason_code|sentence:channel.reason_values }}."""
    return queries.sentence(code, values or {})

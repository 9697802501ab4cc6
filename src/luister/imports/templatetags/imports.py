"""What the templates of imports ask."""

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def grouped(number: int) -> str:
    """Write a number with its thousands apart, as the reader's language does."""
    return str(number_format(number, force_grouping=True))

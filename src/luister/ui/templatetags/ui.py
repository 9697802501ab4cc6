"""Template tags of the design system: drawings, components with slots, initials, moments and waits."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.template.exceptions import TemplateSyntaxError
from django.templatetags.static import static
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe

from luister.base.clock import utc_now
from luister.ui import keys, people, times
from luister.ui.icons import icon_names
from luister.ui.texts import script_texts

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=1_000, typed=True)  # a page has hundreds; what is safe and what is not are never mistaken
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Draw an icon; with a label it is read aloud, without one it only accompanies text.

    Raises:
        TemplateSyntaxError: there is no such drawing.
    """
    if name not in icon_names():
        raise TemplateSyntaxError(f"There is no icon {name!r} in ui/icons.svg.")
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" {}><use href="{}#{}"/></svg>',
        f" {css}" if css else "",
        spoken,
        static("ui/icons.svg"),
        name,
    )


@register.simple_tag
def ui_texts() -> SafeString:
    """Hand the scripts their words, in the language of the page."""
    return json_script(script_texts(), "ui-texts")


class SlotNode(Node):
    """A named part of a component's content; it is drawn where the component puts it."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        """Leave nothing behind between the other content."""
        return SafeString("")


class ComponentNode(Node):
    """A component: its template with the given values, `content` and one `slot_<name>` for every slot."""

    def __init__(self, name: str, values: Mapping[str, FilterExpression], nodelist: NodeList) -> None:
        self.name = name
        self.values = values
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        """Draw the content first, then the component around it."""
        values: dict[str, Any] = {name: value.resolve(context) for name, value in self.values.items()}
        for node in self.nodelist:
            if isinstance(node, SlotNode):
                values[f"slot_{node.name}"] = node.nodelist.render(context)
        values["content"] = self.nodelist.render(context)
        inner = context.new(values)
        for shared in ("request", "csrf_token"):
            if shared in context:
                inner[shared] = context[shared]
        engine = context.template.engine  # type: ignore[union-attr] # set while a template is rendered
        return engine.get_template(f"ui/components/{self.name}.html").render(inner)


def _name_and_values(parser: Parser, token: Token) -> tuple[str, dict[str, FilterExpression]]:
    tag, *bits = token.split_contents()
    if not bits:
        raise TemplateSyntaxError(f"{tag!r} needs the name of a component.")
    name = bits.pop(0).strip("\"'")
    values = token_kwargs(bits, parser)
    if bits:
        raise TemplateSyntaxError(f"{tag!r} takes key=value only; {bits[0]!r} is something else.")
    return name, values


@register.tag
def component(parser: Parser, token: Token) -> ComponentNode:
    """Draw `ui/components/NAME.html` around the content: {% component "banner" tone="warn" %}…{% endcomponent %}."""
    name, values = _name_and_values(parser, token)
    nodelist = parser.parse(("endcomponent",))
    parser.delete_first_token()
    return ComponentNode(name, values, nodelist)


@register.tag
def part(parser: Parser, token: Token) -> ComponentNode:
    """Draw a component that has no content: {% part "avatar" name=user.name %}."""
    name, values = _name_and_values(parser, token)
    return ComponentNode(name, values, NodeList())


@register.tag
def slot(parser: Parser, token: Token) -> SlotNode:
    """Name a part of a component's content: {% slot "actions" %}…{% endslot %}."""
    name = token.split_contents()[1].strip("\"'")
    nodelist = parser.parse(("endslot",))
    parser.delete_first_token()
    return SlotNode(name, nodelist)


@register.filter
def initials(name: str) -> str:
    """Return one or two letters for a name."""
    return people.initials(str(name))


@register.filter
def hue(value: object) -> int:
    """Return the colour number that a name or id always has."""
    return people.hue(value)


@register.simple_tag
def moment(at: datetime, now: datetime | None = None) -> SafeString:
    """Write a moment briefly, with the full one behind it."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        times.full_moment(at),
        times.short_moment(at, now=now or utc_now()),
    )


@register.simple_tag
def clock(at: datetime) -> SafeString:
    """Write the time of day, with the full moment behind it."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), times.full_moment(at), times.clock_time(at)
    )


@register.filter
def full_moment(at: datetime) -> str:
    """Write a moment in full."""
    return times.full_moment(at)


@register.filter
def near_moment(at: datetime) -> str:
    """Write a moment of the coming weeks, with its weekday."""
    return times.near_moment(at)


@register.simple_tag
def day_heading(at: datetime, now: datetime | None = None) -> str:
    """Write the day above a group of posts."""
    return times.day_heading(at, now=now or utc_now())


@register.simple_tag
def wait_since(since: datetime, now: datetime | None = None) -> SafeString:
    """Write how long someone has been waiting, louder as it gets longer."""
    wait = (now or utc_now()) - since
    return format_html(
        '<time datetime="{}" title="{}" data-level="{}">{}</time>',
        since.isoformat(),
        times.full_moment(since),
        times.wait_level(wait),
        times.short_wait(wait),
    )


@register.filter
def field_type(bound: Any) -> str:
    """Return which kind of field a form field is drawn as, such as checkbox or textarea."""
    widget = bound.field.widget
    return str(getattr(widget, "input_type", None) or type(widget).__name__.lower())


@register.simple_tag
def key_map(user: Any = None) -> str:
    """Return the user's keys as JSON, for the script that listens to them."""
    changed = getattr(user, "keys", None) or {}
    return json.dumps({"keys": keys.keys_of(changed), "aliases": keys.ALIASES})


@register.simple_tag(takes_context=True)
def key_for(context: Context, action: str) -> SafeString:
    """Draw the key of an action as the user has it; nothing when their single keys are off."""
    user = context.get("user")
    if user is not None and not getattr(user, "single_keys", True):
        return SafeString("")
    key = keys.keys_of(getattr(user, "keys", None) or {}).get(action, "")
    return format_html('<kbd class="kbd" aria-hidden="true">{}</kbd>', key) if key else SafeString("")

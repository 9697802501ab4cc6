import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.template.exceptions import TemplateSyntaxError

from luister.ui.icons import icon_names

SRC = Path(__file__).parents[2] / "src" / "luister"
USED_ICON = re.compile(r"""\{%\s*icon\s+["']([a-z-]+)["']|\bicon=["']([a-z-]+)["']""")


def render(source: str, **values: object) -> str:
    return Template("{% load ui %}" + source).render(Context(values))


def test_icon_alone_is_silent_and_with_a_label_is_read() -> None:
    assert 'aria-hidden="true"' in render('{% icon "reply" %}')
    assert 'role="img" aria-label="Reply &amp; more"' in render('{% icon "reply" label=label %}', label="Reply & more")


def test_icon_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="rocket"):
        render('{% icon "rocket" %}')


@pytest.mark.parametrize("path", sorted(SRC.rglob("templates/**/*.html")), ids=lambda path: path.name)
def test_templates_use_icons_that_exist(path: Path) -> None:
    used = {one or other for one, other in USED_ICON.findall(path.read_text())}

    assert used <= icon_names()


def test_component_draws_its_content_and_slots() -> None:
    html = render(
        '{% component "banner" tone="warn" title=title %}<p>{{ inner }}</p>'
        '{% slot "actions" %}<button>{{ inner }}</button>{% endslot %}{% endcomponent %}',
        title="<b>",
        inner="in & out",
    )

    assert "<strong>&lt;b&gt;</strong><p>in &amp; out</p>" in html
    assert '<div class="banner-actions"><button>in &amp; out</button></div>' in html
    assert html.count("<button>") == 1


def test_component_within_a_component_keeps_its_own_slots() -> None:
    html = render(
        '{% component "banner" %}{% component "banner" title="inner" %}{% slot "actions" %}X{% endslot %}'
        "{% endcomponent %}{% endcomponent %}"
    )

    assert html.count("banner-actions") == 1


def test_component_does_not_see_what_it_was_not_given() -> None:
    assert "secret" not in render('{% part "button" text="Go" %}', icon="secret", href="secret")


@pytest.mark.parametrize(
    "state", ["queued", "sending", "sent", "failed", "unknown", "cancelled", "abandoned", "bounced"]
)
def test_send_state_has_text_and_a_drawing(state: str) -> None:
    html = render('{% part "send_state" state=state %}', state=state)

    assert "<svg" in html
    assert re.sub(r"<[^>]+>", "", html).strip()


def test_key_for_shows_the_users_own_key_and_none_when_keys_are_off() -> None:
    class Person:
        keys = {"reply": "q"}
        single_keys = True

    person = Person()
    assert ">q</kbd>" in render('{% key_for "reply" %}', user=person)
    person.single_keys = False
    assert render('{% key_for "reply" %}', user=person) == ""

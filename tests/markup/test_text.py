"""The text of HTML: what a reader sees, line by line, with quotes marked."""

import pytest

from luister.markup.text import html_to_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Een</p><p>Twee</p>", "Een\n\nTwee"),
        ("Een<br>Twee<br><br><br>Drie", "Een\nTwee\n\nDrie"),
        ("<div>Een</div><div><br></div><div>Twee</div>", "Een\n\nTwee"),
        ("  veel \n\t ruimte&nbsp;&amp; tekens &eacute;&#8364; ", "veel ruimte & tekens é€"),
        ("<ul><li>een</li><li>twee</li></ul>klaar", "- een\n- twee\n\nklaar"),
        ("<table><tr><td>Vlucht</td><td>KL1</td></tr><tr><td>Datum</td></tr></table>", "Vlucht  KL1\nDatum"),
        ("Ja<blockquote>Mag het?<br>Groet</blockquote>Klaar", "Ja\n\n> Mag het?\n> Groet\n\nKlaar"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n>> b"),
        ("<pre>een\n  twee\n</pre>", "een\n  twee"),
        ("zie <a href='https://x.example/a'>hier</a>.", "zie hier <https://x.example/a>."),
        ("zie <a href='https://x.example/'>x.example</a>", "zie x.example"),
        ("<a href='mailto:a@x.example'>a@x.example</a>", "a@x.example"),
        ("foto: <img src='cid:1' alt='koffer'>!", "foto: koffer !"),
        ("<style>p{}</style><script>x()</script><title>t</title>zichtbaar", "zichtbaar"),
        ("<div style='display:none'>verborgen<div>ook</div></div>zichtbaar", "zichtbaar"),
        ("een<!-- commentaar -->twee", "eentwee"),
        ("3 < 4 en <3", "3 < 4 en <3"),
        ("", ""),
        (
            "<p class=MsoNormal>Hoi</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>Dag</p><p class=MsoNormal>Jan",
            "Hoi\n\nDag\nJan",
        ),
        ("boven<hr>onder", "boven\n\n" + "_" * 32 + "\nonder"),
    ],
)
def test_html_to_text(source: str, text: str) -> None:
    assert html_to_text(source) == text


def test_html_to_text_of_too_many_tags_is_the_text_between_them() -> None:
    assert html_to_text("<i>" * 70_000 + "hallo") == "hallo"

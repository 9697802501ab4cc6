"""Broken and nested MIME: what can be read is read, within limits."""

import pytest

from tests.connectors.email.accounts import codes, mail, parse


def part(text: str, *, kind: str = "plain", headers: str = "") -> str:
    return f"Content-Type: text/{kind}; charset=utf-8\n{headers}\n{text}\n"


def multipart(boundary: str, *parts: str, close: bool = True, preamble: str = "") -> str:
    body = preamble + "".join(f"\n--{boundary}\n{part}" for part in parts)
    return body + (f"\n--{boundary}--\n" if close else "")


def of(body: str, content_type: str) -> str:
    return mail(body, Content_Type=content_type, MIME_Version="1.0")


def nested(levels: int) -> str:
    body, kind = part("Diep verstopt"), ""
    for level in range(levels):
        inner = f"Content-Type: {kind}\n\n{body}" if kind else body
        body, kind = multipart(f"b{level}", inner), f'multipart/mixed; boundary="b{level}"'
    return of(body, kind)


def test_nested_24_levels() -> None:
    post = parse(nested(24))

    assert (post.text, codes(post)) == ("Diep verstopt", [])


def test_nested_200_levels_still_shows_the_text() -> None:
    assert "Diep verstopt" in parse(nested(200)).text


@pytest.mark.parametrize(
    ("body", "content_type", "notices"),
    [
        (multipart("x", part("Hallo"), close=False), "multipart/mixed; boundary=x", ["mail.repaired"]),
        (multipart("x", part("Hallo")), "multipart/mixed", ["mail.repaired"]),
        (multipart("x", part("Hallo")), "multipart/mixed; boundary=anders", ["mail.repaired"]),
        (multipart("x y", part("Hallo")), "multipart/mixed; boundary=x y", []),
        (multipart("x=1;2", part("Hallo")), 'multipart/mixed; boundary="x=1;2"', []),
        ("Hallo", "multipart/mixed; boundary=x", ["mail.repaired"]),
        ("Hallo", "multipart/alternative", ["mail.repaired"]),
        (multipart("x", part("Hallo"), preamble="Preamble --x is here\n--xx\n"), "multipart/mixed; boundary=x", []),
        (multipart("x", part("Hallo")) + "epilogue", "multipart/mixed; boundary=x", []),
        (multipart("x", "\nHallo\n"), "multipart/mixed; boundary=x", []),  # a part without headers
        ("Hallo", "", []),
        ("Hallo", "text", []),
        ("Hallo", "onzin", []),
        ("Hallo", "text/plain; charset", []),
        ("Hallo", "TEXT/Plain; CharSet='utf-8'", []),
    ],
)
def test_broken_structure(body: str, content_type: str, notices: list[str]) -> None:
    post = parse(of(body, content_type))

    assert (post.text, codes(post)) == ("Hallo", notices)


def test_boundary_in_preamble_keeps_the_text() -> None:
    body = "--x\nnot a part\n" + multipart("x", part("Hallo"))

    assert "Hallo" in parse(of(body, "multipart/mixed; boundary=x")).text


def test_inner_boundary_that_begins_with_the_outer() -> None:
    forms = multipart("x-1", part("Hallo"), part("<b>Hallo</b>", kind="html"))
    inner = f"Content-Type: multipart/alternative; boundary=x-1\n\n{forms}"

    post = parse(of(multipart("x", inner), "multipart/mixed; boundary=x"))

    assert (post.text, post.html, codes(post)) == ("Hallo", "<b>Hallo</b>\n", [])


def test_alternative_with_empty_text_takes_the_html() -> None:
    body = multipart("x", part(" "), part("<p>Hallo</p>", kind="html"))

    assert parse(of(body, "multipart/alternative; boundary=x")).text == "Hallo"


def test_mixed_texts_with_a_picture_between() -> None:
    picture = "Content-Type: image/png\nContent-Disposition: inline\n\nPNG\n"

    post = parse(of(multipart("x", part("Voor"), picture, part("Na")), "multipart/mixed; boundary=x"))

    assert (post.text, len(post.attachments)) == ("Voor\n\nNa", 1)


def test_text_file_is_a_file() -> None:
    attached = part("inhoud", headers='Content-Disposition: attachment; filename="a.txt"\n')

    post = parse(of(multipart("x", part("Zie a.txt"), attached), "multipart/mixed; boundary=x"))

    assert (post.text, [file.name for file in post.attachments]) == ("Zie a.txt", ["a.txt"])


def test_thousands_of_parts_are_cut() -> None:
    post = parse(of(multipart("x", *[part("a")] * 5_000), "multipart/mixed; boundary=x"))

    assert "mail.parts_cut" in codes(post)


def test_hundreds_of_files_are_cut() -> None:
    files = ["Content-Type: application/pdf\n\nx\n"] * 300

    post = parse(of(multipart("x", part("Zie"), *files), "multipart/mixed; boundary=x"))

    assert len(post.attachments) == 200
    assert codes(post) == ["mail.attachments_cut"]


@pytest.mark.parametrize(
    ("encoding", "body", "text"),
    [
        ("base64", "SGFsbG8=", "Hallo"),
        ("BASE64 ", "SGFs\nbG8", "Hallo"),
        ("base64", "SGFsbG8=\n-- \nfooter of a list", "Hallo"),
        ("base64", "!!!", ""),
        ("quoted-printable", "Hal=\nlo =C3=A9=ZZ =", "Hallo é=ZZ"),
        ("x-uuencode", "begin 644 a.txt\n%2&%L;&\\\n`\nend", "Hallo"),
        ("8bit", "Hallo é", "Hallo é"),
        ("onbekend", "Hallo", "Hallo"),
    ],
)
def test_transfer_encodings(encoding: str, body: str, text: str) -> None:
    assert parse(mail(body, Content_Transfer_Encoding=encoding, Content_Type="text/plain; charset=utf-8")).text == text


def test_flowed_text_is_joined() -> None:
    body = "Dit is een lange \nregel.\n\n> Een vraag \n> over twee regels\n\nJa. \n-- \nJan"

    post = parse(mail(body, Content_Type="text/plain; format=flowed"))

    assert post.text == "Dit is een lange regel.\n\nJa."
    assert "> Een vraag over twee regels" in post.quoted_text

from luister.base.posts import InboundAttachment
from luister.posts.models import Attachment
from tests.inbox.helpers import mailed, take_in


def test_mail_is_shown_in_a_frame_that_may_do_nothing(desk):
    post, _ = take_in(mailed("m1", html="<p>Hallo</p>"), channel=desk.channel)

    response = desk.get(f"posts/{post.pk}/html/")

    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "<p>Hallo</p>" in response.content.decode()
    assert desk.get("posts/999999/html/").status_code == 404


def test_files_are_kept_unless_they_are_pictures(desk):
    files = (
        InboundAttachment("foto.png", "image/png", b"png"),
        InboundAttachment("pagina.html", "text/html", b"<script>"),
        InboundAttachment("nep.png.exe", "image/png", b"MZ"),
    )
    take_in(mailed("m1", attachments=files), channel=desk.channel)
    manners = {}
    for file in Attachment.objects.all():
        response = desk.get(f"files/{file.pk}/")
        manners[file.name] = (response.headers["Content-Disposition"].split(";")[0], response.headers["Content-Type"])
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]

    assert manners == {
        "foto.png": ("inline", "image/png"),
        "pagina.html": ("attachment", "application/octet-stream"),
        "nep.png.exe": ("attachment", "application/octet-stream"),
    }


def test_file_that_is_gone_from_the_disk_is_not_found(desk):
    take_in(mailed("m1", attachments=(InboundAttachment("foto.png", "image/png", b"png"),)), channel=desk.channel)
    Attachment.objects.update(stored_as="0" * 32)

    assert desk.get(f"files/{Attachment.objects.get().pk}/").status_code == 404

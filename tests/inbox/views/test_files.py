from luister.base.posts import InboundAttachment
from luister.posts.files import store
from luister.posts.models import Attachment
from tests.factories import ChannelFactory, MembershipFactory, OutgoingFactory, OutgoingFileFactory, ReplyFactory
from tests.inbox.helpers import mailed, take_in
from tests.inbox.views.helpers import BACKEND


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


PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20


def make_sent_file(desk, **fields):
    channel = ChannelFactory(workspace=desk.member.workspace, kind="email", publicness="private")
    _, threaded = take_in(mailed("m2"), channel=channel)
    outgoing = OutgoingFactory(workspace=desk.member.workspace, channel=channel, is_public=False, state="sent")
    ReplyFactory(workspace=desk.member.workspace, case=threaded.case, outgoing=outgoing)
    return threaded.case, OutgoingFileFactory(outgoing=outgoing, stored_as=store(PNG), **fields)


def test_file_that_went_along_is_shown_with_its_reply(desk):
    case, file = make_sent_file(desk, name="kaart.png", content_type="image/png")

    page = desk.get(f"inbox/all/{case.number}/").content.decode()
    response = desk.get(f"sent-files/{file.pk}/")

    assert f'<img src="/w/{desk.member.workspace.slug}/sent-files/{file.pk}/" alt="kaart.png"' in page
    assert response.content == PNG
    assert response.headers["Content-Type"] == "image/png"


def test_file_that_could_run_is_never_shown_in_the_browser(desk):
    _, file = make_sent_file(desk, name="kaart.html", content_type="image/png")

    response = desk.get(f"sent-files/{file.pk}/")

    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment;")


def test_private_file_is_not_for_who_reads_public_posts_alone(desk):
    _, file = make_sent_file(desk)
    analyst = MembershipFactory(workspace=desk.member.workspace, role="analyst")
    desk.client.force_login(analyst.user, backend=BACKEND)

    assert desk.get(f"sent-files/{file.pk}/").status_code == 404


def test_picture_of_a_customer_is_shown_in_the_thread(desk):
    files = (InboundAttachment("foto.png", "image/png", PNG), InboundAttachment("nep.png.exe", "image/png", b"MZ"))
    _, threaded = take_in(mailed("m1", attachments=files), channel=desk.channel)

    page = desk.get(f"inbox/all/{threaded.case.number}/").content.decode()

    assert 'alt="foto.png"' in page
    assert 'alt="nep.png.exe"' not in page
    assert "This kind of file can harm your computer" in page

"""Files that go along with a reply."""

import pytest

from luister.accounts.enums import Role
from luister.channels.enums import Publicness
from luister.delivery.models import OutgoingFile
from luister.delivery.queries import attachments
from luister.inbox.actions import files, replies
from luister.inbox.actions.changes import RefusedError
from luister.inbox.models import DraftFile
from luister.posts.files import path_of
from tests.factories import NOW, ChannelFactory, MembershipFactory
from tests.inbox.helpers import mailed, take_in
from tests.inbox.test_replies import written

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20


@pytest.fixture(autouse=True)
def stored(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def pim():
    return MembershipFactory(role=Role.AGENT)


@pytest.fixture
def case(pim):
    channel = ChannelFactory(workspace=pim.workspace, kind="email", publicness=Publicness.PRIVATE)
    return take_in(mailed("<1@x>"), channel=channel)[1].case


def attach(case, by, name="plattegrond.png", content=PNG):
    return files.attach(case.pk, name=name, content=content, is_public=False, by=by, now=NOW)


def send(case, by):
    return replies.send_reply(case.pk, written(is_public=False), by=by, now=NOW)


def test_a_file_goes_out_with_the_reply(case, pim):
    attach(case, pim)

    reply = send(case, pim)

    sent = attachments(reply.outgoing)
    assert [(file.name, file.content_type, file.content) for file in sent] == [("plattegrond.png", "image/png", PNG)]
    assert not DraftFile.objects.exists()


def test_a_colleagues_file_stays_with_them(case, pim):
    attach(case, MembershipFactory(workspace=pim.workspace))

    reply = send(case, pim)

    assert attachments(reply.outgoing) == []
    assert DraftFile.objects.count() == 1


def test_a_reply_that_is_taken_back_brings_its_files_back(case, pim):
    attach(case, pim)
    reply = send(case, pim)

    replies.take_back(reply.pk, by=pim, now=NOW)

    assert DraftFile.objects.get().name == "plattegrond.png"
    assert not OutgoingFile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_removed_leaves_the_disk(case, pim):
    path = path_of(attach(case, pim).stored_as)

    files.detach(DraftFile.objects.get().pk, by=pim)

    assert not path.exists()
    assert not DraftFile.objects.exists()


def test_nobody_removes_a_colleagues_file(case, pim):
    file = attach(case, pim)

    files.detach(file.pk, by=MembershipFactory(workspace=pim.workspace))

    assert DraftFile.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "file.empty"), (PNG + b"x" * (10 * 1024 * 1024), "file.too_large")]
)
def test_what_the_channel_does_not_take_is_refused(case, pim, content, code):
    with pytest.raises(RefusedError) as refused:
        attach(case, pim, content=content)

    assert refused.value.reason.code == code
    assert not DraftFile.objects.exists()


def test_no_more_files_than_the_channel_takes(case, pim):
    for _ in range(10):
        attach(case, pim)

    with pytest.raises(RefusedError) as refused:
        attach(case, pim)
    assert refused.value.reason.code == "file.too_many"


def test_a_files_name_is_cleaned_and_its_type_is_what_it_is(case, pim):
    file = attach(case, pim, name="../../foto\u202egnp.exe", content=PNG)

    assert (file.name, file.content_type) == ("fotognp.exe", "image/png")

"""Mailbox files: each mail goes through the mail connector's parser, and cases are by thread and customer."""

import pytest

from luister.channels.models import Channel
from luister.delivery import parsing
from luister.imports.models import ImportRefusal
from luister.inbox.models import Case, CasePost
from luister.posts.models import Attachment, Post
from tests import factories as make
from tests.imports.helpers import import_all

pytestmark = pytest.mark.django_db

MBOX = """\
From anna@klant.example Mon Nov  3 10:00:00 2025
Message-ID: <1@klant.example>
From: Anna <anna@klant.example>
To: service@stad.example
Subject: Waar blijft mijn pas?
Date: Mon, 03 Nov 2025 10:00:00 +0100

Al drie weken.
>From gisteren af belt niemand terug.

From service@stad.example Mon Nov  3 11:00:00 2025
Message-ID: <2@stad.example>
In-Reply-To: <1@klant.example>
References: <1@klant.example>
From: Service <service@stad.example>
To: anna@klant.example
Subject: Re: Waar blijft mijn pas?
Date: Mon, 03 Nov 2025 11:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="x"

--x
Content-Type: text/plain

Hij komt morgen.
--x
Content-Type: application/octet-stream
Content-Disposition: attachment; filename="pas.bin"
Content-Transfer-Encoding: base64

AAEC/w==
--x--

From bram@klant.example Mon Nov  3 12:00:00 2025
Message-ID: <3@klant.example>
From: Bram <bram@klant.example>
To: service@stad.example
Subject: Iets anders
Date: Mon, 03 Nov 2025 12:00:00 +0100

Hallo.
"""


@pytest.fixture(autouse=True)
def no_children_left():
    yield
    parsing.stop()


def test_mails_become_cases_by_thread_and_customer():
    workspace = make.WorkspaceFactory()

    batch = import_all(MBOX, workspace=workspace, brand="service@stad.example")

    assert (batch.rows_read, batch.rows_stored, batch.threads, batch.cases) == (3, 3, 2, 2)
    assert not ImportRefusal.objects.exists()
    channel = Channel.objects.get()
    assert (channel.kind, channel.network, channel.handle) == ("upload", "email", "service@stad.example")
    case = Case.objects.get(identity__external_id="anna@klant.example")
    assert (case.subject, case.is_public, case.state) == ("Waar blijft mijn pas?", False, "completed")
    posts = CasePost.objects.filter(case=case).order_by("version").values_list("post__direction", "post__text")
    assert [direction for direction, _ in posts] == ["in", "out"]
    assert "From gisteren af" in posts[0][1]
    assert Attachment.objects.get().name == "pas.bin"


def test_mailbox_imported_again_changes_nothing():
    workspace = make.WorkspaceFactory()
    import_all(MBOX, workspace=workspace, brand="service@stad.example")

    batch = import_all(MBOX, workspace=workspace, brand="service@stad.example")

    assert (batch.rows_stored, batch.rows_present, batch.cases) == (0, 3, 0)
    assert Post.objects.count() == 3

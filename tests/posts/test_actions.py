"""A post is stored once, with what belongs to it."""

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from luister.base.errors import Reason
from luister.base.posts import Author, Automatic, Bounce, InboundAttachment
from luister.channels.enums import Publicness
from luister.people.models import Contact, Identity
from luister.posts.actions import MAX_VERSIONS, record, record_sent, revise
from luister.posts.enums import Direction
from luister.posts.files import path_of
from luister.posts.models import Attachment, Post, PostVersion
from tests.factories import NOW, ChannelFactory, UserFactory
from tests.inbox.helpers import ANNA, mailed, said

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def channel():
    return ChannelFactory(publicness=Publicness.BOTH)


def test_record_keeps_what_the_connector_says(channel):
    inbound = said(
        "p1",
        references=("p0",),
        automatic=Automatic.BOUNCE,
        bounce=Bounce("<1@x>", "anna@x.example", "5.1.1", "no such user", permanent=True),
        reply_to=Author("post@x.example"),
        recipients=(Author("cc@x.example"),),
        notices=(Reason("mail.lossy"),),
    )

    post, is_new = record(inbound, channel=channel, now=NOW)

    assert is_new
    assert (post.direction, post.author.external_id, post.references) == (Direction.IN, "anna", ["p0"])
    assert post.bounce["status"] == "5.1.1"
    assert post.reply_to["external_id"] == "post@x.example"
    assert [person["external_id"] for person in post.recipients] == ["cc@x.example"]
    assert post.notices == [{"code": "mail.lossy", "values": {}}]


def test_the_same_post_is_stored_once_with_its_files(channel):
    inbound = mailed("<1@x>", attachments=(InboundAttachment("foto.png", "image/png", b"png"),))

    first, _ = record(inbound, channel=channel, now=NOW)
    second, is_new = record(inbound, channel=channel, now=NOW)

    assert (first, is_new) == (second, False)
    assert (Post.objects.count(), Attachment.objects.count()) == (1, 1)
    assert path_of(Attachment.objects.get().stored_as).read_bytes() == b"png"


@pytest.mark.django_db(transaction=True)
def test_the_same_post_from_many_workers_at_once_is_stored_once():
    channel = ChannelFactory()
    barrier, outcomes = threading.Barrier(6), []

    def work():
        barrier.wait()
        outcomes.append(record(said("p1"), channel=channel, now=NOW)[1])
        connection.close()

    running = [threading.Thread(target=work) for _ in range(6)]
    for each in running:
        each.start()
    for each in running:
        each.join()

    assert sorted(outcomes) == [False] * 5 + [True]
    assert (Post.objects.count(), Identity.objects.count(), Contact.objects.count()) == (1, 1, 1)


def test_the_nearest_stored_reference_is_the_parent(channel):
    older, _ = record(said("p1"), channel=channel, now=NOW)
    nearer, _ = record(said("p2", thread_external_id="p1", references=("p1",)), channel=channel, now=NOW)

    post, _ = record(said("p4", thread_external_id="", references=("p3", "p2", "p1")), channel=channel, now=NOW)

    assert post.parent == nearer
    assert post.thread_external_id == older.external_id


def test_text_that_postgresql_cannot_hold_is_stored_without_it(channel):
    post, _ = record(said("p1", text="a\x00b\ud800c"), channel=channel, now=NOW)

    post.refresh_from_db()
    assert post.text == "ab?c"


def test_another_mail_with_a_message_id_that_is_taken_is_stored_too(channel):
    first, _ = record(mailed("<1@x>", text="Eerste"), channel=channel, now=NOW)
    second, is_new = record(mailed("<1@x>", text="Tweede"), channel=channel, now=NOW)
    again, is_new_again = record(mailed("<1@x>", text="Tweede"), channel=channel, now=NOW)

    assert (is_new, is_new_again) == (True, False)
    assert first != second == again
    assert second.external_id.startswith("<1@x>#")


def test_nobody_keeps_a_mail_out_by_taking_its_message_id(channel):
    record(mailed("<1@x>", by=Author("mallory@x.example"), text="Tekst"), channel=channel, now=NOW)
    post, is_new = record(mailed("<1@x>", text="Tekst"), channel=channel, now=NOW)

    assert is_new
    assert post.author.external_id == "anna"


def test_an_echo_after_the_receipt_is_the_same_post(channel):
    user = UserFactory()
    sent = sent_post(channel, by=user)
    echo, is_new = record(said("o1", ours=True), channel=channel, now=NOW)

    assert (echo, is_new) == (sent, False)


def test_an_echo_before_the_receipt_is_completed_by_it(channel):
    user = UserFactory()
    echo, _ = record(said("o1", ours=True), channel=channel, now=NOW)
    assert (echo.direction, echo.author) == (Direction.OUT, None)

    sent = sent_post(channel, by=user)

    assert sent == echo
    assert Post.objects.get().sent_by == user


def test_a_name_that_changed_is_kept_up(channel):
    record(said("p1", by=ANNA), channel=channel, now=NOW)
    record(said("p2", by=Author("anna", "Anna van Dijk", "@anna")), channel=channel, now=NOW)

    assert Identity.objects.get().name == "Anna van Dijk"


def sent_post(channel, *, by):
    return record_sent(
        channel=channel,
        external_id="o1",
        url="",
        text="Antwoord",
        subject="",
        is_public=True,
        kind="reply",
        parent=None,
        thread_external_id="p1",
        sent_by=by,
        at=NOW,
    )


def test_record_keeps_what_searches_ask_for(channel):
    inbound = replace(
        said("p1"), language="nl", links=("https://krant.example/1",), rating=Decimal("4.5"), followers=900
    )

    post, _ = record(inbound, channel=channel, now=NOW)

    assert (post.language, post.links, post.rating) == ("nl", ["https://krant.example/1"], Decimal("4.5"))
    assert (post.reach, post.followers) == (None, 900)


def test_author_belongs_to_the_network_of_the_channel():
    record(said("p1"), channel=ChannelFactory(kind="upload", network="x"), now=NOW)

    assert Identity.objects.get().kind == "x"


def test_edited_post_keeps_its_earlier_words(channel):
    post, _ = record(said("p1"), channel=channel, now=NOW)
    later = NOW + timedelta(hours=1)

    assert revise(replace(said("p1"), text="Het is opgelost."), post=post, now=later)

    post.refresh_from_db()
    assert (post.text, post.edited_at) == ("Het is opgelost.", later)
    assert [version.text for version in PostVersion.objects.filter(post=post)] == [said("p1").text]


def test_post_that_says_the_same_is_not_edited(channel):
    post, _ = record(said("p1"), channel=channel, now=NOW)

    assert not revise(said("p1"), post=post, now=NOW)

    post.refresh_from_db()
    assert (post.edited_at, PostVersion.objects.count()) == (None, 0)


def test_post_that_changes_all_day_keeps_its_first_versions(channel):
    post, _ = record(said("p1"), channel=channel, now=NOW)

    for number in range(MAX_VERSIONS + 5):
        revise(replace(said("p1"), text=f"Stand {number}"), post=post, now=NOW)

    post.refresh_from_db()
    assert (post.text, PostVersion.objects.count()) == (f"Stand {MAX_VERSIONS + 4}", MAX_VERSIONS)

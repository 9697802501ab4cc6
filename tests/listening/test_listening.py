"""Listening: which monitors find a post that comes in."""

import threading

import pytest
from django.db import connection, transaction

from luister.listening.actions import monitors as actions
from luister.listening.actions.listening import listen
from luister.listening.models import Mention, Monitor
from luister.pipeline.actions import run
from tests import factories as make
from tests.factories import NOW


@pytest.fixture
def workspace(db):
    return make.WorkspaceFactory()


def found_by(post):
    return set(Mention.objects.filter(post=post).values_list("monitor__name", flat=True))


@pytest.mark.sql
def test_listen_stores_each_monitor_that_finds_the_post_with_the_words(workspace):
    make.MonitorFactory(workspace=workspace, name="koffers", query="koffer* OR bagage")
    make.MonitorFactory(workspace=workspace, name="fietsen", query="fiets")
    make.MonitorFactory(name="van een ander", query="koffer")
    post = make.PostFactory(workspace=workspace, text="Mijn KOFFERS! Koffers, mijn bagage.")

    assert listen(post, now=NOW) == 1

    mention = Mention.objects.get(post=post)
    assert mention.monitor.name == "koffers"
    assert mention.words == ["KOFFERS", "Koffers", "bagage"]
    assert mention.is_live
    assert mention.found_at == NOW


@pytest.mark.sql
def test_listen_again_changes_nothing(workspace):
    make.MonitorFactory(workspace=workspace)
    post = make.PostFactory(workspace=workspace)
    listen(post, now=NOW)
    Mention.objects.update(state="dismissed")

    assert listen(post, now=NOW) == 0
    assert Mention.objects.get().state == "dismissed"


def test_listen_lets_go_of_an_edited_post_that_no_longer_fits_unless_it_was_handled(workspace):
    for state in ("new", "dismissed"):
        monitor = make.MonitorFactory(workspace=workspace, name=state, query="koffer")
        post = make.PostFactory(workspace=workspace, text="fiets", edited_at=NOW)
        make.MentionFactory(workspace=workspace, monitor=monitor, post=post, state=state)
        listen(post, now=NOW)

    assert set(Mention.objects.values_list("state", flat=True)) == {"dismissed"}


def test_listen_takes_over_the_new_words_of_an_edited_post(workspace):
    make.MonitorFactory(workspace=workspace, query="koffer OR tas")
    post = make.PostFactory(workspace=workspace, text="koffer")
    listen(post, now=NOW)
    post.text, post.edited_at = "tas", NOW

    assert listen(post, now=NOW) == 0
    assert Mention.objects.get().words == ["tas"]


def test_listen_finds_our_own_posts_only_where_the_query_speaks_of_them(workspace):
    make.MonitorFactory(workspace=workspace, name="van anderen", query="koffer")
    make.MonitorFactory(workspace=workspace, name="ook van ons", query="koffer (is:outbound OR is:inbound)")
    post = make.PostFactory(workspace=workspace, text="koffer", direction="out", author=None)

    listen(post, now=NOW)

    assert found_by(post) == {"ook van ons"}


def test_labels_are_those_that_the_owner_of_a_monitor_sees(workspace):
    team = make.TeamFactory(workspace=workspace)
    inside, outside, gone = (make.MembershipFactory(workspace=workspace, role="agent", teams=teams)
                             for teams in ([team], [], [team]))  # fmt: skip
    gone.is_active = False
    gone.save()
    case = make.CaseFactory(workspace=workspace, team=team)
    make.CaseLabelFactory(case=case, label=make.LabelFactory(workspace=workspace, name="vip"))
    post = make.PostFactory(workspace=workspace, text="koffer")
    make.CasePostFactory(case=case, post=post)
    for name, owner in (("inside", inside), ("outside", outside), ("gone", gone)):
        make.MonitorFactory(workspace=workspace, name=name, owner=owner.user, query="label:vip")
        make.MonitorFactory(workspace=workspace, name=f"{name}, without", owner=owner.user, query="koffer -label:vip")
    make.MonitorFactory(workspace=workspace, name="nobody's", owner=None, query="label:vip")

    listen(post, now=NOW)

    assert found_by(post) == {"inside", "outside, without", "gone, without"}


def test_listen_goes_on_beside_a_monitor_that_no_longer_parses(workspace):
    make.MonitorFactory(workspace=workspace, name="kapot", query='"koffer')
    make.MonitorFactory(workspace=workspace, name="heel", query="koffer")
    post = make.PostFactory(workspace=workspace, text="koffer")

    listen(post, now=NOW)

    assert found_by(post) == {"heel"}


def test_changed_query_counts_for_the_next_post(workspace):
    owner = make.MembershipFactory(workspace=workspace)
    monitor = make.MonitorFactory(workspace=workspace, owner=owner.user, query="koffer")
    listen(make.PostFactory(workspace=workspace, text="koffer"), now=NOW)

    actions.change(monitor.pk, actions.Wish("tassen", "tas"), by=owner, now=NOW)
    post = make.PostFactory(workspace=workspace, text="koffer en tas")
    listen(post, now=NOW)

    assert found_by(post) == {"tassen"}
    assert Mention.objects.get().words == ["tas"]


def test_muted_monitor_goes_on_finding(workspace):
    make.MonitorFactory(workspace=workspace, name="stil", is_muted=True)
    post = make.PostFactory(workspace=workspace, text="koffer")

    listen(post, now=NOW)

    assert found_by(post) == {"stil"}


def test_pipeline_finds_what_was_not_said_to_us_and_makes_no_case_of_it(workspace):
    make.MonitorFactory(workspace=workspace, name="koffers")
    post = make.PostFactory(workspace=workspace, text="koffer", is_addressed=False)

    passage = run(post.pk, now=NOW)

    assert found_by(post) == {"koffers"}
    assert passage.case is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.sql
def test_same_post_on_two_workers_at_once_is_one_mention():
    monitor = make.MonitorFactory()
    post = make.PostFactory(workspace=monitor.workspace, text="koffer")
    start = threading.Barrier(2)
    new = []

    def work():
        start.wait()
        new.append(listen(post, now=NOW))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(new) == [0, 1]
    assert Mention.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.sql
def test_query_that_changes_while_a_post_is_matched_leaves_no_mention_of_the_old_one():
    owner = make.MembershipFactory()
    monitor = make.MonitorFactory(workspace=owner.workspace, owner=owner.user, query="koffer")
    post = make.PostFactory(workspace=owner.workspace, text="koffer")
    stored, changed = threading.Event(), threading.Event()

    def change():
        stored.wait(20)
        actions.change(monitor.pk, actions.Wish("tassen", "tas"), by=owner, now=NOW)
        changed.set()
        connection.close()

    worker = threading.Thread(target=change)
    worker.start()
    with transaction.atomic():
        listen(post, now=NOW)
        stored.set()
        assert not changed.wait(0.3)  # it waits until what was found is stored
    worker.join()

    assert Monitor.objects.get().version == 2
    assert not Mention.objects.exists()


@pytest.mark.sql
def test_a_monitor_hears_the_topics_of_a_post_and_not_those_taken_off(workspace):
    make.MonitorFactory(workspace=workspace, name="bagage", query='topic:"Te laat"')
    make.MonitorFactory(workspace=workspace, name="zonder", query="koffer -topic:bagage")
    post = make.PostFactory(workspace=workspace, text="koffer")
    make.PostTopicFactory(post=post, topic__name="te  LAAT")
    make.PostTopicFactory(post=post, topic__name="Bagage", is_removed=True)

    listen(post, now=NOW)

    assert found_by(post) == {"bagage", "zonder"}


def test_a_post_gets_its_topics_before_monitors_hear_it(workspace):
    make.TopicFactory(workspace=workspace, name="Bagage", query="koffer")
    make.MonitorFactory(workspace=workspace, name="bagage", query="topic:bagage")
    post = make.PostFactory(workspace=workspace, text="koffer")

    run(post.pk, now=NOW)

    assert found_by(post) == {"bagage"}

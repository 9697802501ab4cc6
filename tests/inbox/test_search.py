"""Cases found with the query language: as the matcher says, whatever SQL leaves out before, and to whom."""

import random
from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest

from luister.accounts.enums import Role
from luister.inbox.models import Case, CaseLabel, CasePost
from luister.inbox.queries import search
from luister.inbox.queries.cases import Filters, View, cases_in
from luister.inbox.queries.people import people_called
from luister.posts.index.documents import document, topics_of
from luister.posts.index.store import index_posts
from luister.posts.models import Post
from luister.query import Moment, QueryError, matches_case, parse, prepare
from tests.factories import (
    NOW,
    CaseFactory,
    CaseLabelFactory,
    CasePostFactory,
    ChannelFactory,
    HandoverFactory,
    IdentityFactory,
    LabelFactory,
    MembershipFactory,
    PostFactory,
    PostTopicFactory,
    TeamFactory,
    TopicFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.sql]

WORDS = ("koffer", "vertraging", "café", "kwijt", "lange", "rij", "😡", "#bagage")


@pytest.fixture
def lead():
    return MembershipFactory(role=Role.LEAD, user__name="Pim de Vries", user__email="pim@example.org")


def say(case, text="Waar blijft mijn koffer?", **fields):
    post = PostFactory(workspace=case.workspace, channel=case.channel, text=text, **fields)
    CasePostFactory(case=case, post=post)
    index_posts([post])
    return post


def found(text, member, *, view=View.ALL, **options):
    page = cases_in(view, member=member, filters=Filters(text=text), now=NOW, **options)
    return [case.number for case in page.cases]


def numbers(*cases):
    return sorted((case.number for case in cases), reverse=True)


@pytest.fixture
def town(lead):
    """Cases of every sort, with what chance put into them."""
    chance = random.Random(7)
    workspace = lead.workspace
    channels = [ChannelFactory(workspace=workspace, name=name) for name in ("Balie", "Één lijn")]
    teams = [TeamFactory(workspace=workspace, name="Eerste lijn"), None]
    people = [lead.user, MembershipFactory(workspace=workspace, user__name="André Bos").user, None]
    labels = [LabelFactory(workspace=workspace, name=name) for name in ("Bagage", "lost & found")]
    topics = [TopicFactory(workspace=workspace, name=name) for name in ("Vertraging", "Lange  rij")]
    author = IdentityFactory(workspace=workspace, handle="@jan", name="Jan Bos")
    for n in range(16):
        case = CaseFactory(
            workspace=workspace, channel=chance.choice(channels), team=chance.choice(teams),
            assignee=chance.choice(people), state=chance.choice(["open", "waiting", "completed", "closed"]),
            origin=chance.choice(["reactive", "proactive"]), is_urgent=chance.random() < 0.3,
            last_post_at=NOW + timedelta(minutes=n // 3), is_public=False,
        )  # fmt: skip
        for label in labels:
            if chance.random() < 0.3:
                CaseLabel.objects.create(case=case, label=label)
        for _ in range(chance.randint(0, 3)):
            said = " ".join(chance.choices(WORDS, k=3))
            is_public = chance.random() < 0.5
            more = {"author": author} if chance.random() < 0.3 else {}
            age = timedelta(hours=chance.randint(0, 60))
            post = say(case, said, is_public=is_public, posted_at=NOW - age, **more)
            for topic in topics:
                if chance.random() < 0.3:
                    PostTopicFactory(post=post, topic=topic, is_removed=chance.random() < 0.2)
            if is_public:
                Case.objects.filter(pk=case.pk).update(is_public=True)
    return lead


FIELDS = (
    "status:open", "status:(waiting OR closed)", "assignee:me", "assignee:none", "assignee:pim", 'assignee:"andré bos"',
    "assignee:niemand", 'team:"eerste lijn"', "team:none", "team:tweede", "priority:urgent", "priority:normal",
    "priority:hoog", "channel:balie", 'channel:"een lijn"', "label:bagage", 'label:"Lost & Found"', "label:weg",
    "kind:proactive", "sla:breached", "sla:<30m", "author:jan", 'author:"jan b*"', "after:24h", "before:24h",
    "is:private", "is:public", "has:media", "lang:nl", "title:koffer", "text:rij", '"lange rij"', "lange NEAR/1 rij",
    "vertr*", "*trag*", "topic:iets", "topic:vertraging", 'topic:"LANGE rij"',
)  # fmt: skip


def queries(count):
    chance = random.Random(11)

    def one(depth):
        kind = chance.random()
        if depth == 0 or kind < 0.3:
            return chance.choice(WORDS + FIELDS)
        if kind < 0.45:
            return f"-({one(depth - 1)})"
        return f"({one(depth - 1)} {chance.choice(['AND', 'OR'])} {one(depth - 1)})"

    return [*FIELDS, *(f"-{field}" for field in FIELDS), *(one(3) for _ in range(count))]


def is_case_of(case, member):
    """Return a plain reading of a case's own fields."""
    named = {"Pim de Vries": {"pim de vries", "pim"}, "André Bos": {"andre bos"}}
    own = {
        "status": {case.state},
        "kind": {case.origin},
        "priority": {"urgent" if case.is_urgent else "normal"},
        "team": {case.team.name.lower() if case.team else "none"},
        "channel": {{"Balie": "balie", "Één lijn": "een lijn"}[case.channel.name]},
        "label": {label.name.lower() for label in case.labels.all()},
        "assignee": named[case.assignee.name] if case.assignee else {"none"},
    }
    if case.assignee_id == member.user_id:
        own["assignee"].add("me")
    if not case.is_public and not member.may_see_private:
        own["label"] = set()
    return lambda leaf: getattr(leaf, "value", "") in own.get(getattr(leaf, "field", ""), ())


def seen_of(case, member):
    """Return what a member may read of a case's own posts."""
    posts = Post.objects.filter(pk__in=CasePost.objects.filter(case=case, is_context=False).values("post"))
    if not member.may_see_private:
        posts = posts.filter(is_public=True)
    topics = topics_of(post.pk for post in posts)
    return [prepare(document(post, media=0, topics=topics.get(post.pk, ()))) for post in posts]


@pytest.mark.parametrize("first_step", [1_000, 4])
@pytest.mark.parametrize("who", ["lead", "analyst", "partner"])
def test_search_finds_what_the_matcher_finds_in_what_one_may_read(town, who, first_step):
    member = town if who == "lead" else MembershipFactory(workspace=town.workspace, role=Role(who))
    visible = list(Case.objects.filter(workspace=town.workspace))
    if who == "analyst":
        visible = [case for case in visible if case.is_public]
    if who == "partner":
        visible = visible[::2]
        for case in visible:
            HandoverFactory(case=case, member=member)
    moment = Moment(NOW, ZoneInfo(member.workspace.time_zone))
    visible.sort(key=lambda case: (case.last_post_at, case.pk), reverse=True)
    known = [(case.number, seen_of(case, member), is_case_of(case, member)) for case in visible]
    with patch.object(search, "FIRST_STEP", first_step):
        for text in queries(20)[:: 2 if first_step == 4 else 1]:
            node = parse(text)
            expected = [number for number, seen, own in known if matches_case(node, seen, moment=moment, is_case=own)]
            assert found(text, member) == expected, text


def test_pages_of_a_search_follow_each_other_without_gaps_or_doubles(town):
    whole = found("koffer OR rij", town)

    pages, cursor = [], ""
    while True:
        page = cases_in(View.ALL, member=town, filters=Filters(text="koffer OR rij"), now=NOW, limit=4, cursor=cursor)
        pages.append([case.number for case in page.cases])
        cursor = page.next_cursor
        if not cursor:
            break

    assert len(pages) > 2
    assert [number for numbers_ in pages for number in numbers_] == whole


@pytest.mark.parametrize("text", ["koffer", "status:open koffer -rij", "author:jan label:bagage"])
def test_a_search_takes_the_same_number_of_queries_whatever_it_finds(lead, text, django_assert_max_num_queries):
    jan = IdentityFactory(workspace=lead.workspace, handle="jan")
    label = LabelFactory(workspace=lead.workspace, name="bagage")
    taken = {}
    for rows in (1, 50):
        for _ in range(rows - len(taken)):
            case = CaseFactory(workspace=lead.workspace)
            say(case, author=jan)
            CaseLabelFactory(case=case, label=label)
        with django_assert_max_num_queries(18) as queries_made:
            assert len(found(text, lead)) == rows
        taken[rows] = len(queries_made)

    assert taken[1] == taken[50]


def test_terms_may_be_in_different_posts_of_a_case(lead):
    both, one = CaseFactory(workspace=lead.workspace), CaseFactory(workspace=lead.workspace)
    say(both, "Mijn koffer"), say(both, "Nog steeds kwijt"), say(one, "Mijn koffer")

    assert found("koffer kwijt", lead) == numbers(both)
    assert found("koffer -kwijt", lead) == numbers(one)


def test_what_stands_around_a_case_is_not_searched(lead):
    case = CaseFactory(workspace=lead.workspace)
    context = PostFactory(workspace=lead.workspace, channel=case.channel, text="paraplu")
    CasePostFactory(case=case, post=context, is_context=True)
    index_posts([context])

    assert found("paraplu", lead) == []


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Café gesloten", "cafe"), ("cafe", "CAFÉ"), ("Straße", "strasse"), ("ﬁets", "fiets"), ("ĳs", "ijs"),
        ("wat 👍🏽 zeg", "👍"), ("één", "een"), ("100% zeker", '"100"'), ("a_b", "a_b"), ("C:\\map", "map"),
    ],
)  # fmt: skip
def test_search_finds_with_and_without_marks_and_ligatures(lead, said, asked):
    case = CaseFactory(workspace=lead.workspace)
    say(case, said)

    assert found(asked, lead) == numbers(case)


@pytest.mark.parametrize(
    "text", ["%", "_", "\\", "'", "' OR 1=1 --", '"', "(" * 10_000, "a" * 50_000, "naam:*", "(a+)+$"]
)
def test_garbage_finds_words_or_is_refused_with_a_sentence(lead, text):
    say(CaseFactory(workspace=lead.workspace))

    with suppress(QueryError):
        assert found(text, lead) == []


@pytest.mark.parametrize("text", ["after:31-02-2026", "after:2026-13-01", "after:gisteren", "before:2026-02-31"])
def test_no_such_dates_are_refused(lead, text):
    with pytest.raises(QueryError):
        found(text, lead)


def test_dates_are_those_of_the_workspace_also_on_the_day_that_clocks_change(lead):
    assert lead.workspace.time_zone == "Europe/Amsterdam"
    case = CaseFactory(workspace=lead.workspace)
    say(case, posted_at=NOW.replace(year=2026, month=3, day=29, hour=0, minute=30))  # 01:30 there, an hour is skipped

    assert found("after:2026-03-29 before:2026-03-29T03:00", lead) == numbers(case)
    assert found("after:2026-03-30 before:2026-03-01", lead) == []


def test_a_number_shows_that_case_in_whatever_view_and_never_that_of_another_team(lead):
    agent = MembershipFactory(workspace=lead.workspace, role=Role.AGENT)
    mine = CaseFactory(workspace=lead.workspace, state="closed")
    other = CaseFactory(workspace=lead.workspace, team=TeamFactory(workspace=lead.workspace))
    say(CaseFactory(workspace=lead.workspace), f"Zaak {mine.number}")

    assert found(f"#{mine.number}", agent, view=View.INBOX)[0] == mine.number
    assert found(str(mine.number), agent, view=View.ALL).count(mine.number) == 1
    assert found(f"#{other.number}", agent) == found("#999999", agent) == []


def test_a_thousand_words_are_asked_for_at_once(lead):
    hit = CaseFactory(workspace=lead.workspace)
    say(hit, "w309"), say(CaseFactory(workspace=lead.workspace), "iets anders")

    assert found(" OR ".join(f"w{n:x}" for n in range(998)) + " OR status:closed", lead) == numbers(hit)


def test_people_are_found_by_part_of_their_name_or_handle(lead):
    jan = IdentityFactory(workspace=lead.workspace, handle="@jantje", name="x", contact__name="Jan-Émile Bos")
    CaseFactory(workspace=lead.workspace, identity=jan)
    IdentityFactory(workspace=lead.workspace, contact__name="Jan zonder zaak")
    analyst = MembershipFactory(workspace=lead.workspace, role=Role.ANALYST)
    Case.objects.update(is_public=False)

    assert [contact.name for contact in people_called("emile bos", member=lead)] == ["Jan-Émile Bos"]
    assert [contact.name for contact in people_called("@jantje", member=lead)] == ["Jan-Émile Bos"]
    assert people_called("status:open", member=lead) == people_called("(", member=lead) == []
    assert people_called("emile", member=analyst) == []


def test_a_search_that_takes_too_long_ends_with_what_was_found(lead):
    for _ in range(3):
        say(CaseFactory(workspace=lead.workspace))
    with patch.object(search, "SECONDS", 0):
        page = cases_in(View.ALL, member=lead, filters=Filters(text="koffer"), now=NOW)

    assert page.is_partial
    assert page.cases == []
    assert found("koffer", lead)  # the connection goes on as before


def test_a_statement_that_takes_too_long_is_stopped(lead):
    say(CaseFactory(workspace=lead.workspace))
    slow = patch.object(search, "filter_sql", lambda _condition: ("pg_sleep(5) IS NOT NULL", []))
    with patch.object(search, "SECONDS", 0.2), slow:
        page = cases_in(View.ALL, member=lead, filters=Filters(text="koffer"), now=NOW)

    assert page.is_partial

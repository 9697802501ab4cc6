"""Playing what happened: each move goes the way that a customer's post or a colleague's work goes, only in the past."""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from luister.accounts.enums import Role
from luister.base.connector import Fetched, Idempotency, RawItem, Receipt
from luister.delivery import actions as delivery
from luister.delivery.actions import settling
from luister.delivery.models import Outgoing
from luister.demo.feeds import add_feeds
from luister.demo.mails import Answered, Letter, raw_bounce, raw_letter
from luister.demo.opening import PRACTICE_PATH, OpenDesk
from luister.demo.plan import Move, Verb
from luister.demo.script import Customer, Desk, Place, ScriptError, Step, with_clock
from luister.inbox.actions import changes, replies, writing
from luister.inbox.enums import CaseState, ReplyEffect
from luister.inbox.models import Case
from luister.pipeline import actions as pipeline
from luister.pipeline.contract import Passage
from luister.practice import actions as practice
from luister.practice.api import event_json, post_json
from luister.practice.core import Draft, Post, Repeat, checked
from luister.practice.store import DatabaseStore
from luister.queue import Deferred, collecting

LEAD = "marit"  # who hands out the work
US = ""  # our own place among those who speak in a thread
ON_ITS_WAY = timedelta(seconds=2)  # from the end of the undo time to the network's receipt

_NAMESPACE = uuid.UUID("5d2f1b1e-7f5a-4e0b-9c69-0d6a4c1d9a10")  # of the ids that forms would have made


@dataclass(slots=True)
class _Told:
    """How far a thread has come: posts and cases by customer."""

    cases: dict[str, int] = field(default_factory=dict)
    last: dict[str, Post] = field(default_factory=dict)  # what each, or we, last said on the practice network
    root: Post | None = None
    our_mail: Answered | None = None
    count: int = 0


class Story:
    """Plays moves at a desk, in their order."""

    def __init__(self, open_desk: OpenDesk, desk: Desk, *, people: Mapping[str, Customer], site_url: str) -> None:
        self._open = open_desk
        self._desk = desk
        self._people = people
        self._practice_url = f"{site_url}{PRACTICE_PATH}"
        self._zone = ZoneInfo(desk.time_zone)
        self._store = DatabaseStore()
        self._seen = 0  # the last event of the practice network that was read
        self._told: dict[str, _Told] = {}

    def play(self, move: Move) -> None:
        """Let one thing happen, at its moment."""
        told = self._told.setdefault(move.thread.key, _Told())
        with collecting() as deferred:
            self._play(move, told, deferred)
        told.count += 1

    def read_sources(self, *, now: datetime) -> None:
        """Listen to what others write."""
        with collecting() as deferred:
            add_feeds(by=self._open.members[self._open.chief], now=now)
            _work_off(deferred, now=now)

    def _play(self, move: Move, told: _Told, deferred: list[Deferred]) -> None:
        match move.verb:
            case Verb.SAY:
                self._say(move, told, deferred)
            case Verb.TRIAGE:
                self._triage(move, told)
            case Verb.REPLY:
                self._reply(move, told, deferred)
            case Verb.NOTE:
                self._note(move, told)
            case Verb.BOUNCE:
                self._bounce(move, told, deferred)
            case Verb.SETTLE:
                self._settle(move, told)

    def _say(self, move: Move, told: _Told, deferred: list[Deferred]) -> None:
        step = _step(move)
        customer = self._people[step.who]
        if move.thread.place is Place.MAIL:
            self._mail(move, told, customer)
        else:
            self._post(move, told, customer)
            self._hear(now=move.at)
        case_id = _work_off(deferred, now=move.at)
        if case_id is not None:
            told.cases[step.who] = case_id

    def _post(self, move: Move, told: _Told, customer: Customer) -> None:
        step, person = _step(move), practice.known_customer(customer.handle, name=customer.name, now=move.at)
        is_private = move.thread.place is Place.PRIVATE
        parent = None if is_private else _parent(told, step)
        post = practice.say(
            self._text(move),
            by=person,
            to=self._open.brand.handle if is_private else "",
            parent_id=parent.id if parent else "",
            key=f"demo:{move.thread.key}:{told.count}",
            now=move.at,
        )
        told.root = told.root or post
        told.last[step.who] = post

    def _hear(self, *, now: datetime) -> None:
        """Read what the practice network tells us, as its listener does."""
        events = self._store.events(self._open.brand, after=self._seen, limit=100)
        items = tuple(
            RawItem(f"event-{event.id}", json.dumps(event_json(event, self._practice_url)).encode(), now)
            for event in events
        )
        if events:
            self._seen = events[-1].id
        delivery.store_fetched(self._open.square.pk, Fetched(items, {"after": str(self._seen)}), now=now)

    def _mail(self, move: Move, told: _Told, customer: Customer) -> None:
        step, thread = _step(move), move.thread
        letter = Letter(
            sender=customer,
            subject=thread.subject,
            text=self._text(move),
            at=move.at,
            language=thread.language,
            html=step.html,
            files=step.files,
            answers=told.our_mail,
            is_automatic=thread.kind == "auto-reply",
        )
        self._receive(raw_letter(letter, to=self._desk.mail, zone=self._zone), move, told)

    def _bounce(self, move: Move, told: _Told, deferred: list[Deferred]) -> None:
        ours = told.our_mail
        if ours is None:
            raise ScriptError(move.thread.key)
        recipient = self._people[_step(move).who].mail_address
        said = _step(move).text
        raw = raw_bounce(
            ours.message_id, recipient=recipient, said=said, to=self._desk.mail, at=move.at, zone=self._zone
        )
        self._receive(raw, move, told)
        _work_off(deferred, now=move.at)

    def _receive(self, raw: bytes, move: Move, told: _Told) -> None:
        item = RawItem(f"demo:{move.thread.key}:{told.count}", raw, move.at)
        delivery.store_fetched(self._open.mailbox.pk, Fetched((item,), {}), now=move.at)

    def _triage(self, move: Move, told: _Told) -> None:
        case_id = told.cases.get(move.thread.customer)
        if case_id is None:  # what a machine wrote makes no case
            return
        thread, lead = move.thread, self._open.members[LEAD]
        worker = self._open.members.get(thread.assignee, lead)
        if worker.role == Role.PARTNER:
            changes.hand_over(case_id, to=worker, by=lead, now=move.at)
        if thread.assignee:
            claims = lead if worker.role == Role.PARTNER else worker
            changes.assign(case_id, to=worker.user, by=claims, now=move.at)
        changes.move_to_team(case_id, team=self._open.teams[thread.team], by=lead, now=move.at)
        for label in thread.labels:
            changes.add_label(case_id, name=self._desk.labels[label], by=worker, now=move.at)

    def _reply(self, move: Move, told: _Told, deferred: list[Deferred]) -> None:
        written = replies.Written(
            text=self._text(move),
            is_public=move.thread.place is Place.PUBLIC,
            effect=ReplyEffect(move.effect),
            client_id=self._form_id(move, told),
            seen_version=0,
            anyway=True,
        )
        member = self._open.members[_step(move).who]
        reply = replies.send_reply(told.cases[move.thread.customer], written, by=member, now=move.at)
        outgoing = Outgoing.objects.get(pk=reply.outgoing_id)
        sent_at = outgoing.send_after + ON_ITS_WAY
        receipt = self._send(outgoing, told, now=sent_at)
        settling.sent(settling.Try(outgoing.pk, 0, Idempotency.KEY), receipt, now=sent_at)
        _work_off(deferred, now=sent_at)

    def _send(self, outgoing: Outgoing, told: _Told, *, now: datetime) -> Receipt:
        """Do what the network does with a reply; the practice network really stores it."""
        if outgoing.channel_id == self._open.mailbox.pk:
            message_id = f"<{outgoing.key}@{self._desk.mail.partition('@')[2]}>"
            told.our_mail = Answered(message_id, tuple(outgoing.references), outgoing.text, now)
            return Receipt(message_id)
        to = None if outgoing.is_public else self._store.person(str(outgoing.recipient["handle"]))
        parent = self._store.post(outgoing.parent_external_id)
        draft = Draft(self._open.brand, outgoing.text, to, parent, str(outgoing.key), Repeat.KEEP)
        post = self._store.publish(checked(draft), now=now)
        told.last[US] = post
        return Receipt(post.id, post_json(post, self._practice_url)["url"])

    def _note(self, move: Move, told: _Told) -> None:
        case_id, text = told.cases[move.thread.customer], self._text(move)
        member = self._open.members[_step(move).who]
        for colleague in self._open.members.values():
            if colleague.role == Role.PARTNER and f"@{colleague.user.signature}" in text:
                changes.hand_over(case_id, to=colleague, by=member, now=move.at)
        writing.add_note(case_id, text=text, client_id=self._form_id(move, told), by=member, now=move.at)

    def _settle(self, move: Move, told: _Told) -> None:
        case_id = told.cases.get(move.thread.customer)
        if case_id is None:
            return
        by = self._open.members[LEAD]
        if move.until is not None:
            changes.snooze(case_id, until=move.until, by=by, now=move.at)
        else:
            changes.change_state(case_id, state=CaseState(move.thread.state), by=by, now=move.at)
        if move.thread.state != CaseState.OPEN:
            case = Case.objects.get(pk=case_id)
            for key in {self._open.chief, LEAD, move.thread.assignee} & set(self._open.members):
                writing.mark_seen(case, by=self._open.members[key], now=move.at)

    def _text(self, move: Move) -> str:
        return with_clock(_step(move).text, at=move.at, language=move.thread.language, zone=self._zone)

    def _form_id(self, move: Move, told: _Told) -> uuid.UUID:
        name = f"{self._open.workspace.pk}:{move.thread.key}:{told.count}"
        return uuid.uuid5(_NAMESPACE, name)


def _step(move: Move) -> Step:
    if move.step is None:
        raise ScriptError(move.thread.key)
    return move.step


def _parent(told: _Told, step: Step) -> Post | None:
    """Return what a public post answers: who it speaks to, else us, else the thread."""
    spoken_to = re.match(r"@(\w+)", step.text)
    if spoken_to is not None and spoken_to[1] in told.last:
        return told.last[spoken_to[1]]
    is_first = step.who not in told.last
    return told.root if is_first else told.last.get(US, told.root)


def _work_off(deferred: list[Deferred], *, now: datetime) -> int | None:
    """Do at once, and at its moment, what the worker would do; return the case that a post went into."""
    case_id = None
    while deferred:
        job = deferred.pop(0)
        if job.name == "delivery.process_raw":
            delivery.process_raw(job.arguments["raw_ids"], now=now)
        elif job.name == "pipeline.run":
            case_id = _case_of(pipeline.run(job.arguments["post_id"], now=now)) or case_id
        elif job.name == "pipeline.run_all":
            for post_id in job.arguments["post_ids"]:
                case_id = _case_of(pipeline.run(post_id, now=now)) or case_id
        elif job.name == "inbox.reply_settled":
            replies.reply_settled(job.arguments["outgoing_id"], now=now)
        elif job.name != "delivery.send":  # sent by hand here
            raise ScriptError(job.name)
    return case_id


def _case_of(passage: Passage | None) -> int | None:
    return passage.case.pk if passage is not None and passage.case is not None else None

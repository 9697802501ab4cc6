"""A desk with one of everything: what every screen has to show without losing its shape."""

from datetime import datetime, timedelta
from uuid import uuid4

from luister.accounts.models import Membership
from luister.base.posts import Author, InboundAttachment, InboundPost, Kind
from luister.channels.models import Channel
from luister.delivery.models import Outgoing
from luister.inbox.actions import changes, writing
from luister.inbox.actions.replies import Written, send_reply
from luister.inbox.actions.threading import thread
from luister.inbox.enums import Activity, CaseState, Mode, ReplyEffect
from luister.inbox.models import Case
from luister.posts.actions import record
from tests.factories import PASSWORD, ChannelFactory, MembershipFactory

LONG_NAME = "Bartholomeus-Alexander van Nijenrode-Welgelegen tot Slochteren"
LONG_WORD = "Hottentottententententoonstellingsterreinbeheerdersvergaderingsnotulenarchief"


class CrowdedDesk:
    """Cases of every kind, made through the actions that people use."""

    def __init__(self, member: Membership, *, now: datetime) -> None:
        self.member, self.now = member, now
        self.colleague = MembershipFactory(workspace=member.workspace, user__name="Sam Jansen", user__password=PASSWORD)
        self.plein = ChannelFactory(
            workspace=member.workspace, name="Plein", handle="luchthaven", caret_signature=True, state_since=now
        )
        self.mailbox = ChannelFactory(
            workspace=member.workspace,
            kind="email",
            name="Service",
            handle="service@luister.example",
            publicness="private",
            state_since=now,
        )
        self._count = 0
        self.crossing = self._everything()
        self._rest()

    def said(self, name: str, text: str, *, minutes: int, channel: Channel | None = None, **fields) -> Case | None:
        """Take in what a customer said so many minutes ago, and return its case."""
        self._count += 1
        on = channel or self.plein
        at = self.now - timedelta(minutes=minutes)
        is_mail = on.kind == "email"
        handle = f"{name.split()[0].lower()}@klant.example" if is_mail else f"@{name.split()[0].lower()}"
        plain = {
            "external_id": f"post-{self._count}",
            "kind": Kind.MAIL if is_mail else Kind.POST,
            "public": not is_mail,
            "author": Author(handle, name, handle),
            "text": text,
            "posted_at": at,
            "thread_external_id": "" if is_mail else f"post-{self._count}",
        }
        post, _ = record(InboundPost(**(plain | fields)), channel=on, now=at)
        return thread(post, now=at).case

    def _everything(self) -> Case:
        """One case with every kind of entry, and a reply in every state."""
        case = self.said("Anna de Wit", f"Waar is mijn koffer? {LONG_WORD} 😬", minutes=900)
        root = f"post-{self._count}"
        self.said("Bram Bos", "Die van mij ook!", minutes=890, thread_external_id=root, addressed=False)
        changes.assign(case.pk, to=self.colleague.user, by=self.colleague, now=self._at(880))
        changes.add_label(case.pk, name="Bagage", by=self.member, now=self._at(870))
        writing.add_note(case.pk, text="Gebeld. @Pim?", client_id=uuid4(), by=self.colleague, now=self._at(860))
        for minutes, state in enumerate(("sent", "failed", "unknown", "sending", "queued")):
            self._reply(case, f"Antwoord dat {state} is", minutes=800 - minutes, state=state)
        self.said("Anna de Wit", "Hoor graag snel iets", minutes=38, thread_external_id=root)
        changes.mark_urgent(case.pk, is_urgent=True, by=self.member, now=self._at(5))
        writing.save_draft(case.pk, mode=Mode.REPLY, text="Dag Anna,", is_public=True, by=self.member, now=self._at(4))
        writing.show_presence(case.pk, activity=Activity.TYPING, by=self.colleague, now=self.now)
        return Case.objects.get(pk=case.pk)

    def _reply(self, case: Case, text: str, *, minutes: int, state: str) -> None:
        at = self._at(minutes)
        version = Case.objects.get(pk=case.pk).version
        reply = send_reply(case.pk, Written(text, True, ReplyEffect.WAIT, uuid4(), version), by=self.member, now=at)
        # A minute ahead, so that no worker takes the queued one while the screen is looked at.
        later = {"queued": self.now + timedelta(hours=9)}.get(state, at)
        fields = {"asked_at": at, "reason_code": "send.unknown"} if state == "unknown" else {}
        Outgoing.objects.filter(pk=reply.outgoing_id).update(
            state=state,
            settled_at=at,
            send_after=later,
            attempted_at=self.now,
            url="https://plein.example/p/1",
            **fields,
        )

    def _rest(self) -> None:
        self.said(LONG_NAME, "Wanneer gaat de lounge weer open?", minutes=70)
        self.said("مريم حداد", "أحتاج إلى كرسي متحرك لوالدتي", minutes=300, channel=self.mailbox, subject="طلب")
        files = (
            InboundAttachment("deelnemers.xlsx", "application/vnd.ms-excel", b"x" * 9000),
            InboundAttachment("programma.exe", "application/octet-stream", b"MZ"),
        )
        self.said(
            "Reisbureau Zonnestraal",
            "Wij verwachten een groep.",
            minutes=1500,
            channel=self.mailbox,
            subject=f"Groep {LONG_WORD}",
            quoted_text="> Dank voor uw bericht",
            html="<h1>Groep</h1><img src='http://tracker.example/x.gif'>",
            attachments=files,
            recipients=(Author("bus@klant.example", "Bus"),),
        )
        snoozed = self.said("Nadia B.", "Mag onze hond mee?", minutes=4000)
        changes.snooze(snoozed.pk, until=self.now + timedelta(days=2), by=self.member, now=self.now)
        closed = self.said("Tess", "Dank!", minutes=9000)
        changes.change_state(closed.pk, state=CaseState.CLOSED, by=self.member, now=self.now)

    def _at(self, minutes: int) -> datetime:
        return self.now - timedelta(minutes=minutes)

"""Mail: drafted inside the change it belongs to, sent by the worker, wiped when sent."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from heard.outbox import jobs
from heard.outbox.models import Letter, Pace
from heard.vault import rows

# After a crash in the middle of sending nobody knows whether the mail left: wait so long before trying again.
UNSURE = timedelta(minutes=10)


def post(kind: Letter.Kind, *, key: str, to: str, subject: str, body: str, run_at: datetime | None = None) -> None:
    """Seal a letter and have the worker send it; a key that was used already does nothing."""
    if Letter.objects.filter(key=key).exists():
        return
    seal = rows.sealer("outbox")
    letter = Letter.objects.create(
        **seal.where, kind=kind, key=key, to=seal(to), subject=seal(subject), body=seal(body)
    )
    jobs.enqueue("outbox.send", key=f"send:{letter.pk}", run_at=run_at, letter=str(letter.pk))


def nudge(user_id: UUID, *, to: str, spacing: timedelta) -> None:
    """Tell a member that something waits: no case, no number, no name.

    Two nudges to one person are at least `spacing` apart; what comes meanwhile is bundled into the next one.
    """
    now = timezone.now()
    with transaction.atomic():
        Pace.objects.get_or_create(user_id=user_id, defaults={"at": now - timedelta(days=1)})
        pace = Pace.objects.select_for_update().get(user_id=user_id)
        if pace.at > now:
            return
        pace.at = max(now, pace.at + spacing)
        pace.save(update_fields=["at"])
        post(
            Letter.Kind.NUDGE,
            key=f"nudge:{user_id}:{pace.at.timestamp():.3f}",
            to=to,
            subject=_("Heard: something waits for you"),
            body=_("Something waits for you. Please sign in:\n\n%(url)s/team/\n") % {"url": settings.URL},
            run_at=pace.at,
        )


def note(*, key: str, to: str) -> None:
    """Tell a reporter that something waits: neutral, without a link that opens anything."""
    post(
        Letter.Kind.NOTE,
        key=key,
        to=to,
        subject=_("A note for you"),
        body=_("Something new is there for you. You know where to look, and you have the code.\n"),
    )


def whole(*, key: str, to: str, text: str) -> None:
    """Send somebody without an account a whole letter, because they chose e-mail for it; the subject says nothing."""
    post(
        Letter.Kind.WHOLE,
        key=key,
        to=to,
        subject=_("A letter for you"),
        body=_(
            "%(text)s\n\n-- \nYou chose to get letters by e-mail. To answer, or to stop this, use your code: nobody reads this address.\n"
        )
        % {"text": text},
    )


def send(letter: str) -> None:
    """Send one letter. A crash half-way leads to a second try only after `UNSURE`."""
    row = Letter.objects.filter(pk=letter).first()
    if row is None or row.state in {Letter.State.SENT, Letter.State.FAILED}:
        return
    if row.state == Letter.State.SENDING and row.tried_at and timezone.now() < row.tried_at + UNSURE:
        raise jobs.Later(row.tried_at + UNSURE)
    Letter.objects.filter(pk=row.pk).update(state=Letter.State.SENDING, tried_at=timezone.now())
    try:
        _deliver(row)
    except Exception:
        Letter.objects.filter(pk=row.pk).update(state=Letter.State.READY)
        raise
    with transaction.atomic():
        Letter.objects.filter(pk=row.pk).update(
            state=Letter.State.SENT, sent_at=timezone.now(), row_key=None, to=None, subject=None, body=None
        )


def give_up(letter: str) -> None:
    """Wipe a letter that could not be sent for most of a day."""
    Letter.objects.filter(pk=letter).update(state=Letter.State.FAILED, row_key=None, to=None, subject=None, body=None)


def _deliver(row: Letter) -> None:
    without_account = row.kind in {Letter.Kind.NOTE, Letter.Kind.WHOLE}
    message = EmailMessage(
        rows.reveal(row, "subject"),
        rows.reveal(row, "body"),
        settings.HEARD["HEARD_REPORTER_MAIL_FROM" if without_account else "HEARD_MAIL_FROM"],
        [rows.reveal(row, "to")],
        headers={"Message-ID": f"<{row.pk}@{_domain()}>", "Auto-Submitted": "auto-generated"},
    )
    message.send()


def _domain() -> str:
    sender: str = settings.HEARD["HEARD_REPORTER_MAIL_FROM"]
    return sender.rpartition("@")[2]

"""Whether the person harmed lets the team go ahead, where nobody else saw it (R40)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.cases import queries
from heard.cases.actions.opening import chain
from heard.cases.models import Case, Duty
from heard.outbox import letters
from heard.reports import queries as reports
from heard.reports.models import Report
from heard.reports.rules import speaks_for_themselves
from heard.vault.keyring import Keyring


def asked(case_safe_id: UUID, until: datetime, by: User) -> None:
    """Note that a reporter was told it goes ahead, and may object until a moment."""
    for case in Case.objects.filter(safe=case_safe_id, state__in=Case.RUNNING):
        later = max(until, case.object_until) if case.object_until else until
        Case.objects.filter(pk=case.pk).update(object_until=later)
        mine = case.duties.filter(name="ask_objection", state=Duty.State.OPEN)
        mine.update(state=Duty.State.DONE, done_at=timezone.now(), done_by=by)


def answered(case_safe_id: UUID, answer: str) -> None:
    """Take the answer from a mailbox: a no stops the convening at once; a yes ends the waiting, where nobody else still may object.

    A yes lifts no objection: it may be somebody else's, and is taken back only by a person who speaks with them.
    """
    for case in Case.objects.filter(safe=case_safe_id, state__in=Case.RUNNING).select_related("team"):
        if answer == "no":
            Case.objects.filter(pk=case.pk).update(objected=True)
            for member in queries.able(case):
                letters.nudge(member.user_id, to=member.user.email, spacing=timedelta(0))
        elif case.object_until is not None:
            Case.objects.filter(pk=case.pk).update(object_until=_still_waits(case_safe_id))
        audit.record("case.objected" if answer == "no" else "case.agreed", chain=chain(case), who="reporter")


def _still_waits(case_safe_id: UUID) -> datetime:
    """Return until when another reporter may object, or now."""
    waiting = Report.objects.filter(case_safe=case_safe_id, consent_by__gt=timezone.now())
    return waiting.order_by("-consent_by").values_list("consent_by", flat=True).first() or timezone.now()


def carry(case: Case, report: Report, keyring: Keyring) -> None:
    """Let what a reporter was asked and answered count in the case that the report is linked to."""
    if report.consent_by and speaks_for_themselves(reports.original(report, keyring)):
        later = max(report.consent_by, case.object_until) if case.object_until else report.consent_by
        objected = case.objected or reports.last_consent(report, keyring) == "no"
        Case.objects.filter(pk=case.pk).update(object_until=later, objected=objected)

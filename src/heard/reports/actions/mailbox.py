"""What the reporter does with the code."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from heard.audit import chain as audit
from heard.reports import queries, rules
from heard.reports.actions import alarms, following, readers
from heard.reports.actions.submit import REPORTER, chain, mark_of
from heard.reports.models import Attachment, Message, Receipt, Report, ReporterAddress
from heard.vault import files, receipts, rows, safes
from heard.vault.keyring import Keyring
from heard.vault.models import Grant


class UnknownCode(Exception):
    """The code is well formed and opens nothing."""


@transaction.atomic
def write(
    report: Report, keyring: Keyring, *, text: str, key: str, attached: Iterable[files.Kept] = (), consent: str = ""
) -> None:
    """Add what the reporter writes; the same page sent twice adds it once."""
    seal = keyring.sealer(report.safe_id)
    mark = mark_of(report, key)
    if Message.objects.filter(key=mark).exists():
        for kept in attached:
            transaction.on_commit(lambda kept=kept: files.discard(kept))  # type: ignore[misc]
        return
    report = Report.objects.select_for_update(of=("self",)).select_related("team", "chapter", "event").get(pk=report.pk)
    counts = bool(consent) and rules.speaks_for_themselves(queries.original(report, seal))
    readers.narrow(report, seal, {"message": text})
    if report.suspected:
        # Somebody who comes back with the code is no machine.
        Report.objects.filter(pk=report.pk).update(suspected=False)
        report.suspected = False
        alarms.raise_anew(report)
    if report.state == Report.State.ASIDE:
        report.move_to(Report.State.ACKNOWLEDGED if report.acknowledged_at else Report.State.NEW)
        Report.objects.filter(pk=report.pk).update(aside_as="")
    kind = Message.Kind.CONSENT if consent else Message.Kind.FROM_REPORTER
    message = Message.objects.create(**seal.where, report=report, kind=kind, body=seal(consent or text), key=mark)
    for kept in attached:
        files.keep(Attachment, kept, seal, report=report, message=message)
    if counts and report.case_safe_id:
        _tell_case(report, consent)
    alarms.raise_news(report)
    audit.record("reporter.wrote", chain=chain(report), who=REPORTER, thing=str(message.pk))


def _tell_case(report: Report, consent: str) -> None:
    """Let an answer count where the team works by now: a no at once; after a yes nobody waits for this reporter."""
    if consent == "yes" and report.consent_by:
        report.consent_by = min(report.consent_by, timezone.now())
        report.save(update_fields=["consent_by"])
    assert report.case_safe_id is not None
    following.answered(report.case_safe_id, consent)


@transaction.atomic
def confirm(report: Report) -> None:
    """Note that what one of us wrote down is what was said; a correction is written like anything else."""
    if Report.objects.filter(pk=report.pk, taken_down=True, confirmed_at=None).update(confirmed_at=timezone.now()):
        alarms.raise_news(report)
        audit.record("reporter.confirmed", chain=chain(report), who=REPORTER)


@transaction.atomic
def choose_mail(report: Report, *, email: str) -> None:
    """Send letters whole to an address from now on, because the reporter chose so; without one, nothing more goes by mail."""
    ReporterAddress.objects.filter(report=report).delete()
    if email:
        seal = rows.sealer("contact")
        ReporterAddress.objects.create(**seal.where, report=report, email=seal(email), whole=True)
    audit.record("mail.chosen" if email else "mail.stopped", chain=chain(report), who=REPORTER)


@transaction.atomic
def opened(report: Report) -> None:
    """Note that the reporter has seen what waited."""
    if report.news_for_reporter:
        Report.objects.filter(pk=report.pk).update(news_for_reporter=False)
    audit.record("reporter.read", chain=chain(report), who=REPORTER)


@transaction.atomic
def kept(report: Report, receipt: receipts.Receipt) -> None:
    """Note that the reporter has the code: from now on the form does not show it again."""
    Receipt.objects.filter(lookup=receipt.lookup, kept_at=None).update(kept_at=timezone.now())
    audit.record("receipt.kept", chain=chain(report), who=REPORTER)


@transaction.atomic
def replace(report: Report, old: receipts.Receipt, *, nonce: str) -> receipts.Receipt:
    """Return a new code; the old one opens nothing from now on. The same page sent twice gives the same new code.

    Raises UnknownCode where the old code was replaced by another page.
    """
    new = receipts.successor(old, nonce)
    rows = Receipt.objects.select_for_update().filter(report=report)
    if rows.filter(lookup=new.lookup).exists():
        return new
    if not rows.filter(lookup=old.lookup).exists():
        raise UnknownCode
    key = safes.receipt_keyring(old).sealer(report.safe_id)
    rows.filter(lookup=old.lookup).delete()
    Receipt.objects.create(lookup=new.lookup, report=report)
    safes.close_to([report.safe_id], Grant.HolderKind.RECEIPT, old.lookup)
    safes.open_to(key, [safes.receipt_holder(new)])
    audit.record("receipt.replaced", chain=chain(report), who=REPORTER)
    return new

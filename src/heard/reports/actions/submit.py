"""A report arrives."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from heard.audit import chain as audit
from heard.community.models import Event, PolicyVersion, Team
from heard.reports import codenames, queries, rules
from heard.reports.actions import alarms, readers, recovery
from heard.reports.actions.readers import NobodyLeft as NobodyLeft
from heard.reports.models import Attachment, Message, Receipt, Report, ReporterAddress
from heard.vault import crypto, files, rows, safes
from heard.vault.keyring import NoGrant, SafeKey
from heard.vault.models import Safe
from heard.vault.receipts import FormToken

REPORTER = "reporter"
NAME_TRIES = 6


class Replaced(Exception):
    """The form's code was replaced by another one: it opens nothing any more."""


@dataclass(frozen=True, repr=False)
class Incoming:
    """A report on its way in."""

    team: Team
    event: Event | None
    token: FormToken
    version: PolicyVersion
    readers: queries.Readers
    answers: Mapping[str, Any]
    attached: Sequence[files.Kept] = ()
    out: frozenset[uuid.UUID] = frozenset()
    about_organiser: bool = False
    danger: bool = False
    suspected: bool = False


def submit(incoming: Incoming) -> Report:
    """Store a report, sealed to those who may read it. The same form sent twice makes one report.

    Raises NobodyLeft when the reporter's choices leave no reader, Replaced when the form's code was given up.
    """
    if not queries.has_come(incoming.token.name):
        choice = readers.choose(
            incoming.team,
            incoming.readers,
            incoming.answers,
            out=incoming.out,
            about_organiser=incoming.about_organiser,
        )
        try:
            return _store(incoming, choice)
        except IntegrityError:
            # The same form, sent at the same moment: the other one made it.
            if not queries.has_come(incoming.token.name):
                raise
    return _repeat(incoming)


def chain(report: Report) -> str:
    """Return the audit chain of a report."""
    return f"safe:{report.safe_id}"


def mark_of(report: Report, key: str) -> str:
    """Return the mark that keeps one page sent twice from writing twice."""
    return f"{report.pk}:{key}"


@transaction.atomic
def _store(incoming: Incoming, choice: readers.Choice) -> Report:
    team, event, now = incoming.team, incoming.event, timezone.now()
    version = incoming.version
    receipt = incoming.token.receipt
    holders = [*safes.user_holders(choice.route.readers).values(), safes.receipt_holder(receipt)]
    key = safes.new(Safe.Kind.REPORT, holders)
    at_event = queries.is_at_event(event)
    report = _with_code_name(
        Report(
            **key.where,
            team=choice.team,
            chapter=team,
            event=event,
            policy_version=version,
            form=incoming.token.name,
            made_at=now,
            due_at=rules.due(now, version.policy.clocks, at_event=at_event),
            danger=incoming.danger,
            suspected=incoming.suspected and not incoming.danger,
            answers=key({name: value for name, value in incoming.answers.items() if value}),
        )
    )
    Receipt.objects.create(lookup=receipt.lookup, report=report)
    for kept in incoming.attached:
        files.keep(Attachment, kept, key, report=report)
    if incoming.attached:
        files.settle(incoming.token)
    readers.exclude(key.safe_id, choice.exclusions)
    recovery.keep(report, key)
    _keep_address(report, incoming.answers)
    alarms.raise_alarm(report, alarms.NEW)
    audit.record("report.arrived", chain=chain(report), who=REPORTER, thing=str(report.pk))
    return report


def _keep_address(report: Report, answers: Mapping[str, Any]) -> None:
    if (email := answers.get("reach_email")) and not ReporterAddress.objects.filter(report=report).exists():
        seal = rows.sealer("contact")
        ReporterAddress.objects.create(**seal.where, report=report, email=seal(email))


def _with_code_name(report: Report) -> Report:
    """Save the report under a code name nobody else has."""
    for attempt in range(NAME_TRIES):
        report.code_name = codenames.draw(numbered=attempt > 1)
        try:
            with transaction.atomic():
                report.save(force_insert=True)
            return report
        except IntegrityError:
            if attempt == NAME_TRIES - 1 or Report.objects.filter(form=report.form).exists():
                raise
    raise AssertionError("the loop returns or raises")


@transaction.atomic
def _repeat(incoming: Incoming) -> Report:
    """Take a form that came before: what is new in it counts, nothing is stored twice."""
    report = queries.by_form(incoming.token.name)
    assert report is not None
    try:
        key = safes.receipt_keyring(incoming.token.receipt).sealer(report.safe_id)
    except NoGrant:
        raise Replaced from None
    report = Report.objects.select_for_update(of=("self",)).select_related("team", "chapter", "event").get(pk=report.pk)
    readers.narrow(report, key, incoming.answers, out=incoming.out, about_organiser=incoming.about_organiser)
    if incoming.danger and not report.danger:
        report.danger, report.suspected = True, False
        report.save(update_fields=["danger", "suspected"])
        alarms.raise_anew(report)
    _add_changed(report, key, incoming.answers)
    _add_files(report, key, incoming.attached)
    _keep_address(report, incoming.answers)
    files.settle(incoming.token)
    return report


def _add_changed(report: Report, key: SafeKey, answers: Mapping[str, Any]) -> None:
    body = queries.what_is_new(report, key, answers)
    mark = mark_of(report, crypto.derive(key.key, "heard:repeat", body.encode(), 16).hex())
    if body and not Message.objects.filter(key=mark).exists():
        Message.objects.create(**key.where, report=report, kind=Message.Kind.FROM_REPORTER, body=key(body), key=mark)
        alarms.raise_news(report)


def _add_files(report: Report, key: SafeKey, attached: Iterable[files.Kept]) -> None:
    have = queries.names_and_sizes(report, key)
    for kept in attached:
        if Attachment.objects.filter(storage_name=kept.storage_name).exists():
            continue  # the very file: it waited for the form, and the other click took it
        if (kept.name, kept.size) in have:
            transaction.on_commit(lambda kept=kept: files.discard(kept))  # type: ignore[misc]
        else:
            files.keep(Attachment, kept, key, report=report)

"""A report arrives."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from heard.audit import chain as audit
from heard.community import queries as community
from heard.community.models import Event, Team
from heard.matching import mentioned
from heard.reports import codenames, queries, rules
from heard.reports.actions import alarms
from heard.reports.models import Attachment, Message, Receipt, Report, ReporterAddress
from heard.vault import crypto, files, rows, safes
from heard.vault.keyring import NoGrant, SafeKey
from heard.vault.models import Exclusion, Safe
from heard.vault.receipts import FormToken

REPORTER = "reporter"
NAME_TRIES = 6


class NobodyLeft(Exception):
    """With everybody excluded nobody could read the report; nothing was stored."""


class Replaced(Exception):
    """The form's code was replaced by another one: it opens nothing any more."""


@dataclass(frozen=True, repr=False)
class Incoming:
    """A report on its way in."""

    team: Team
    event: Event | None
    token: FormToken
    answers: Mapping[str, Any]
    attached: Iterable[files.Kept] = ()
    out: frozenset[uuid.UUID] = frozenset()
    about_organiser: bool = False
    danger: bool = False
    suspected: bool = False


def submit(incoming: Incoming) -> Report:
    """Store a report, sealed to those who may read it. The same form sent twice makes one report.

    Raises NobodyLeft when the reporter's choices leave no reader.
    """
    if queries.by_form(incoming.token.name) is None:
        try:
            return _store(incoming)
        except IntegrityError:
            # The same form, sent at the same moment: the other one made it.
            if queries.by_form(incoming.token.name) is None:
                raise
    return _repeat(incoming)


@transaction.atomic
def _store(incoming: Incoming) -> Report:
    team, event, now = incoming.team, incoming.event, timezone.now()
    route, matched, worldwide = _route(incoming)
    receiving = (team if route.goes is rules.Goes.CHAPTER else worldwide) or team
    version = community.policy(team)
    receipt = incoming.token.receipt
    holders = [*safes.user_holders(route.readers).values(), safes.receipt_holder(receipt)]
    key = safes.new(Safe.Kind.REPORT, holders)
    at_event = queries.is_at_event(event)
    report = _with_code_name(
        Report(
            **key.where,
            team=receiving,
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
    files.settle(incoming.token)
    _note_exclusions(key, incoming.out, matched)
    _keep_address(report, incoming.answers)
    alarms.raise_alarm(report, alarms.NEW)
    audit.record("report.arrived", chain=chain(report), who=REPORTER, thing=str(report.pk))
    return report


def chain(report: Report) -> str:
    """Return the audit chain of a report."""
    return f"safe:{report.safe_id}"


def mark_of(report: Report, key: str) -> str:
    """Return the mark that keeps one page sent twice from writing twice."""
    return f"{report.pk}:{key}"


def _route(incoming: Incoming) -> tuple[rules.Route, set[uuid.UUID], Team | None]:
    readers = queries.readers(incoming.team)
    everybody = {member.user_id for member in [*readers.chapter, *readers.worldwide]}
    members = set(incoming.team.members.values_list("user_id", flat=True))
    matched = _named_in(incoming.answers, everybody) - incoming.out
    route = rules.route(
        chapter={member.user_id for member in readers.chapter},
        worldwide={member.user_id for member in readers.worldwide},
        members=members,
        out=incoming.out | matched,
        about_organiser=incoming.about_organiser,
    )
    if route.goes is rules.Goes.NOBODY:
        raise NobodyLeft
    return route, matched, readers.global_team


def _named_in(answers: Mapping[str, Any], users: set[uuid.UUID]) -> set[uuid.UUID]:
    people = "\n".join(str(answers.get(name, "")) for name in ("who", "others"))
    anywhere = "\n".join(str(value) for value in answers.values())
    profiles = community.profiles(users)
    return {user for user, person in profiles.items() if mentioned(person, people=people, anywhere=anywhere)}


def _note_exclusions(key: SafeKey, out: Iterable[uuid.UUID], matched: Iterable[uuid.UUID]) -> None:
    for user in out:
        safes.exclude(key.safe_id, user, Exclusion.Kind.BY_REPORTER)
    for user in matched:
        safes.exclude(key.safe_id, user, Exclusion.Kind.MATCH)


def _keep_address(report: Report, answers: Mapping[str, Any]) -> None:
    if email := answers.get("reach_email"):
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
    """Take a form that came before: what is new in it becomes an addition, nothing is stored twice."""
    report = queries.by_form(incoming.token.name)
    assert report is not None
    receipt = incoming.token.receipt
    try:
        key = safes.receipt_keyring(receipt).sealer(report.safe_id)
    except NoGrant:
        raise Replaced from None
    known = queries.original(Report.objects.select_for_update().get(pk=report.pk), key)
    given = {name: value for name, value in incoming.answers.items() if value}
    changed = {name: value for name, value in given.items() if known.get(name) != value}
    have = queries.names_and_sizes(report, key)
    fresh = [kept for kept in incoming.attached if (kept.name, kept.size) not in have]
    if changed:
        body = "\n\n".join(str(value) for value in changed.values())
        mark = mark_of(report, crypto.derive(key.key, "heard:repeat", body.encode(), 16).hex())
        if not Message.objects.filter(key=mark).exists():
            Message.objects.create(
                **key.where, report=report, kind=Message.Kind.FROM_REPORTER, body=key(body), key=mark
            )
            alarms.raise_alarm(report, alarms.NEWS)
    for kept in fresh:
        files.keep(Attachment, kept, key, report=report)
    for kept in incoming.attached:
        if kept not in fresh:
            transaction.on_commit(lambda kept=kept: files.discard(kept))  # type: ignore[misc]
    files.settle(incoming.token)
    return report

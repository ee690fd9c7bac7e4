"""Opening a case from a report, or as a drill to practise."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.cases import queries, rules
from heard.cases.models import Case, Duty, Entry, Party, WrongState
from heard.community import queries as community
from heard.community.actions import who
from heard.community.models import Team
from heard.guidance import page, playbook
from heard.reports import codenames
from heard.reports import queries as report_queries
from heard.reports.actions import recovery
from heard.reports.models import Report
from heard.reports.rules import speaks_for_themselves
from heard.vault import recovery as vault_recovery
from heard.vault import safes
from heard.vault.keyring import Keyring, SafeKey
from heard.vault.models import Exclusion, Safe

NAME_TRIES = 6


@transaction.atomic
def open_case(
    report: Report, keyring: Keyring, *, by: User, level: str, safety: str = "", fears: bool = False, harmed: str = ""
) -> Case:
    """Open a case from an acknowledged report. Raises WrongState when it has one already, or is not acknowledged.

    A case that nobody can open any more is no hindrance: its clocks stop, and it stays shut.
    """
    locked = locked_report(report, by)
    lost = queries.lost_case(locked)
    if (locked.case_safe_id and not lost) or locked.state != Report.State.ACKNOWLEDGED:
        raise WrongState
    report_key = keyring.sealer(report.safe_id)
    key = safes.new(Safe.Kind.CASE, safes.user_holders(safes.keyholders(report.safe_id)).values())
    for exclusion in Exclusion.objects.filter(safe=report.safe_id):
        safes.exclude(key.safe_id, exclusion.user_id, Exclusion.Kind(exclusion.kind), exclusion.by_id)
    told = report_queries.original(locked, report_key)
    counts = speaks_for_themselves(told)
    asked = locked.consent_by if level == "private" and counts else None
    case = _with_code_name(
        locked.code_name,
        Case(
            **key.where, team=locked.team, chapter=locked.chapter, event=locked.event,
            policy_version=locked.policy_version, level=level, safety=safety, fears=fears, object_until=asked,
            objected=counts and report_queries.last_consent(locked, keyring) == "no", small=_is_small(locked.team),
            at_event=report_queries.is_at_event(locked.event),
        ),
    )  # fmt: skip
    if lost:
        Case.objects.filter(pk=lost.pk).update(state=Case.State.LOST)
        safes.give_up(safes.with_joined(lost.safe_id))
        audit.record("case.given-up", chain=chain(lost), who=who(by), thing=f"report:{report.pk}")
    locked.case_safe_id = key.safe_id
    locked.save(update_fields=["case_safe"])
    recovery.keep(locked, report_key, key)
    _begin(case, key, contact=locked.contact, by=by)
    if asked:
        case.duties.filter(name="ask_objection").update(state=Duty.State.DONE, done_at=locked.consent_asked_at)
    _first_parties(case, key, told, harmed)
    audit.record("case.opened", chain=chain(case), who=who(by), thing=level)
    return case


def _first_parties(case: Case, key: SafeKey, told: Mapping[str, Any], harmed: str) -> None:
    """Put down who is meant as the report says it; the person harmed need not be the reporter."""
    if meant := told.get("who"):
        Party.objects.create(**key.where, case=case, role=Party.Role.REPORTED, facts=key({"description": meant}))
    if told.get("happened_to") == "other" or harmed:
        facts = {"name": harmed} if harmed else {"description": "somebody other than the reporter"}
        Party.objects.create(**key.where, case=case, role=Party.Role.HARMED, facts=key(facts))


@transaction.atomic
def open_drill(team: Team, *, by: User, level: str) -> Case:
    """Open a practice case with an invented story, for everybody in the team."""
    readers = community.readers(team)
    key = safes.new(Safe.Kind.CASE, safes.user_holders(m.user_id for m in readers).values())
    case = _with_code_name(
        codenames.draw(numbered=True),
        Case(
            **key.where, team=team, chapter=team, policy_version=community.policy(team), level=level,
            is_drill=True, small=_is_small(team), safety="yes" if level == "danger" else "",
        ),
    )  # fmt: skip
    vault_recovery.settle(key, vault_recovery.holders(recovery.owners(team)))
    _begin(case, key, contact=by, by=by)
    story = page("drill", team.language)
    Entry.objects.create(
        **key.where, case=case, kind=Entry.Kind.NOTE, author=None, body=key(story), key=f"{case.pk}:drill"
    )
    facts = {"name": "Robin Example", "description": "tall, in a green jacket"}
    Party.objects.create(**key.where, case=case, role=Party.Role.REPORTED, facts=key(facts))
    audit.record("drill.opened", chain=chain(case), who=who(by))
    return case


def chain(case: Case) -> str:
    """Return the audit chain of a case."""
    return f"safe:{case.safe_id}"


def _is_small(team: Team) -> bool:
    return rules.is_small(community.readers(team))


def locked_report(report: Report, by: User) -> Report:
    """Return the report, locked, as far as it exists for this person. Raises WrongState."""
    if not report_queries.reports_for(by).filter(pk=report.pk).exists():
        raise WrongState
    return Report.objects.select_for_update(of=("self",)).select_related("team", "chapter", "event").get(pk=report.pk)


def _with_code_name(wanted: str, case: Case) -> Case:
    for attempt in range(NAME_TRIES):
        case.code_name = wanted if attempt == 0 else codenames.draw(numbered=attempt > 2)
        try:
            with transaction.atomic():
                case.save(force_insert=True)
            return case
        except IntegrityError:
            if attempt == NAME_TRIES - 1:
                raise
    raise AssertionError("the loop returns or raises")


def _begin(case: Case, key: SafeKey, *, contact: User | None, by: User) -> None:
    """Put the playbook's duties on the page, each with its owner and clock."""
    readers = {member.user_id: member for member in queries.able(case)}
    leads = [member.user for member in readers.values() if member.role == member.Role.LEAD]
    on_duty = [m.user for m in community.on_duty(case.chapter, case.event) if m.user_id in readers]
    owners: dict[str, Sequence[User | None]] = {
        "contact": [contact or by], "lead": leads or [by], "duty": on_duty or [contact or by], "team": [None],
    }  # fmt: skip
    Duty.objects.bulk_create(
        Duty(
            **key.where,
            case=case,
            name=duty.name,
            order=order,
            owner=owners[duty.who][0],
            due_at=rules.due_for(
                duty, case.opened_at, at_event=case.at_event, zone=case.zone, country=case.chapter.country
            ),
        )
        for order, duty in enumerate(playbook(case.level, small=case.small))
    )

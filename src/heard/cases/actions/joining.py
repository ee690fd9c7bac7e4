"""Reports and cases that belong together: linked, split off, made one and taken apart again.

Whoever is kept out of one of them is kept out of all, and stays out when they are taken apart.
"""

from collections.abc import Sequence

from django.db import transaction

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.cases import queries
from heard.cases.actions import consent
from heard.cases.actions.duties import add_step, locked, write
from heard.cases.actions.opening import chain, locked_report
from heard.cases.models import Case, Duty, Entry, Measure, Meeting, Notice, Party, WrongState
from heard.community.actions import who
from heard.guidance import page
from heard.reports.actions import recovery
from heard.reports.models import Report
from heard.vault import safes
from heard.vault.keyring import Keyring, SafeKey
from heard.vault.models import Exclusion


@transaction.atomic
def link(case: Case, report: Report, keyring: Keyring, *, by: User) -> None:
    """Let another report belong to the case. Raises WrongState."""
    case, key = locked(case, keyring, by)
    found = locked_report(report, by)
    if found.case_safe_id or found.team_id != case.team_id or found.state != Report.State.ACKNOWLEDGED:
        raise WrongState
    theirs = [keyring.sealer(safe_id) for safe_id in found.safes]
    ours = _keys(case, keyring)
    found.case_safe_id = case.safe_id
    found.save(update_fields=["case_safe"])
    let_in_the_same(case, ours, theirs)
    consent.carry(case, found, keyring)
    recovery.drop(found)
    recovery.keep(found, *theirs)
    waits = case.duties.filter(name="tell_outcome_reporter", report=found, state=Duty.State.OPEN).exists()
    if queries.standing(case) and not waits:  # whoever comes late hears the outcome too (R54)
        add_step(case, key, "tell_outcome_reporter", owner=found.contact or by, report=found)
    audit.record("case.linked", chain=chain(case), who=who(by), thing=f"report:{report.pk}")


@transaction.atomic
def split_off(case: Case, report: Report, *, by: User) -> None:
    """Let a report belong to the case no more; it can be linked again. Raises WrongState for the only one."""
    found = locked_report(report, by)
    if found.case_safe_id != case.safe_id or Report.objects.filter(case_safe=case.safe_id).count() < 2:
        raise WrongState
    found.case_safe_id = None
    found.save(update_fields=["case_safe"])
    case.split_reports.add(found)
    audit.record("case.split", chain=chain(case), who=who(by), thing=f"report:{report.pk}")


@transaction.atomic
def merge(case: Case, other: Case, keyring: Keyring, *, by: User) -> None:
    """Make another case part of this one: its reports and people come over, its clocks stand still. Raises WrongState."""
    case, key = locked(case, keyring, by)
    other, other_key = locked(other, keyring, by)
    reports = [locked_report(report, by) for report in queries.reports_of(other)]
    if not may_merge(case, other):
        raise WrongState
    let_in_the_same(case, _keys(case, keyring), _keys(other, keyring))
    known = queries.parties(other, keyring)
    safes.join(other.safe_id, case.safe_id)
    for report in reports:
        report.case_safe_id = case.safe_id
        report.save(update_fields=["case_safe"])
    for report in queries.reports_of(case):
        recovery.drop(report)
        recovery.keep(report, *(keyring.sealer(safe_id) for safe_id in report.safes), other_key)
    Party.objects.bulk_create(
        Party(**key.where, case=case, role=party.role, facts=key(party.facts), came_with=other) for party in known
    )
    # What stops either stops both.
    Case.objects.filter(pk=case.pk).update(
        objected=case.objected or other.objected, fears=case.fears or other.fears,
        takes_apology=case.takes_apology and other.takes_apology,
        object_until=max(filter(None, (case.object_until, other.object_until)), default=None),
    )  # fmt: skip
    Case.objects.filter(pk=other.pk).update(
        state=Case.State.MERGED, merged_into=case, merged_reports=[str(report.pk) for report in reports]
    )
    for row, row_key, name in ((case, key, other.code_name), (other, other_key, case.code_name)):
        text = page("merged", case.team.language, other=name)
        write(row, row_key, Entry.Kind.STEP, text, by=by, mark=f"merged:{other.pk}:{row.entries.count()}")
        audit.record("case.merged", chain=chain(row), who=who(by))


@transaction.atomic
def unmerge(other: Case, keyring: Keyring, *, by: User) -> None:
    """Take a case out of the one it was merged into, with the reports that came with it. Raises WrongState."""
    case = other.merged_into
    if case is None:
        raise WrongState
    case, key = locked(case, keyring, by)
    other, other_key = locked(other, keyring, by, merged=True)
    if other.state != Case.State.MERGED:
        raise WrongState
    for report in Report.objects.filter(pk__in=other.merged_reports, case_safe=case.safe_id):
        found = locked_report(report, by)
        found.case_safe_id = other.safe_id
        found.save(update_fields=["case_safe"])
    safes.join(other.safe_id, None)
    Party.objects.filter(case=case, came_with=other, guest_codes=None).delete()
    held = other.meetings.filter(state=Meeting.State.HELD).exists()
    state = Case.State.MET if held else Case.State.OPEN
    Case.objects.filter(pk=other.pk).update(state=state, merged_into=None, merged_reports=[])
    for row, row_key, name in ((case, key, other.code_name), (other, other_key, case.code_name)):
        text = page("unmerged", case.team.language, other=name)
        write(row, row_key, Entry.Kind.STEP, text, by=by, mark=f"unmerged:{other.pk}:{row.entries.count()}")
        audit.record("case.unmerged", chain=chain(row), who=who(by))


def may_merge(case: Case, other: Case) -> bool:
    """Tell whether two cases may become one: of one team, both real, both running, not nested."""
    return (
        case.pk != other.pk
        and case.team_id == other.team_id
        and not case.is_drill
        and not other.is_drill
        and {case.state, other.state} <= set(Case.RUNNING)
        and not other.merged.exists()
        and not (_is_under_way(case) or _is_under_way(other))
    )


def _is_under_way(case: Case) -> bool:
    """Tell whether something was decided, proposed, taken or begun to be told: then its clocks must not stand still."""
    return (
        queries.standing(case) is not None
        or queries.proposal(case) is not None
        or case.measures.filter(state__in=[Measure.State.IN_FORCE, Measure.State.WAITS]).exists()
        or case.notices.filter(state__in=Notice.NOT_GONE).exists()
    )


def _keys(case: Case, keyring: Keyring) -> list[SafeKey]:
    """Return the keys of a case and of everything of its reports."""
    found = set(safes.with_joined(case.safe_id))
    for report in queries.reports_of(case):
        found |= set(report.safes)
    return [keyring.sealer(safe_id) for safe_id in found]


def let_in_the_same(case: Case, ours: Sequence[SafeKey], theirs: Sequence[SafeKey]) -> None:
    """Keep out of all who is kept out of one, and open what comes to those who can open the case."""
    every = {key.safe_id: key for key in [*ours, *theirs]}
    out = {e.user_id: e for e in Exclusion.objects.filter(safe__in=every)}
    for safe_id in every:
        for user, exclusion in out.items():
            safes.exclude(safe_id, user, Exclusion.Kind(exclusion.kind), exclusion.by_id)
    holders = safes.user_holders({member.user_id for member in queries.able(case)} - set(out))
    for key in theirs:
        for holder in holders.values():
            if not safes.is_open_to(key.safe_id, holder):
                safes.regrant(key, holder)

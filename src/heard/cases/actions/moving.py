"""A case that goes where its report went."""

from uuid import UUID

from django.db import transaction

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.cases import queries
from heard.cases.actions.opening import chain
from heard.cases.models import Case, Duty
from heard.community import queries as community
from heard.community.models import Team
from heard.reports.actions import recovery, standing
from heard.reports.actions.readers import hand_up
from heard.reports.models import Report
from heard.vault import safes
from heard.vault.keyring import Keyring, NoGrant
from heard.vault.models import Exclusion


def follow(safe_id: UUID, team: Team) -> None:
    """Let a case belong to the team that its keys went to."""
    case = Case.objects.filter(safe=safe_id).exclude(team=team).first()
    if case is not None:
        Case.objects.filter(pk=case.pk).update(team=team)
        case.merged.update(team=team)
        case.duties.filter(state=Duty.State.OPEN).update(owner=None, nudged_at=None)
        audit.record("case.moved-up", chain=chain(case), who="program")


def pass_on(user: User, keyring: Keyring) -> None:
    """Hand up the cases whose reports went up while nobody who holds the case was there.

    The reporter took people out or named them, so that too few were left; their code opens the report and not the case.
    """
    for case in queries.left_behind(user):
        try:
            _pass_on(case, keyring)
        except NoGrant:  # their own key is newer than what they were given
            continue


@transaction.atomic
def _pass_on(case: Case, keyring: Keyring) -> None:
    case = Case.objects.select_for_update(of=("self",)).select_related("team").get(pk=case.pk)
    keys = [keyring.sealer(safe_id) for safe_id in safes.with_joined(case.safe_id)]
    reports = queries.reports_of(case)
    gone = next((report for report in reports if report.team.is_global), None)
    readers = _readers(case, gone) if gone else set()
    if gone is None or case.team.is_global or not readers:
        return
    safes.withdraw([key.safe_id for key in keys], safes.keyholders(case.safe_id))
    for key in keys:
        safes.open_to(key, safes.user_holders(readers).values())
    for report in reports:
        ours = keys
        if report.team_id != gone.team_id:
            ours = [keyring.sealer(report.safe_id), *keys]
            hand_up(report, ours[0], gone.team, readers)
            report.save(update_fields=["team", "contact", "notes_safe", "acknowledged_at", "next_word_at"])
        recovery.drop(report)
        recovery.keep(report, *ours)
    follow(case.safe_id, gone.team)
    standing.renew_all(keyring, keys)


def _readers(case: Case, report: Report) -> set[UUID]:
    """Return who of the global team takes it over: those who have the report, and no conflict with the case."""
    out = set(Exclusion.objects.filter(safe_id=case.safe_id).values_list("user_id", flat=True))
    return safes.able(report.safe_id) & {member.user_id for member in community.readers(report.team)} - out

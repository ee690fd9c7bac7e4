"""Recovery keys on safes of reports: who may come back in with cards, and what happens when somebody does."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.community import queries as community
from heard.community.actions import team_chain, who
from heard.community.models import RecoveryUse, Team
from heard.outbox import letters
from heard.reports.actions import alarms, following
from heard.reports.models import Report
from heard.vault import crypto, recovery, safes
from heard.vault.keyring import Keyring, NoGrant, SafeKey
from heard.vault.models import Exclusion, Grant, MemberKey, RecoveryKey

# Safes that one request gives a new recovery key.
AT_ONCE = 200


def owners(team: Team) -> list[uuid.UUID]:
    """Return whose recovery keys open what a team reads: its own and the global team's."""
    worldwide = community.global_team()
    return list({team.pk, worldwide.pk} if worldwide else {team.pk})


def keep(report: Report, *keys: SafeKey) -> None:
    """Give the safes of a report the recovery keys they should have, less what excluded people could open together."""
    out = Exclusion.objects.filter(safe_id=report.safe_id).values_list("user_id", flat=True)
    wanted = recovery.holders(owners(report.team), out=set(out))
    for key in keys:
        recovery.settle(key, wanted)


def drop(report: Report) -> None:
    """Take recovery keys off the safes of a report that those who are out now could open together."""
    out = set(Exclusion.objects.filter(safe_id=report.safe_id).values_list("user_id", flat=True))
    kept = [holder.id for holder in recovery.holders(owners(report.team), out=out)]
    for safe_id in report.safes:
        recovery.drop_all_but(safe_id, kept)


def top_up(user: User, keyring: Keyring) -> int:
    """Give reports that somebody holds the recovery keys they lack; return how many got one."""
    teams = community.of(user)
    worldwide = community.global_team()
    keys = list(recovery.in_use({*(team.pk for team in teams), *([worldwide.pk] if worldwide else [])}))
    done = 0
    for key in keys:
        for report in _lacking(user, key, worldwide)[:AT_ONCE]:
            with transaction.atomic():
                done += _give(report, keyring)
    return done


def _lacking(user: User, key: RecoveryKey, worldwide: Team | None) -> QuerySet[Report]:
    """Return the reports somebody holds that have no grant to a key meant for them."""
    # What was granted to a key that they lost they cannot pass on.
    newest = MemberKey.objects.filter(user=user).order_by("-generation").values("generation")[:1]
    held = Grant.objects.filter(holder_kind=Grant.HolderKind.USER, holder=str(user.pk), generation=newest)
    given = Grant.objects.filter(holder_kind=Grant.HolderKind.RECOVERY, holder=str(key.pk)).values("safe_id")
    lacking = Report.objects.filter(safe_id__in=held.values("safe_id")).filter(
        ~Q(safe_id__in=given)
        | (Q(notes_safe_id__in=held.values("safe_id")) & ~Q(notes_safe_id__in=given))
        | (Q(case_safe_id__in=held.values("safe_id")) & ~Q(case_safe_id__in=given))
    )
    if worldwide is None or key.owner != worldwide.pk:
        lacking = lacking.filter(team_id=key.owner)
    # Where those who are out could open it together it is kept off, and must not be tried at every visit.
    cards = [card.holder_id for card in key.cards.all() if card.holder_id]
    maker = Exclusion.objects.filter(safe=OuterRef("safe"), user=key.made_by_id)
    lacking = lacking.filter(~Exists(maker))
    out = Exclusion.objects.filter(safe=OuterRef("safe"), user__in=cards).order_by().values("safe")
    lacking = lacking.annotate(out=Coalesce(Subquery(out.annotate(n=Count("pk")).values("n")), 0))
    lacking = lacking.filter(out__lt=key.needed)
    return lacking.select_related("team").order_by("-made_at")


def _give(report: Report, keyring: Keyring) -> int:
    try:
        keys = report.keys(keyring)
    except (NoGrant, crypto.CannotOpen):
        return 0
    keep(report, *keys)
    return 1


def use(team: Team, key: RecoveryKey, typed: Sequence[str], *, by: User | None) -> int:
    """Open a team's reports to its members by enough cards; return how many. Everybody is told. Raises WrongCards."""
    keyring = recovery.open_with(key, typed)
    with transaction.atomic():
        opened = sum(
            _open(report, keyring, by=by) for report in Report.objects.filter(team=team).select_related("team")
        )
        # How many it were would tell who is kept out of one that it exists.
        RecoveryUse.objects.create(team=team, by=by, is_global=key.owner != team.pk)
        audit.record("recovery.used", chain=team_chain(team), who=who(by))
    members = [*community.readers(team), *community.readers(community.global_team())]
    for member in {member.user_id: member for member in members}.values():
        letters.nudge(member.user_id, to=member.user.email, spacing=timedelta(0))
    return opened


def _open(report: Report, keyring: Keyring, *, by: User | None) -> bool:
    """Open one report to those of its team who are not kept out; tell whether it was shut for somebody."""
    out = set(Exclusion.objects.filter(safe_id=report.safe_id).values_list("user_id", flat=True))
    # Those who could read it before, with whatever key; only where none of them is left, the others: who joined later
    # has to declare their conflicts first, as with every other way in.
    readers = {member.user_id: member for member in community.readers(report.team)}
    people = set(safes.keyholders(report.safe_id)) & set(readers) - out
    if not people:
        people = {m.user_id for m in readers.values() if m.declared_at or m.reads_since <= report.made_at} - out
    opened = False
    for safe_key in keyring.sealers(_theirs(report)):
        safe_id = safe_key.safe_id
        for user_id, holder in safes.user_holders(people).items():
            if not safes.is_open_to(safe_id, holder):
                safes.regrant(safe_key, holder)
                opened = True
                if safe_id == report.case_safe_id:
                    _bring_others(report)
                    following.moved(safe_id, report.team)
                audit.record("recovery.opened", chain=f"safe:{safe_id}", who=who(by), thing=f"user:{user_id}")
    return opened


def _theirs(report: Report) -> list[uuid.UUID]:
    """Return the safes that open with a report: not the notes that another team made about one of the same case."""
    others = Report.objects.filter(case_safe=report.case_safe_id).exclude(team=report.team)
    notes = set(others.values_list("notes_safe_id", flat=True)) if report.case_safe_id else set()
    return [safe_id for safe_id in report.safes if safe_id not in notes]


def _bring_others(report: Report) -> None:
    """Let the other reports of its case, which lie open with it now, belong to the same team."""
    for other in Report.objects.filter(case_safe=report.case_safe_id).exclude(team=report.team):
        safes.withdraw([other.safe_id], set(safes.keyholders(other.safe_id)) - set(safes.keyholders(report.safe_id)))
        other.team, other.contact_id, other.notes_safe_id = report.team, None, None
        if other.state == Report.State.ACKNOWLEDGED:
            other.move_to(Report.State.NEW)
            other.acknowledged_at = other.next_word_at = None
        other.save(update_fields=["team", "contact", "notes_safe", "acknowledged_at", "next_word_at"])
        alarms.raise_anew(other)

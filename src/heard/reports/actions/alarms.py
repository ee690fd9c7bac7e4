"""What nags until somebody looks after it (R7)."""

from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from heard.community import queries as community
from heard.community.models import Member, Team
from heard.guidance import Clocks
from heard.outbox import letters
from heard.reports import queries, rules
from heard.reports.models import Alarm, Report
from heard.vault import safes
from heard.vault.models import Exclusion, Grant

NEW, NEWS, WORD = Alarm.Kind.NEW, Alarm.Kind.NEWS, Alarm.Kind.WORD
AT_ONCE = 200
# Two mails to one person are this far apart; an event or a danger does not wait for hours, but a storm is bundled.
SPACING = timedelta(minutes=5)
SPACING_DANGER = timedelta(minutes=1)


def raise_alarm(report: Report, kind: Alarm.Kind) -> None:
    """Have people nudged about a report until the alarm is settled; while it is new only acknowledging settles it."""
    now = timezone.now()
    kind = NEW if report.state == Report.State.NEW else kind
    standing = Alarm.objects.filter(report=report, settled_at=None)
    if standing.update(kind=kind):
        return
    first = now + rules.JUNK_DELAY if report.suspected else _first(report, now)
    Alarm.objects.create(report=report, kind=kind, next_at=first)


def raise_news(report: Report) -> None:
    """Say that the reporter wrote, until somebody has read it."""
    Report.objects.filter(pk=report.pk).update(news_for_team=True)
    raise_alarm(report, NEWS)


def raise_anew(report: Report) -> None:
    """Begin again with whoever can read it now: what was answered by others is not answered by them."""
    raise_alarm(report, NEWS)
    standing = Alarm.objects.filter(report=report, settled_at=None)
    standing.update(nudges=0, level=rules.Level.HANDLERS, next_at=_first(report, timezone.now()))


def look_for_silence() -> None:
    """Call for reporters who were promised a word by now and got none; only writing to them settles it."""
    quiet = Report.objects.filter(state=Report.State.ACKNOWLEDGED, next_word_at__lte=timezone.now())
    called = Alarm.objects.filter(report=OuterRef("pk"), settled_at=None)
    for report in quiet.filter(~Exists(called)).select_related("team", "event", "policy_version")[:AT_ONCE]:
        raise_alarm(report, WORD)


def look_for_orphans() -> None:
    """Tell the global team of reports that nobody can read any more because people left; stop when somebody can."""
    for team in Team.objects.all():
        reading = team.members.filter(is_active=True, role__in=Member.READING)
        newest = safes.user_holders(reading.values_list("user_id", flat=True)).values()
        # A grant to a key that somebody lost opens nothing.
        theirs = [Q(holder=holder.id, generation=holder.generation) for holder in newest]
        held = (
            Grant.objects.filter(reduce(or_, theirs), holder_kind=Grant.HolderKind.USER)
            if theirs
            else Grant.objects.none()
        )
        able = held.filter(safe=OuterRef("safe"))
        here = Report.objects.filter(team=team).exclude(state=Report.State.ASIDE).select_related("policy_version")
        for report in here.filter(~Exists(able)):
            _raise_for_orphan(report)
        found = here.filter(Exists(able), state=Report.State.ACKNOWLEDGED)
        Alarm.objects.filter(report__in=found, kind=NEW, settled_at=None).update(settled_at=timezone.now())


def _raise_for_orphan(report: Report) -> None:
    if Alarm.objects.filter(report=report, settled_at=None, level=rules.Level.GLOBAL).exists():
        return
    settle(report, NEW, NEWS)
    nudges = report.policy_version.policy.clocks.nudges_before_global
    Alarm.objects.create(report=report, kind=NEW, next_at=timezone.now(), nudges=nudges, level=rules.Level.GLOBAL)


def is_news(report: Report) -> bool:
    """Tell whether something waits to be read."""
    return report.news_for_team or Alarm.objects.filter(report=report, kind=NEWS, settled_at=None).exists()


def settle(report: Report, *kinds: Alarm.Kind) -> None:
    """Stop the nudges."""
    Alarm.objects.filter(report=report, kind__in=kinds, settled_at=None).update(settled_at=timezone.now())
    if NEWS in kinds:
        Report.objects.filter(pk=report.pk).update(news_for_team=False)


def go_round() -> None:
    """Nudge about everything whose time has come."""
    look_for_silence()
    due = Alarm.objects.filter(settled_at=None, next_at__lte=timezone.now()).order_by("next_at")
    for pk in list(due.values_list("pk", flat=True)[:AT_ONCE]):
        _nudge(pk)


@transaction.atomic
def _nudge(pk: int) -> None:
    now = timezone.now()
    alarm = (
        Alarm.objects.select_for_update(of=("self",))
        .select_related("report__team", "report__event", "report__policy_version")
        .filter(pk=pk, settled_at=None, next_at__lte=now)
        .first()
    )
    if alarm is None:
        return
    report = alarm.report
    clocks = report.policy_version.policy.clocks
    alarm.level = rules.level(alarm.nudges, clocks)
    for member in recipients(report, rules.Level(alarm.level)):
        letters.nudge(member.user_id, to=member.user.email, spacing=SPACING_DANGER if report.danger else SPACING)
    alarm.nudges += 1
    alarm.next_at = _after(report, now, clocks)
    alarm.save(update_fields=["level", "nudges", "next_at"])


def recipients(report: Report, level: rules.Level) -> list[Member]:
    """Return who is nudged: those who can read it, first of all whoever is on duty; in the end the global team.

    Nobody is told of a report that does not exist for them.
    """
    able = queries.handlers(report)
    if level is rules.Level.HANDLERS:
        return _first_called(report, able)
    leads = [member for member in able if member.role == Member.Role.LEAD]
    chosen = {member.user_id: member for member in [*_first_called(report, able), *leads]}
    if level is rules.Level.GLOBAL:
        chosen = {member.user_id: member for member in able}
        chosen |= {member.user_id: member for member in _global_members(report) if member.user_id not in chosen}
    return list(chosen.values())


def _first_called(report: Report, able: list[Member]) -> list[Member]:
    contact = [member for member in able if member.user_id == report.contact_id]
    if contact:
        return contact
    on_duty = {member.user_id for member in community.on_duty(report.chapter, report.event)}
    called = [member for member in able if member.user_id in on_duty]
    return called if called and not report.danger else able


def _global_members(report: Report) -> list[Member]:
    team: Team | None = community.global_team()
    if team is None:
        return []
    excluded = set(Exclusion.objects.filter(safe_id=report.safe_id).values_list("user_id", flat=True))
    return [member for member in community.readers(team) if member.user_id not in excluded]


def _first(report: Report, now: datetime) -> datetime:
    return now if _wakes(report) else rules.not_at_night(now, _zone(report), report.policy_version.policy.clocks)


def _after(report: Report, now: datetime, clocks: Clocks) -> datetime:
    at_event = queries.is_at_event(report.event)
    when = now + rules.interval(clocks, danger=report.danger, at_event=at_event)
    return when if _wakes(report) else rules.not_at_night(when, _zone(report), clocks)


def _wakes(report: Report) -> bool:
    return report.danger or queries.is_at_event(report.event)


def _zone(report: Report) -> ZoneInfo:
    return report.event.zone if report.event else report.team.zone

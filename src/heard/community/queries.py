"""What can be seen of the network."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from heard.accounts.models import User
from heard.community import rules
from heard.community.models import (
    EmergencyNumber,
    Event,
    Member,
    Network,
    PolicyVersion,
    Profile,
    Proposal,
    RecoveryUse,
    Shift,
    Team,
)
from heard.matching import Person, Written
from heard.vault import crypto, recovery, rows
from heard.vault.models import MemberKey, RecoveryCard, RecoveryKey


def network() -> Network | None:
    """Return the network, or None before the set-up."""
    return Network.objects.first()


def team_at(slug: str) -> Team | None:
    """Return the team at an address."""
    return Team.objects.filter(slug=slug).first()


def event_at(slug: str) -> Event | None:
    """Return the event at an address."""
    return Event.objects.filter(slug=slug).select_related("team").first()


def events_on(team: Team) -> list[Event]:
    """Return a team's events that are on right now."""
    now = timezone.now()
    return list(team.events.filter(starts_at__lte=now, ends_at__gte=now).order_by("starts_at"))


def chapters() -> QuerySet[Team]:
    """Return the teams that take reports, with the events that are on or coming."""
    running = Event.objects.filter(ends_at__gte=timezone.now()).order_by("starts_at")
    return (
        Team.objects.filter(kind=Team.Kind.CHAPTER)
        .prefetch_related(Prefetch("events", running, to_attr="coming"))
        .order_by("name")
    )


def global_team() -> Team | None:
    """Return the global team, if there is one."""
    return Team.objects.filter(kind=Team.Kind.GLOBAL).first()


def readers(*teams: Team | None) -> list[Member]:
    """Return the members who can read what the teams receive: active, with a key."""
    keys = MemberKey.objects.filter(user_id=OuterRef("user_id"))
    members = Member.objects.filter(
        Exists(keys),
        team__in=[t for t in teams if t],
        is_active=True,
        role__in=Member.READING,
        user__is_active=True,
    )
    return list(members.select_related("user").order_by("shown_name", "pk"))


def memberships(user: User) -> list[Member]:
    """Return somebody's teams."""
    found = Member.objects.filter(user=user, is_active=True).select_related("team")
    return list(found.order_by("team__kind", "team__name"))


def team_ids(user: User) -> list[uuid.UUID]:
    """Return the ids of the teams in which somebody reads reports."""
    return list(
        Member.objects.filter(user=user, is_active=True, role__in=Member.READING).values_list("team_id", flat=True)
    )


def is_global(user: User) -> bool:
    """Tell whether somebody is in the global team."""
    return of(user).filter(kind=Team.Kind.GLOBAL).exists()


def is_new(user: User) -> bool:
    """Tell whether somebody has not declared their conflicts with earlier reports yet."""
    mine = Member.objects.filter(user=user, is_active=True, role__in=Member.READING)
    return mine.filter(declared_at=None).exists()


def led_by(user: User) -> QuerySet[Team]:
    """Return the teams somebody leads."""
    return Team.objects.filter(members__user=user, members__is_active=True, members__role=Member.Role.LEAD)


def of(user: User) -> QuerySet[Team]:
    """Return the teams in which somebody reads reports."""
    return Team.objects.filter(members__user=user, members__is_active=True, members__role__in=Member.READING)


def on_duty(team: Team, event: Event | None, when: datetime | None = None) -> list[Member]:
    """Return who is on duty at a moment."""
    now = when or timezone.now()
    scope = Q(event=event) if event else Q(event=None)
    shifts = Shift.objects.filter(scope, team=team, starts_at__lte=now, ends_at__gt=now, member__is_active=True)
    seen: dict[uuid.UUID, Member] = {shift.member_id: shift.member for shift in shifts.select_related("member__user")}
    return list(seen.values())


def emergency_card(team: Team, event: Event | None) -> list[EmergencyNumber]:
    """Return the numbers in the order of their kinds; of one kind, the event's own first."""
    kinds = list(dict(EmergencyNumber._meta.get_field("kind").choices or []))
    numbers = team.emergency_numbers.filter(Q(event=event) | Q(event=None))
    return sorted(numbers, key=lambda n: (kinds.index(n.kind), n.event_id is None, n.pk))


def outside_contact(team: Team) -> str:
    """Return whom to turn to when nobody here may read a report: the team's own, or else the network's."""
    if team.outside_contact:
        return team.outside_contact
    worldwide = global_team()
    return worldwide.outside_contact if worldwide else ""


def policy(team: Team) -> PolicyVersion:
    """Return the policy in force."""
    return team.policy_versions.order_by("-number")[0]


def known_as(user: User) -> Person:
    """Return how somebody said they may be written."""
    profile = Profile.objects.filter(user=user).first()
    return Person(**rows.reveal(profile, "known_as")) if profile else Person()


def named_in(written: Written, user_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return who is named in what somebody wrote: by what they noted, by the names they are shown by, by their address.

    Somebody whose notes cannot be opened counts as named: a wrong hit is lifted with one tap, a missed one is not.
    """
    shown: dict[uuid.UUID, list[str]] = {user: [] for user in user_ids}
    for user, name in Member.objects.filter(user_id__in=shown).values_list("user_id", "shown_name"):
        shown[user].append(name)
    emails = dict(User.objects.filter(pk__in=shown).values_list("pk", "email"))
    profiles = {profile.user_id: profile for profile in Profile.objects.filter(user_id__in=shown)}
    people = {user: _as_written(names, emails[user], profiles.get(user)) for user, names in shown.items()}
    readable = {user: person for user, person in people.items() if person is not None}
    named = written.who(list(readable.values()))
    at_work = {user for user, profile in profiles.items() if written.names_firm(_employer(profile))}
    return {user for at, user in enumerate(readable) if at in named} | (people.keys() - readable.keys()) | at_work


def employer_of(user: User) -> str:
    """Return who pays somebody, as they noted it; empty where they noted nothing."""
    return _employer(Profile.objects.filter(user=user).first())


def proposals(team: Team) -> list[tuple[Proposal, str]]:
    """Return what cases showed that the policy lacks, the newest first."""
    rows_ = team.proposals.order_by("state", "-made_at")[:100]
    return [(row, rows.reveal(row, "text")) for row in rows_]


def _employer(profile: Profile | None) -> str:
    try:
        return (rows.reveal(profile, "employer") or "") if profile else ""
    except crypto.CannotOpen:
        return ""  # somebody whose notes cannot be opened counts as named already


def _as_written(names: list[str], email: str, profile: Profile | None) -> Person | None:
    """Return how somebody may be written, or None where their notes cannot be opened."""
    try:
        noted = Person(**rows.reveal(profile, "known_as")) if profile else Person()
    except crypto.CannotOpen:
        return None
    return Person([*names, *noted.names], [email, *noted.emails], noted.handles)


def launch_gaps(team: Team) -> list[str]:
    """Return what is missing before a team's setup is complete."""
    state = recovery_state(team)
    return rules.launch_gaps(
        kinds=set(team.emergency_numbers.values_list("kind", flat=True)),
        contacts=team.contacts.count(),
        readers=len(readers(team)),
        outside=bool(team.outside_contact),
        code=bool(team.code_of_conduct),
        stale=rules.roster_is_stale(team.roster_confirmed_at, timezone.now()),
        cards=bool(state.cards) and not state.left,
    )


def rosters_to_look_at() -> list[Team]:
    """Return the teams in which nobody can read a report, or nobody has looked for long who is still there (R18)."""
    now = timezone.now()
    return [
        team for team in Team.objects.all() if not readers(team) or rules.roster_is_stale(team.roster_confirmed_at, now)
    ]


@dataclass(frozen=True)
class RecoveryState:
    """How a team could come back in: the cards that count, those that wait to be handed out, and who left with one."""

    cards: list[RecoveryCard]
    needed: int
    since: datetime | None
    waiting: list[RecoveryCard]
    waiting_key: uuid.UUID | None
    left: list[str]


def recovery_state(team: Team) -> RecoveryState:
    """Return who keeps the recovery cards of a team."""
    keys = {
        bool(k.confirmed_at): k
        for k in RecoveryKey.objects.filter(owner=team.pk, retired_at=None).prefetch_related("cards")
    }
    used, waiting = keys.get(True), keys.get(False)
    cards = list(used.cards.all()) if used else []
    here = {member.user_id for member in readers(team)}
    left = [card.holder_name for card in cards if card.holder_id and card.holder_id not in here]
    return RecoveryState(
        cards, used.needed if used else 0, used.confirmed_at if used else None,
        list(waiting.cards.all()) if waiting else [], waiting.pk if waiting else None, left,
    )  # fmt: skip


def recovery_keys(team: Team) -> list[RecoveryKey]:
    """Return the keys that open what a team reads: its own and the global team's."""
    return recovery.opening({t.pk for t in (team, global_team()) if t})


def recovery_uses(team: Team) -> list[tuple[RecoveryUse, str]]:
    """Return who came back in with cards, newest first, with the name they are shown by."""
    uses = list(team.recovery_uses.order_by("-at")[:20])
    names = dict(
        Member.objects.filter(user__in=[u.by_id for u in uses if u.by_id]).values_list("user_id", "shown_name")
    )
    return [(use, names.get(use.by_id, "") if use.by_id else "") for use in uses]

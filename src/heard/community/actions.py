"""Changes to the network."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from heard import guidance
from heard.accounts.models import User
from heard.audit import chain as audit
from heard.community import queries, rules
from heard.community.models import (
    Contact,
    EmergencyNumber,
    Event,
    Member,
    Network,
    PolicyVersion,
    Profile,
    Proposal,
    Shift,
    Team,
)
from heard.outbox import letters
from heard.vault import recovery, rows
from heard.vault.models import RecoveryKey
from heard.vault.recovery import Card

ROSTER_SPACING = timedelta(hours=1)


class LastLead(Exception):
    """A team keeps at least one lead."""


class NameTaken(Exception):
    """A colleague is shown by this name."""


_when_leaving: list[Callable[[Member], None]] = []


def when_somebody_leaves(give_up: Callable[[Member], None]) -> None:
    """Have something done when a member reads no reports any more; called at start-up by those who keep reports."""
    _when_leaving.append(give_up)


def team_chain(team: Team) -> str:
    """Return the audit chain of a team."""
    return f"team:{team.pk}"


def who(user: User | None) -> str:
    """Return an actor as the audit knows them."""
    return f"user:{user.pk}" if user else "host"


@transaction.atomic
def set_up_network(*, name: str) -> Network:
    """Begin the network. There is one."""
    network = Network.objects.create(name=name)
    audit.record("network.made", chain=audit.HOUSE, who="host")
    return network


@transaction.atomic
def make_team(*, by: User | None = None, numbers: bool = True, **facts: Any) -> Team:
    """Begin a team with the guide's policy and its country's emergency numbers. Raises ValidationError."""
    team = Team(**facts)
    team.full_clean(exclude=["outside_contact"])
    if team.time_zone not in rules.zones():
        raise ValidationError(f"{team.time_zone} is not a time zone such as Europe/Berlin")
    if not re.fullmatch("[A-Z]{2}", team.country):
        raise ValidationError(f"{team.country} is not a country of two letters such as DE")
    team.save(force_insert=True)
    adopt(team, guidance.default_policy(), by=by)
    for number in guidance.numbers_for(team.country) if numbers else []:
        EmergencyNumber.objects.create(team=team, kind="emergency", number=number)
    audit.record("team.made", chain=team_chain(team), who=who(by))
    return team


@transaction.atomic
def adopt(team: Team, policy: guidance.Policy, *, by: User | None) -> PolicyVersion:
    """Put a policy in force from now on. Raises ValueError where its questions do not fit together."""
    guidance.questions(policy, "en")
    Team.objects.select_for_update().get(pk=team.pk)
    newest = team.policy_versions.aggregate(newest=Max("number"))["newest"] or 0
    version = PolicyVersion.objects.create(
        team=team, number=newest + 1, data=policy.model_dump(mode="json", by_alias=True), made_by=by
    )
    audit.record("policy.adopted", chain=team_chain(team), who=who(by), thing=str(version.number))
    return version


@transaction.atomic
def add_member(team: Team, user: User, *, shown_name: str, role: str, by: User | None = None) -> Member:
    """Take somebody into a team. Raises NameTaken: nobody may pass for a colleague."""
    require_free(shown_name, user)
    member = Member.objects.create(team=team, user=user, shown_name=shown_name, role=role)
    describe(user, names=[shown_name], emails=[user.email], handles=[], by=by)
    audit.record("member.joined", chain=team_chain(team), who=who(by), thing=str(member.pk))
    return member


@transaction.atomic
def describe(user: User, *, names: list[str], emails: list[str], handles: list[str], by: User | None) -> None:
    """Note how else somebody may be written, so that a report about them does not reach them.

    It only ever adds: whoever could take a name away would let a report about it reach them.
    """
    Profile.objects.select_for_update().filter(user=user).first()
    known = asdict(queries.known_as(user))
    added = {"names": names, "emails": emails, "handles": handles}
    merged = {kind: list(dict.fromkeys([*known.get(kind, []), *lines])) for kind, lines in added.items()}
    if merged == known:
        return
    _write_profile(user, merged, queries.employer_of(user))
    audit.record("profile.added-to", chain=audit.HOUSE, who=who(by), thing=f"user:{user.pk}")


@transaction.atomic
def set_employer(user: User, employer: str) -> None:
    """Note who pays somebody, in place of what was noted before; people change jobs."""
    Profile.objects.select_for_update().filter(user=user).first()
    _write_profile(user, asdict(queries.known_as(user)), employer)
    audit.record("profile.employer", chain=audit.HOUSE, who=who(user), thing=f"user:{user.pk}")


def _write_profile(user: User, known_as: dict[str, Any], employer: str) -> None:
    seal = rows.sealer("identity")
    profile = Profile.objects.filter(user=user).first() or Profile(user=user)
    profile.row_key, profile.house_version = seal.where["row_key"], seal.where["house_version"]
    profile.known_as = seal({kind: known_as.get(kind, []) for kind in ("names", "emails", "handles")})
    profile.employer = seal(employer) if employer else None
    profile.save()


@transaction.atomic
def propose(team: Team, *, text: str, by: User | None) -> Proposal:
    """Put down what the policy lacks, for the lead to take up or decline."""
    seal = rows.sealer(Proposal.PURPOSE)
    proposal = Proposal.objects.create(**seal.where, team=team, text=seal(text), by=by)
    audit.record("policy.proposed", chain=team_chain(team), who=who(by))
    return proposal


@transaction.atomic
def settle_proposal(proposal: Proposal, *, state: str, by: User) -> None:
    """Take a proposal up or decline it."""
    if state in {Proposal.State.TAKEN, Proposal.State.DECLINED}:
        Proposal.objects.filter(pk=proposal.pk, state=Proposal.State.OPEN).update(state=state)
        audit.record(f"policy.{state}", chain=team_chain(proposal.team), who=who(by))


@transaction.atomic
def change_member(member: Member, *, role: str, is_active: bool, by: User) -> None:
    """Change a member's role or standing; whoever reads no reports any more gives up their keys. Raises LastLead."""
    stays_lead = role == Member.Role.LEAD and is_active
    leads = member.team.members.select_for_update().filter(role=Member.Role.LEAD, is_active=True)
    if not stays_lead and member.role == Member.Role.LEAD and not leads.exclude(pk=member.pk).exists():
        raise LastLead
    reads = is_active and role in Member.READING
    did = member.is_active and member.role in Member.READING
    leaves, begins = did and not reads, reads and not did
    member.role, member.is_active = role, is_active
    if leaves or begins:
        member.declared_at = None  # who comes, or comes back, is new
        member.reads_since = timezone.now()
    if leaves:
        for give_up in _when_leaving:
            give_up(member)
    member.save(update_fields=["role", "is_active", "declared_at", "reads_since"])
    audit.record("member.changed", chain=team_chain(member.team), who=who(by), thing=str(member.pk))


@transaction.atomic
def rename(member: Member, *, shown_name: str) -> None:
    """Let a member choose the name that reporters see. Raises NameTaken: nobody may pass for a colleague.

    Only oneself: somebody who renamed others could make a reporter take out the wrong person.
    """
    if shown_name == member.shown_name:
        return
    require_free(shown_name, member.user)
    describe(member.user, names=[member.shown_name, shown_name], emails=[], handles=[], by=member.user)
    member.shown_name = shown_name
    member.save(update_fields=["shown_name"])
    audit.record("member.renamed", chain=team_chain(member.team), who=who(member.user), thing=str(member.pk))


def require_free(shown_name: str, user: User | None) -> None:
    """Raise NameTaken where a colleague is shown by this name."""
    everybody = Member.objects.select_for_update().exclude(user=user).values_list("shown_name", flat=True)
    if shown_name.casefold() in {name.casefold() for name in everybody}:
        raise NameTaken


@transaction.atomic
def confirm_roster(team: Team, *, by: User) -> None:
    """Say that everybody on the list is still there, and nobody is missing (R18)."""
    team.roster_confirmed_at = timezone.now()
    team.save(update_fields=["roster_confirmed_at"])
    audit.record("roster.confirmed", chain=team_chain(team), who=who(by))


def look_at_rosters() -> None:
    """Tell leads and the global team, once a day, of teams that nobody looks after."""
    worldwide = queries.readers(queries.global_team())
    for team in queries.rosters_to_look_at():
        leads = [member for member in queries.readers(team) if member.role == Member.Role.LEAD]
        for member in {member.user_id: member for member in [*leads, *worldwide]}.values():
            letters.nudge(member.user_id, to=member.user.email, spacing=ROSTER_SPACING)


@transaction.atomic
def change_team(team: Team, *, by: User, **facts: Any) -> None:
    """Change what is public about a team."""
    for name, value in facts.items():
        setattr(team, name, value)
    team.save(update_fields=list(facts))
    audit.record("team.changed", chain=team_chain(team), who=who(by))


@transaction.atomic
def save_event(team: Team, *, by: User | None, event: Event | None = None, **facts: Any) -> Event:
    """Add an event, or change one."""
    event = event or Event(team=team)
    for name, value in facts.items():
        setattr(event, name, value)
    event.save()
    audit.record("event.saved", chain=team_chain(team), who=who(by), thing=str(event.pk))
    return event


@transaction.atomic
def add_number(team: Team, *, by: User | None, **facts: Any) -> EmergencyNumber:
    """Add a line to the emergency card."""
    number = EmergencyNumber.objects.create(team=team, **facts)
    audit.record("emergency.added", chain=team_chain(team), who=who(by))
    return number


@transaction.atomic
def add_contact(team: Team, *, by: User | None, name: str, how: str) -> Contact:
    """Add a human to turn to."""
    contact = Contact.objects.create(team=team, name=name, how=how)
    audit.record("contact.added", chain=team_chain(team), who=who(by))
    return contact


@transaction.atomic
def add_shift(
    team: Team, *, by: User | None, member: Member, event: Event | None, starts_at: datetime, ends_at: datetime
) -> Shift:
    """Put somebody on duty."""
    shift = Shift.objects.create(team=team, member=member, event=event, starts_at=starts_at, ends_at=ends_at)
    audit.record("rota.added", chain=team_chain(team), who=who(by))
    return shift


@transaction.atomic
def remove(thing: EmergencyNumber | Contact | Shift, *, by: User) -> None:
    """Take a line off the card, the contacts or the rota."""
    kind, team = thing._meta.model_name, thing.team
    thing.delete()
    audit.record(f"{kind}.removed", chain=team_chain(team), who=who(by))


@transaction.atomic
def check_numbers(team: Team, numbers: Iterable[EmergencyNumber], *, by: User, today: Any) -> None:
    """Note that the numbers were checked today."""
    for number in numbers:
        number.checked_on = today
        number.save(update_fields=["checked_on"])
    audit.record("emergency.checked", chain=team_chain(team), who=who(by))


@transaction.atomic
def make_cards(team: Team, holders: Sequence[tuple[str, UUID | None]], needed: int, *, by: User) -> list[Card]:
    """Make recovery cards for a team; they count once it is confirmed that everybody has theirs."""
    _key, cards = recovery.make(team.pk, holders, needed, by=by.pk)
    audit.record("recovery.made", chain=team_chain(team), who=who(by), thing=f"{needed} of {len(cards)}")
    return cards


@transaction.atomic
def confirm_cards(team: Team, *, by: User, key: UUID | None) -> bool:
    """Take the cards that wait into use. Tell whether these still do: somebody may have made others meanwhile."""
    found = RecoveryKey.objects.select_for_update().filter(
        owner=team.pk, confirmed_at=None, pk__in=[key] if key else []
    )
    waiting = found.first()
    if waiting is None:
        return False
    recovery.confirm(waiting)
    audit.record("recovery.confirmed", chain=team_chain(team), who=who(by))
    return True

"""Who may read a report: decided when it arrives, and narrowed whenever the reporter says more."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.community import queries as community
from heard.community.models import Team
from heard.matching import Written
from heard.outbox import letters
from heard.reports import queries, rules
from heard.reports.actions import alarms, following, recovery
from heard.reports.models import Report
from heard.vault import recovery as vault_recovery
from heard.vault import safes
from heard.vault.keyring import SafeKey
from heard.vault.models import Exclusion

ABOUT_PEOPLE = ("who", "others")


class NobodyLeft(Exception):
    """With everybody excluded nobody could read the report; nothing was stored."""


@dataclass(frozen=True)
class Choice:
    """Who reads a report, which team that is, and for whom it does not exist."""

    route: rules.Route
    team: Team
    exclusions: dict[uuid.UUID, Exclusion.Kind]


def choose(
    team: Team,
    readers: queries.Readers,
    answers: Mapping[str, Any],
    *,
    out: Iterable[uuid.UUID] = (),
    about_organiser: bool = False,
) -> Choice:
    """Return who reads what was written to a team. Slow for long texts, so it runs outside transactions.

    Raises NobodyLeft.
    """
    chapter = {member.user_id for member in readers.chapter}
    worldwide = {member.user_id for member in readers.worldwide}
    around = about_organiser and not team.is_global
    members = set(team.members.values_list("user_id", flat=True)) if around else set()
    exclusions = dict.fromkeys(_named(answers, chapter | worldwide), Exclusion.Kind.MATCH)
    exclusions |= dict.fromkeys(out, Exclusion.Kind.BY_REPORTER)
    exclusions |= dict.fromkeys(members if around else (), Exclusion.Kind.EXCLUDED)
    route = rules.route(
        chapter=chapter, worldwide=worldwide, members=members, out=set(exclusions), about_organiser=around
    )
    if route.goes is rules.Goes.NOBODY:
        raise NobodyLeft
    receiving = team if route.goes is rules.Goes.CHAPTER else readers.global_team
    return Choice(route, receiving or team, exclusions)


def exclude(safe_id: uuid.UUID, exclusions: Mapping[uuid.UUID, Exclusion.Kind]) -> None:
    """Let a safe not exist for those who are out."""
    for user, kind in exclusions.items():
        safes.exclude(safe_id, user, kind)


def narrow(
    report: Report,
    key: SafeKey,
    answers: Mapping[str, Any],
    *,
    out: Iterable[uuid.UUID] = (),
    about_organiser: bool = False,
) -> None:
    """Take out whoever the reporter takes out or names now, before what is new is written.

    Where fewer than two are left, or it turns out to be about somebody who organises, the global team takes over: the
    reporter's key is at hand to open it to them. Where nobody would be left, those who are named are out all the same,
    and the global team is told that something waits.
    """
    before = set(Exclusion.objects.filter(safe_id=report.safe_id).values_list("user_id", flat=True))
    choice = _choice_or_none(report, answers, {*out, *before}, about_organiser=about_organiser)
    exclusions = choice.exclusions if choice else _exclusions_alone(report, answers, out)
    fresh = {user: kind for user, kind in exclusions.items() if user not in before}
    # Where another report of the same case went up, everybody may be out of this one already.
    goes_up = choice is not None and choice.team.pk != report.team_id and not report.team.is_global
    if not fresh and not goes_up:
        return
    for safe_id in report.safes:
        exclude(safe_id, fresh)
    if choice and goes_up:
        hand_up(report, key, choice.team, _unnamed(report, key, choice.route.readers))
        _ask_for_the_case(report)
    if report.contact_id in fresh or choice is None:
        report.contact_id = None
    report.save(update_fields=["team", "contact", "notes_safe", "case_safe", "acknowledged_at", "next_word_at"])
    recovery.drop(report)
    recovery.keep(report, key)
    audit.record("readers.narrowed", chain=f"safe:{report.safe_id}", who="reporter", thing=str(len(fresh)))
    alarms.raise_anew(report)


def hand_up(
    report: Report, key: SafeKey, team: Team, readers: Iterable[uuid.UUID], *, case: Sequence[SafeKey] = ()
) -> None:
    """Let the global team read it instead of the chapter; notes among the chapter stay shut for them.

    A case goes with it where its keys are at hand (`case`); else it waits for somebody who holds them, or for cards.
    """
    ours = [safe_id for safe_id in (report.safe_id, report.notes_safe_id) if safe_id]
    if report.case_safe_id and case:
        ours += safes.with_joined(report.case_safe_id)
    safes.withdraw(ours, safes.keyholders(*ours))
    vault_recovery.drop_all_but(report.safe_id)
    holders = list(safes.user_holders(readers).values())
    safes.open_to(key, holders)
    for case_key in case:
        safes.open_to(case_key, holders)
    if case and report.case_safe_id:
        following.moved(report.case_safe_id, team)
    report.team, report.contact_id, report.notes_safe_id = team, None, None
    if report.state == Report.State.ACKNOWLEDGED:
        report.move_to(Report.State.NEW)  # other people have it now: they say so themselves
        report.acknowledged_at = report.next_word_at = None


def _unnamed(report: Report, key: SafeKey, readers: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return who of the global team takes it over: not who was named from the first, or joined since and declared nothing."""
    found = {m.user_id: m for m in community.readers(community.global_team()) if m.user_id in set(readers)}
    meant = _named(queries.original(report, key), set(found))
    told = {user for user, m in found.items() if m.declared_at or m.reads_since <= report.made_at}
    return told - meant


def _ask_for_the_case(report: Report) -> None:
    """Write to whoever is left in the chapter and holds the case: their next visit hands it on."""
    if report.case_safe_id:
        for user in User.objects.filter(pk__in=safes.able(report.case_safe_id)):
            letters.nudge(user.pk, to=user.email, spacing=timedelta(0))


def _choice_or_none(
    report: Report, answers: Mapping[str, Any], out: set[uuid.UUID], *, about_organiser: bool
) -> Choice | None:
    try:
        readers = queries.readers(report.chapter)
        return choose(report.chapter, readers, answers, out=out, about_organiser=about_organiser)
    except NobodyLeft:
        return None


def _exclusions_alone(
    report: Report, answers: Mapping[str, Any], out: Iterable[uuid.UUID]
) -> dict[uuid.UUID, Exclusion.Kind]:
    holders = set(safes.keyholders(report.safe_id))
    exclusions = dict.fromkeys(_named(answers, holders), Exclusion.Kind.MATCH)
    return exclusions | dict.fromkeys(set(out) & holders, Exclusion.Kind.BY_REPORTER)


def _named(answers: Mapping[str, Any], users: set[uuid.UUID]) -> set[uuid.UUID]:
    people = "\n".join(str(answers.get(name) or "") for name in ABOUT_PEOPLE)
    story = "\n".join(str(value) for name, value in answers.items() if name not in ABOUT_PEOPLE and value)
    return community.named_in(Written(people=people, story=story), users)

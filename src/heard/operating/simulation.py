"""Networks, years and cases, made through the real actions: for tests, for the bench, and to try things with.

Time is moved by `time-machine` (the extra `simulate`). Members forget, go on holiday and live in several time zones;
everything they do goes through the same actions as the pages.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from heard.accounts.actions import create_user
from heard.accounts.hasher import wrapping_key
from heard.accounts.models import User
from heard.cases import queries
from heard.cases.actions import clocks, duties, hearing, meeting, opening
from heard.cases.models import Case, Duty, Entry, Notice
from heard.community import actions as community
from heard.community import queries as network
from heard.community.models import Member, Team
from heard.guidance import LEVELS
from heard.operating.simulated_outcome import SecondHalf
from heard.reports import queries as reports
from heard.reports.actions import alarms, handling
from heard.reports.actions.submit import Incoming, submit
from heard.reports.models import Report
from heard.vault import members as keys
from heard.vault import receipts
from heard.vault.keyring import Keyring

PASSWORD = "simulated people have no secrets"
PLACES = [("Berlin", "DE", "Europe/Berlin"), ("Lagos", "NG", "Africa/Lagos"), ("Auckland", "NZ", "Pacific/Auckland")]
PLACES += [("Boston", "US", "America/New_York"), ("Santiago", "CL", "America/Santiago"), ("Pune", "IN", "Asia/Kolkata")]
STEP = timedelta(hours=12)
TODAY = timedelta(days=1)
CALLED_FOR, IN_THE_END = timedelta(days=4), 0.5
STORY = "He stood too close to me all evening, and came after me although I had said no twice."


@dataclass
class Person:
    """A simulated member: how likely they look at what waits, in one step, and when they are away."""

    user: User
    member: Member
    privates: dict[int, bytes] = field(repr=False)
    diligence: float
    away: tuple[datetime, datetime]

    @property
    def keyring(self) -> Keyring:
        """Their opened key."""
        return keys.keyring(self.user.pk, self.privates)


class Simulation:
    """A network and its people; `run` lets time pass."""

    def __init__(self, *, chapters: int, start: datetime, seed: int = 1) -> None:
        self.dice, self.now, self.seen = random.Random(seed), start, Counter[str]()
        self.people: dict[str, list[Person]] = {}
        self.unannounced: list[str] = []
        self.second_half = SecondHalf(self.dice, self.seen)
        community.set_up_network(name="Simulated")
        self._team("global", "Global", "US", "UTC", 4, kind=Team.Kind.GLOBAL)
        for number in range(chapters):
            name, country, zone = PLACES[number % len(PLACES)]
            self._team(f"chapter{number}", f"{name} {number}", country, zone, self.dice.choice([2, 3, 5, 6]))
        self.chapters = [slug for slug in self.people if slug != "global"]

    def _team(self, slug: str, name: str, country: str, zone: str, many: int, **more: Any) -> None:
        team = community.make_team(slug=slug, name=name, country=country, time_zone=zone, **more)
        self.people[slug] = [self._join(team, number) for number in range(many)]

    def _join(self, team: Team, number: int) -> Person:
        name = f"{team.slug}-{number}"
        user = create_user(email=f"{name}@simulated.example", password=PASSWORD)
        role = Member.Role.LEAD if number == 0 else Member.Role.MEMBER
        member = community.add_member(team, user, shown_name=name, role=role)
        key = wrapping_key(PASSWORD, user.password)
        assert key is not None
        begins = self.now + timedelta(days=self.dice.uniform(0, 360))
        away = (begins, begins + timedelta(days=self.dice.uniform(3, 25)))
        return Person(user, member, keys.unlock(user.pk, key), self.dice.choice([0.05, 0.2, 0.5, 0.9]), away)

    def run(self, *, days: int, cases: int) -> Counter[str]:
        """Let time pass, with so many reports in it; return what became of them."""
        import time_machine

        steps = days * 2
        arrivals = Counter(self.dice.randrange(int(steps * 0.9)) for _ in range(cases))
        for step in range(steps):
            with time_machine.travel(self.now, tick=False):
                for _ in range(arrivals[step]):
                    self._report()
                for slug in self.people:
                    self._work(slug)
                self.second_half.appeal()
                alarms.go_round()
                clocks.go_round()
                self._check()
            self.now += STEP
        with time_machine.travel(self.now, tick=False):
            return self._count()

    def _report(self) -> None:
        team = network.team_at(self.dice.choice(self.chapters))
        assert team is not None
        submit(
            Incoming(
                team=team, event=None, token=receipts.new_form(), version=network.policy(team),
                readers=reports.readers(team), answers={"what_happened": STORY, "who": "A tall man"},
                danger=self.dice.random() < 0.05,
            )
        )  # fmt: skip
        self.seen["reports"] += 1

    def _work(self, slug: str) -> None:
        """Let everybody of a team who is there and looks do the next thing that waits."""
        # Whoever was called for days looks in the end, also on holiday: their phone rings.
        called = Report.objects.filter(team__slug=slug, state=Report.State.NEW, made_at__lt=self.now - CALLED_FOR)
        is_called = called.exists()
        if not is_called and not self._is_anything(slug):
            return
        for person in self.people[slug]:
            is_away = person.away[0] <= self.now <= person.away[1] and not is_called
            if is_away or self.dice.random() > max(person.diligence, IN_THE_END if is_called else 0):
                continue
            for report in reports.waiting_for(person.user)[:3]:
                self._acknowledge(report, person)
            for case in queries.cases_for(person.user).filter(state=Case.State.OPEN)[:3]:
                self._next_step(case, person)
            met = queries.cases_for(person.user).filter(state__in=set(Case.RUNNING) - {Case.State.OPEN})
            for case in met.exclude(pk__in=self._at_rest()).order_by("opened_at")[:3]:
                self.second_half.go_on(case, person)

    @staticmethod
    def _is_anything(slug: str) -> bool:
        """Tell whether anything waits in a team, so that nobody looks for nothing on every day of the year."""
        new = Report.objects.filter(team__slug=slug, state=Report.State.NEW)
        return new.exists() or Case.objects.filter(team__slug=slug, state__in=Case.RUNNING).exists()

    def _at_rest(self) -> QuerySet[Case]:
        """Return the decided cases in which nothing is to be done today: they wait for a check-in, or for an appeal."""
        soon = Q(due_at__lt=self.now + TODAY) | Q(name__startswith="tell_outcome") | Q(name="look_back")
        waits = Duty.objects.filter(state=Duty.State.OPEN, case=OuterRef("pk")).exclude(name="look_at_end")
        letters = Notice.objects.filter(case=OuterRef("pk"), state__in=[Notice.State.READY, Notice.State.READ])
        decided = Case.objects.filter(Exists(waits), ~Exists(waits.filter(soon)), ~Exists(letters))
        return decided.filter(state=Case.State.DECIDED)

    def _acknowledge(self, report: Report, person: Person) -> None:
        if report.state != Report.State.NEW:
            self._keep_word(report, person)
            return
        handling.acknowledge(report, person.keyring, by=person.user, text="We have it.", key=receipts.new().code)
        if report.case_safe_id:  # it came up from a chapter, with its case
            return
        level = "danger" if report.danger else self.dice.choice([level for level in LEVELS if level != "danger"])
        opening.open_case(report, person.keyring, by=person.user, level=level, safety="yes")

    def _keep_word(self, report: Report, person: Person) -> None:
        """Write what was promised, once it is due."""
        if report.contact_id == person.user.pk and report.next_word_at and report.next_word_at < self.now + TODAY:
            key = receipts.new().code
            handling.answer(report, person.keyring, by=person.user, text="We work on it.", key=key)

    def _next_step(self, case: Case, person: Person) -> None:
        """Do what stands on top of the case; now and then the person reported is not told in time."""
        todo = next(
            (d for d in queries.to_do(case, person.user, person.keyring) if d.row.state == "open" and not d.waits), None
        )
        name = todo.row.name if todo else ""
        try:
            if name == "tell_reported" or name == "hear_reported":
                words = receipts.new().code
                hearing.write_down(case, person.keyring, by=person.user, text="I did not mean it", key=words)
            elif name == "convene":
                soon = self.now + timedelta(hours=4)
                meeting.call(case, person.keyring, by=person.user, starts_at=soon, where="a link")
            elif name == "meet":
                self._meet(case, person)
            elif todo is not None:
                duties.tick(todo.row, person.keyring, by=person.user)
        except duties.Blocked as blocked:
            self.seen[f"blocked: {blocked.reason}"] += 1
            if todo is not None and blocked.reason in {"police", "reason"}:
                duties.waive(todo.row, person.keyring, by=person.user, reason="not wished for")

    def _meet(self, case: Case, person: Person) -> None:
        called = queries.meeting_of(case)
        if called is None or called.state == called.State.HELD:
            return
        able = queries.able(case)
        present = [m for m in able if m.user_id == person.user.pk or self.dice.random() < 0.8]
        minutes = meeting.Minutes(
            "As it was told", "A warning", [("Write to him", present[0], self.now + timedelta(days=2))]
        )
        try:
            meeting.hold(
                called, person.keyring, by=person.user, present=present, note_taker=present[0], time_keeper=present[-1],
                minutes=minutes,
            )  # fmt: skip
        except meeting.TooFew:
            self.seen["too few"] += 1

    def _check(self) -> None:
        """Note every clock that ran out while nobody was called about it."""
        silent = Q(nudged_at=None) | Q(nudged_at__lt=F("due_at") - timedelta(hours=24) - STEP)
        past = Duty.objects.filter(silent, state=Duty.State.OPEN, due_at__lt=self.now - STEP, case__is_drill=False)
        self.unannounced += [f"{duty.case_id} {duty.name} {duty.due_at}" for duty in past[:10]]

    def _count(self) -> Counter[str]:
        found = Counter(self.seen)
        for state in Case.objects.values_list("state", flat=True):
            found[f"case {state}"] += 1
        found["heard"] = Case.objects.filter(entries__kind=Entry.Kind.SIDE).distinct().count()
        found["moved up"] = Case.objects.filter(team__kind=Team.Kind.GLOBAL).count()
        found["waiting, called for"] = Duty.objects.filter(
            state="open", due_at__lt=timezone.now(), nudges__gt=0
        ).count()
        return found


def start_of_year(year: int) -> datetime:
    """Return a beginning that has both changes of daylight saving ahead of it."""
    assert settings.USE_TZ
    return datetime(year, 1, 4, tzinfo=UTC)

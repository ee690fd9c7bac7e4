"""The second half of simulated cases: what people decide, write, carry out, appeal and close; through the real actions."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from django.utils import timezone

from heard import guidance
from heard.accounts.models import User
from heard.cases import queries
from heard.cases.actions import appeals, closing, deciding, duties, notices
from heard.cases.models import Case, Decision, Duty, Notice
from heard.vault.keyring import Keyring

APPEALED = 0.3
FILLED = "Somebody stood too close to others and did not stop when they said no."


class Acts(Protocol):
    """Somebody with an opened key."""

    user: User

    @property
    def keyring(self) -> Keyring:
        """Their opened key."""


@dataclass
class SecondHalf:
    """What happens to cases after their meeting."""

    dice: random.Random
    seen: Counter[str]
    codes: dict[object, str] = field(default_factory=dict, repr=False)

    def go_on(self, case: Case, person: Acts) -> None:
        """Let somebody do the next thing that waits in a case."""
        if case.state in {Case.State.MET, Case.State.APPEALED}:
            self._decide(case, person)
        elif case.state == Case.State.DECIDED and queries.can_open_reports(person.keyring, case):
            self._letters(case, person)
            self._steps(case, person)

    def _decide(self, case: Case, person: Acts) -> None:
        appeal, proposal = queries.open_appeal(case), queries.proposal(case)
        if appeal and not appeals.is_enough(case, appeal):
            if not case.team.is_global and queries.can_be_lent(case, appeal):
                appeals.lend(case, person.keyring, by=person.user)
            elif not queries.can_be_lent(case, appeal):
                self.seen["appeal without a panel"] += 1
            return
        if proposal is not None:
            may = {member.user_id for member in queries.voters(case, proposal)}
            if person.user.pk in may and not proposal.votes.filter(user=person.user).exists():
                choice = "yes" if self.dice.random() < 0.9 else "no"
                deciding.vote(proposal, person.keyring, by=person.user, choice=choice)
            return
        try:
            deciding.propose(
                case, person.keyring, by=person.user, proposal=self._proposal(), unheard="not to be reached"
            )
        except duties.Blocked as blocked:
            self.seen[f"blocked: {blocked.reason}"] += 1

    def _proposal(self) -> deciding.Proposal:
        finding = self.dice.choice([*["breach"] * 4, "no_breach", "unknown", "out_of_scope"])
        kinds = self.dice.sample(["warning", "keep_away", "ban", "video_withheld", "leave"], k=2)
        ends = timezone.localdate() + timedelta(days=400)
        wanted = [
            deciding.Wanted(kind, "chapter", ends if kind == "ban" else None, "they keep away from each other")
            for kind in kinds
        ]
        is_breach = finding == "breach"
        weight = "low" if is_breach else ""
        return deciding.Proposal(finding, "contact", weight, weight, "As it was told", wanted if is_breach else [])

    def _letters(self, case: Case, person: Acts) -> None:
        """Read what waits for a second reader, and send what was read."""
        for notice in case.notices.filter(state=Notice.State.READY).exclude(by=person.user):
            notices.approve(
                notice, person.keyring, by=person.user, seen=queries.notice_view(notice, person.keyring).digest
            )
        for notice in case.notices.filter(state=Notice.State.READ).select_related("report", "party"):
            if notice.report and notice.report.contact_id not in {None, person.user.pk}:
                continue
            try:
                code = notices.send(notice, person.keyring, by=person.user)
            except duties.Blocked as blocked:
                self.seen[f"blocked: {blocked.reason}"] += 1
                if blocked.reason == "stale":
                    notices.drop(notice, person.keyring, by=person.user)
                continue
            self.seen["letters"] += 1
            if code:
                self.codes[case.pk] = code

    def _steps(self, case: Case, person: Acts) -> None:
        decision = queries.standing(case)
        assert decision is not None
        for duty in case.duties.filter(state=Duty.State.OPEN).select_related("report", "party"):
            if duty.name.startswith("tell_outcome"):
                self._write(case, duty, decision, person)
            elif duty.name == "look_back":
                said = {"went_well": "the poll", "was_hard": "", "lacked": "A rule for shared flats"}
                closing.look_back(case, person.keyring, by=person.user, **said)
            elif duty.due_at < timezone.now() + timedelta(days=1) and duty.name != "look_at_end":
                self._tick(duty, person)
        if not queries.keeps_open(case) and self.dice.random() < 0.5:
            try:
                closing.close(case, person.keyring, by=person.user)
            except duties.Blocked as blocked:
                self.seen[f"blocked: {blocked.reason}"] += 1

    def _tick(self, duty: Duty, person: Acts) -> None:
        try:
            duties.tick(duty, person.keyring, by=person.user)
        except duties.Blocked as blocked:
            self.seen[f"blocked: {blocked.reason}"] += 1
            if blocked.reason not in {"after", "second_person"}:
                duties.waive(duty, person.keyring, by=person.user, reason="not needed any more")

    def _write(self, case: Case, duty: Duty, decision: Decision, person: Acts) -> None:
        """Draft the letter that a duty asks for, and give it to a second reader."""
        if case.notices.filter(state__in=Notice.NOT_GONE, report=duty.report, party=duty.party).exists():
            return
        to = "reporter" if duty.report_id else "reported"
        is_breach = decision.finding == Decision.Finding.BREACH
        names = {"no_breach": "none", "unknown": "unknown" if to == "reporter" else "none", "out_of_scope": "scope"}
        kind = f"outcome_{'breach' if is_breach else names[decision.finding]}_{to}"
        if kind not in guidance.notices():
            kind = f"outcome_none_{to}"
        blanks: dict[str, str] = dict.fromkeys(("measures", "outcome", "appeal_by", "appeal_days"), "as it was decided")
        text = guidance.notices()[kind].text.format(**blanks)
        for place in guidance.open_places(text):
            text = text.replace(place, FILLED)
        notice = notices.draft(
            case, person.keyring, by=person.user, kind=kind, text=text, report=duty.report, party=duty.party
        )
        try:
            notices.hand_to_reader(notice, person.keyring, by=person.user)
        except duties.Blocked as blocked:
            self.seen[f"letter: {blocked.reason}"] += 1
            notices.hand_to_reader(notice, person.keyring, by=person.user, reason="it is the prepared letter")

    def appeal(self) -> None:
        """Let some of those who were told their outcome appeal."""
        for pk, code in list(self.codes.items()):
            del self.codes[pk]
            found = queries.guest(code)
            if found is None or self.dice.random() > APPEALED or appeals.open_until(found[0]) is None:
                continue
            appeals.lodge(found[0], grounds="process", text="Nobody asked those who stood beside us")
            self.seen["appeals"] += 1

"""What was decided about a case and what follows from it, as far as somebody may see it."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from heard import guidance
from heard.accounts.models import User
from heard.cases.models import (
    Appeal,
    Attendance,
    Case,
    Decision,
    Duty,
    GuestAddress,
    GuestCode,
    Measure,
    Meeting,
    Notice,
    Outcome,
    Party,
    Vote,
)
from heard.cases.queries.case import able, cases_for
from heard.community import queries as community
from heard.community.models import Member, Team
from heard.guidance import MeasureText
from heard.vault import rows, safes
from heard.vault.keyring import Keyring
from heard.vault.models import Exclusion

# Outcomes of other chapters are shown in sums, and only from so many on: fewer would tell of one case.
FEWEST_ELSEWHERE = 5
MOST_COMPARED = 30


@dataclass(frozen=True)
class MeasureView:
    """An opened measure."""

    row: Measure
    title: str
    safety: str
    details: str
    text: MeasureText | None = None


@dataclass(frozen=True)
class DecisionView:
    """An opened decision with its measures and votes."""

    row: Decision
    category: str
    reasons: str
    measures: list[MeasureView]
    votes: list[tuple[str, str, str]]
    may_vote: bool
    has_voted: bool
    voters: list[Member]
    can_count: bool = False


@dataclass(frozen=True)
class NoticeView:
    """An opened letter."""

    row: Notice
    title: str
    text: str = field(repr=False)
    reason: str = field(repr=False)
    by: str
    read_by: str

    @property
    def digest(self) -> str:
        """A mark of exactly these words, so that a second person says yes to what they saw."""
        return hashlib.blake2b(self.text.encode(), digest_size=12, key=self.row.pk.bytes).hexdigest()


@dataclass(frozen=True)
class AppealView:
    """An opened appeal."""

    row: Appeal
    words: str = field(repr=False)


def decisions(case: Case, user: User, keyring: Keyring) -> list[DecisionView]:
    """Return what was proposed and decided, the newest first."""
    # Those of the global team who answered an appeal are named, too.
    teams = Q(team__in={case.team_id, case.chapter_id}) | Q(team__kind=Team.Kind.GLOBAL)
    names = dict(Member.objects.filter(teams).values_list("user_id", "shown_name"))
    kinds = guidance.categories(case.team.language)
    found = []
    for row in case.decisions.order_by("-made_at").prefetch_related("votes"):
        may = voters(case, row)
        votes = [
            (
                names.get(vote.user_id, "?"),
                str(vote.get_choice_display()),
                (keyring.reveal(vote, "words") or "") if vote.words is not None else "",
            )
            for vote in row.votes.all()
        ]
        found.append(
            DecisionView(
                row=row,
                category=kinds.get(row.category, row.category),
                reasons=keyring.reveal(row, "reasons") or "",
                measures=_opened(case, row.measures.order_by("made_at"), keyring),
                votes=votes,
                may_vote=user.pk in {member.user_id for member in may},
                has_voted=user.pk in {vote.user_id for vote in row.votes.all()},
                voters=may,
            )
        )
    return found


def measures(case: Case, keyring: Keyring) -> list[MeasureView]:
    """Return what is in force, or waits for a second person."""
    states = [Measure.State.IN_FORCE, Measure.State.WAITS]
    return _opened(case, case.measures.filter(state__in=states).order_by("made_at"), keyring)


def _opened(case: Case, rows: Iterable[Measure], keyring: Keyring) -> list[MeasureView]:
    policy, language = case.policy_version.policy, case.team.language
    texts = guidance.measures(policy, language)
    return [
        MeasureView(
            row,
            guidance.measure_title(policy, row.kind, language),
            keyring.reveal(row, "safety") or "",
            (keyring.reveal(row, "details") or "") if row.details is not None else "",
            texts.get(row.kind),
        )
        for row in rows
    ]


def standing(case: Case) -> Decision | None:
    """Return the decision that counts."""
    return case.decisions.filter(state=Decision.State.STANDS).order_by("-stood_at").first()


def proposal(case: Case) -> Decision | None:
    """Return the decision that is being voted on."""
    return case.decisions.filter(state=Decision.State.PROPOSED).first()


def voters(case: Case, decision: Decision | None = None) -> list[Member]:
    """Return who may vote: those who can read the case, and on an appeal only those who did not decide first.

    Where they are too few, members of the global team are lent to it.
    """
    appeal = decision.appeal if decision else None
    appeal = appeal or answered(case)
    return panel(case, appeal) if appeal else able(case)


def answered(case: Case) -> Appeal | None:
    """Return the appeal that the standing decision answers: those who decided first do not undo the answer."""
    decision = standing(case)
    return decision.appeal if decision else None


def panel(case: Case, appeal: Appeal) -> list[Member]:
    """Return who may decide an appeal: those with a key to the case who had no part in what is appealed."""
    first = _had_part(case, appeal)
    own = [member for member in able(case) if member.user_id not in first]
    return [*own, *(m for m in lent(case) if m.user_id not in first | {o.user_id for o in own})]


def _had_part(case: Case, appeal: Appeal) -> set[uuid.UUID | None]:
    """Return who decided, voted on or took anything of the case before the appeal."""
    before = case.decisions.filter(made_at__lte=appeal.made_at, appeal=None)
    taken = case.measures.filter(made_at__lte=appeal.made_at)
    found: set[uuid.UUID | None] = set(before.values_list("by_id", flat=True))
    found.update(Vote.objects.filter(decision__in=before).values_list("user_id", flat=True))
    for column in ("by_id", "approved_by_id"):
        found.update(taken.values_list(column, flat=True))
    return found


def lent(case: Case) -> list[Member]:
    """Return who of the global team was lent to a chapter's case: they hold its key."""
    lent_to = set(case.lent.values_list("pk", flat=True)) & set(safes.keyholders(case.safe_id))
    return [member for member in community.readers(community.global_team()) if member.user_id in lent_to]


def can_be_lent(case: Case, appeal: Appeal) -> list[Member]:
    """Return who of the global team could be lent to an appeal: no conflict, no part in the first decision."""
    first = _had_part(case, appeal) | {member.user_id for member in able(case)}
    out = set(Exclusion.objects.filter(safe_id=case.safe_id).values_list("user_id", flat=True))
    return [m for m in community.readers(community.global_team()) if m.user_id not in first | out]


def comparable(case: Case, user: User, category: str) -> tuple[list[Outcome], Counter[str]]:
    """Return what was decided in like cases that somebody may open, and in sums what other chapters decided (R79)."""
    like = Outcome.objects.filter(category=category).exclude(case=case)
    own = like.filter(case__in=cases_for(user).values("pk")).order_by("-month")[:MOST_COMPARED]
    elsewhere = like.exclude(team__in=community.team_ids(user)).exclude(team=case.chapter)
    counted: Counter[str] = Counter()
    for outcome in elsewhere.only("measures", "finding"):
        counted.update(outcome.measures or [outcome.finding])
    return list(own), Counter({name: n for name, n in counted.items() if n >= FEWEST_ELSEWHERE})


def notices(case: Case, keyring: Keyring) -> list[NoticeView]:
    """Return the letters of a case, the newest first."""
    return [notice_view(row, keyring) for row in case.notices.order_by("-made_at").select_related("report", "party")]


def notice_view(row: Notice, keyring: Keyring) -> NoticeView:
    """Return one letter, opened."""
    people = set(Member.objects.filter(user_id__in=[row.by_id, row.read_by_id]).values_list("user_id", "shown_name"))
    names = dict(people)
    texts = guidance.notices(row.case.team.language)
    return NoticeView(
        row,
        texts[row.kind].title if row.kind in texts else row.kind,
        keyring.reveal(row, "text") or "",
        (keyring.reveal(row, "reason") or "") if row.reason is not None else "",
        names.get(row.by_id, "") if row.by_id else "",
        names.get(row.read_by_id, "") if row.read_by_id else "",
    )


def notice_for(case: Case, pk: uuid.UUID) -> Notice | None:
    """Return one letter of a case."""
    return case.notices.filter(pk=pk).select_related("report", "party", "case__team").first()


def appeals(case: Case, keyring: Keyring) -> list[AppealView]:
    """Return the appeals of a case, the newest first."""
    rows = case.appeals.order_by("-made_at")
    return [AppealView(row, (keyring.reveal(row, "words") or "") if row.words is not None else "") for row in rows]


def open_appeal(case: Case) -> Appeal | None:
    """Return the appeal that waits for an answer."""
    return case.appeals.filter(outcome=Appeal.Outcome.OPEN).select_related("decision").order_by("made_at").first()


def last_appeal(case: Case, party: Party) -> Appeal | None:
    """Return the newest appeal of somebody."""
    return case.appeals.filter(party=party).order_by("-made_at").first()


def has_met_before(case: Case) -> bool:
    """Tell whether anybody who can come held a meeting before, of whichever case, or practised one."""
    people = {member.user_id for member in able(case)}
    held = Attendance.objects.filter(user__in=people, meeting__state=Meeting.State.HELD)
    return bool(held.exclude(meeting__case=case).exists())


def keeps_open(case: Case) -> list[Duty]:
    """Return the duties that have to be done, or left out with a reason, before a case is closed (R54)."""
    return list(case.duties.filter(state=Duty.State.OPEN).exclude(name="look_at_end"))


def guest_address(code: GuestCode) -> str:
    """Return where whoever holds a code chose to get whole letters, or nothing."""
    row = GuestAddress.objects.filter(code=code).first()
    return rows.reveal(row, "email") if row else ""


def code_of(case: Case, party_id: uuid.UUID) -> GuestCode | None:
    """Return the code under which somebody can still be written to."""
    rows = GuestCode.objects.filter(case=case, party=party_id).exclude(public=b"")
    return rows.order_by("-made_at").first()

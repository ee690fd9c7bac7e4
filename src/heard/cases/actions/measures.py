"""Measures: at once by one person, by a decision with what enforces them, approved, lifted, and looked at before they end."""

import uuid
from datetime import datetime, time

from django.db import transaction
from django.utils import timezone

from heard import guidance
from heard.accounts.models import User
from heard.audit import chain as audit
from heard.cases import queries, rules
from heard.cases.actions.duties import Blocked, add_step, finish, locked, write
from heard.cases.actions.opening import chain
from heard.cases.actions.outcomes import keep_outcome
from heard.cases.models import BEFORE_END, Case, Decision, Duty, Entry, Measure, WrongState
from heard.community.actions import who
from heard.vault import safes
from heard.vault.keyring import Keyring, SafeKey

UNDO, AT_ONCE = "undo_measure", 200
LIVE = (Measure.State.IN_FORCE, Measure.State.WAITS)


@transaction.atomic
def at_once(case: Case, keyring: Keyring, *, by: User, kind: str, scope: str, safety: str, details: str) -> Measure:
    """Take an emergency measure alone; somebody else looks at it within a day. Raises Blocked, WrongState."""
    case, key = locked(case, keyring, by)
    text = guidance.measures(case.policy_version.policy).get(kind)
    if text is None or text.second or text.condition or scope not in Measure.Scope.values:
        raise WrongState
    if not safety.strip():
        raise Blocked("no_safety")
    if case.state == Case.State.CLOSED or case.measures.filter(state__in=LIVE, kind=kind, scope=scope).exists():
        raise WrongState
    measure = Measure.objects.create(
        **key.where, case=case, kind=kind, scope=scope, safety=key(safety.strip()), is_emergency=True, by=by,
        details=key(details.strip()) if details.strip() else None, state=Measure.State.IN_FORCE,
    )  # fmt: skip
    _enforce(case, measure, key, by=by)
    others = [member for member in queries.able(case) if member.user_id != by.pk]
    leads = [member for member in others if member.role == member.Role.LEAD]
    owner = next((member.user for member in leads or others), None)
    add_step(case, key, "review_emergency", owner=owner, not_by=by, measure=measure)
    audit.record("measure.at-once", chain=chain(case), who=who(by), thing=kind)
    return measure


@transaction.atomic
def approve(measure: Measure, keyring: Keyring, *, by: User) -> None:
    """Let what needs a second person come into force (R60). Raises Blocked for whoever proposed it."""
    case, key = locked(measure.case, keyring, by)
    measure = case.measures.select_for_update().get(pk=measure.pk)
    if measure.state != Measure.State.WAITS:
        raise WrongState
    if measure.by_id == by.pk:
        raise Blocked("second_person")
    Measure.objects.filter(pk=measure.pk).update(state=Measure.State.IN_FORCE, approved_by=by)
    _enforce(case, measure, key, by=by)
    audit.record("measure.approved", chain=chain(case), who=who(by), thing=measure.kind)


@transaction.atomic
def lift(measure: Measure, keyring: Keyring, *, by: User, reason: str) -> None:
    """Lift a measure, with a reason; what one person decided, or what was voted on, is lifted by somebody else.

    Raises Blocked without a reason, or where the one who took it alone would lift it before anybody looked.
    """
    case, key = locked(measure.case, keyring, by)
    measure = case.measures.select_for_update().get(pk=measure.pk)
    if measure.state not in LIVE:
        raise WrongState
    if not reason.strip():
        raise Blocked("reason", overridable=True)
    if not measure.may_be_lifted:
        raise Blocked("voted")
    if measure.duties.filter(name="review_emergency", state=Duty.State.OPEN, not_by=by).exists():
        raise Blocked("second_person")
    write(case, key, Entry.Kind.STEP, f"Lifted: {reason.strip()}", by=by, mark=f"lift:{measure.pk}")
    _end(case, measure, key, by=by, state=Measure.State.LIFTED)
    if queries.standing(case):
        keep_outcome(case)
    audit.record("measure.lifted", chain=chain(case), who=who(by), thing=measure.kind)


def run_out() -> None:
    """End the measures whose last day has passed (R59): what was done for them is undone by whoever did it."""
    ended = Measure.objects.filter(state=Measure.State.IN_FORCE, ends_on__lt=timezone.localdate())
    ended = ended.filter(case__state__in=[*Case.RUNNING, Case.State.CLOSED], case__is_drill=False)
    for pk in list(ended.values_list("pk", flat=True)[:AT_ONCE]):
        _run_out(pk)


@transaction.atomic
def _run_out(pk: uuid.UUID) -> None:
    rows = Measure.objects.select_for_update(of=("self",)).select_related("case__event", "case__chapter")
    measure = rows.filter(pk=pk, state=Measure.State.IN_FORCE).first()
    if measure is None or measure.ends_on is None:
        return
    case = measure.case
    if timezone.localdate(timezone=case.zone) <= measure.ends_on:
        return
    Measure.objects.filter(pk=pk).update(state=Measure.State.RUN_OUT)
    now = timezone.now()
    measure.duties.filter(name="look_at_end", state=Duty.State.OPEN).update(state=Duty.State.DONE, done_at=now)
    open_places = measure.duties.filter(name="enforce", state=Duty.State.OPEN)
    open_places.update(state=Duty.State.WAIVED, done_at=now)
    if done := measure.duties.filter(name="enforce", state=Duty.State.DONE).first():
        text = guidance.duties()[UNDO]
        due_at = rules.due_for(text, now, at_event=case.at_event, zone=case.zone, country=case.chapter.country)
        Duty.objects.create(
            **safes.where(case.safe_id), case=case, name=UNDO, owner=done.done_by, order=200 + case.duties.count(),
            due_at=due_at, measure=measure,
        )  # fmt: skip
    audit.record("measure.ran-out", chain=chain(case), who="program", thing=measure.kind)


def carry_out(case: Case, decision: Decision, key: SafeKey, *, by: User) -> None:
    """Bring into force what was decided; what was in force and is not decided again is lifted."""
    old: dict[str, list[Measure]] = {}
    for measure in case.measures.filter(state__in=LIVE).order_by("made_at"):
        old.setdefault(measure.kind, []).append(measure)
    catalogue = guidance.measures(case.policy_version.policy)
    for measure in decision.measures.filter(state=Measure.State.PROPOSED):
        befores = old.pop(measure.kind, [])
        same = next((b for b in befores if (b.scope, b.ends_on) == (measure.scope, measure.ends_on)), None)
        approved = same.approved_by if same else None
        second = catalogue[measure.kind].second and approved is None
        state = Measure.State.WAITS if second else Measure.State.IN_FORCE
        Measure.objects.filter(pk=measure.pk).update(state=state, approved_by=approved)
        for before in befores:  # what was seen to stays seen to, and is undone when this one ends
            _settle_reviews(before, key, by=by)
            Measure.objects.filter(pk=before.pk).update(state=Measure.State.ENDED)
            before.duties.update(measure=measure)
        if state == Measure.State.IN_FORCE and same is None:
            _enforce(case, measure, key, by=by)
    for measure in (measure for left in old.values() for measure in left):
        _end(case, measure, key, by=by, state=Measure.State.LIFTED)


def _enforce(case: Case, measure: Measure, key: SafeKey, *, by: User) -> None:
    """Put a duty on the page for each place in which somebody has to see to it, and one for its end."""
    text = guidance.measures(case.policy_version.policy, case.team.language).get(measure.kind)
    measure.duties.filter(name="look_at_end", state=Duty.State.OPEN).delete()
    waiting = measure.duties.filter(name="enforce", state=Duty.State.OPEN).exists()
    for place in text.enforced if text and not waiting else []:
        add_step(case, key, "enforce", owner=by, measure=measure, title=place.title)
    if measure.ends_on:
        end = datetime.combine(measure.ends_on, time(9), tzinfo=case.zone)
        add_step(case, key, "look_at_end", owner=None, measure=measure, due_at=end - BEFORE_END)


def _end(case: Case, measure: Measure, key: SafeKey, *, by: User, state: Measure.State) -> None:
    """End a measure: what was not seen to yet is left out, what was done has to be undone."""
    Measure.objects.filter(pk=measure.pk).update(state=state)
    _settle_reviews(measure, key, by=by)
    for duty in list(measure.duties.filter(name="enforce")):
        if duty.state == Duty.State.OPEN:
            finish(duty, key, by=by, state=Duty.State.WAIVED)
        elif duty.state == Duty.State.DONE:
            text = guidance.measure_title(case.policy_version.policy, measure.kind, case.team.language)
            add_step(case, key, "enforce", owner=duty.done_by or by, title=f"Undo it everywhere: {text}")
            return


def _settle_reviews(measure: Measure, key: SafeKey, *, by: User) -> None:
    for duty in measure.duties.filter(name__in=["review_emergency", "look_at_end"], state=Duty.State.OPEN):
        finish(duty, key, by=by, state=Duty.State.DONE)

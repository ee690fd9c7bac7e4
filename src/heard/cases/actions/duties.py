"""Duties: done with one tap, left out with a reason, handed to somebody else; and what blocks them."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.cases import queries, rules
from heard.cases.actions.opening import chain
from heard.cases.models import Case, Duty, Entry
from heard.cases.models import WrongState as WrongState
from heard.community import queries as community
from heard.community.actions import who
from heard.community.models import Member
from heard.guidance import duties as texts
from heard.vault.keyring import Keyring, SafeKey


class Blocked(Exception):
    """The step must not be taken now; the reason says which sentence to show. With `overridable` a reason opens it."""

    def __init__(self, reason: str, *, overridable: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.overridable = reason, overridable


@transaction.atomic
def tick(duty: Duty, keyring: Keyring, *, by: User, reason: str = "") -> None:
    """Say that a duty is done, now. Raises Blocked, WrongState when somebody was faster."""
    case, key = locked(duty.case, keyring, by)
    duty = case.duties.get(pk=duty.pk)
    _require(case, duty, by, reason)
    finish(duty, key, by=by, state=Duty.State.DONE, reason=reason)
    if duty.name == "ask_objection" and case.object_until is None:
        clocks = case.policy_version.policy.clocks
        until = rules.due(timezone.now(), clocks.to_object(at_event=case.at_event), case.zone)
        Case.objects.filter(pk=case.pk).update(object_until=until)


@transaction.atomic
def waive(duty: Duty, keyring: Keyring, *, by: User, reason: str) -> None:
    """Leave a duty out. One that the playbook needs wants a reason; so does hearing the person reported (R53)."""
    case, key = locked(duty.case, keyring, by)
    duty = case.duties.get(pk=duty.pk)
    text = texts().get(duty.name)
    if not reason.strip() and not (text and text.optional):
        raise Blocked("reason", overridable=True)
    if duty.name == "safe_now":
        raise Blocked("safe_now")
    _second_person(duty, by)
    finish(duty, key, by=by, state=Duty.State.WAIVED, reason=reason)
    if duty.name == "decide":  # that nothing is decided is an outcome, and whoever reported hears of it (R54)
        for report in queries.reports_of(case):
            add_step(case, key, "tell_outcome_reporter", owner=report.contact or by, report=report)


@transaction.atomic
def assign(duty: Duty, keyring: Keyring, *, by: User, to: Member) -> None:
    """Give a duty to somebody who can read the case. Raises WrongState for anybody else."""
    case, _key = locked(duty.case, keyring, by)
    if to not in queries.able(case):
        raise WrongState
    Duty.objects.filter(pk=duty.pk, state=Duty.State.OPEN).update(owner=to.user, nudged_at=None)
    audit.record("duty.assigned", chain=chain(case), who=who(by), thing=f"user:{to.user_id}")


@transaction.atomic
def answer_safety(case: Case, keyring: Keyring, *, by: User, safety: str) -> None:
    """Note whether everybody is safe now (R37). *No* and *not sure* block nothing."""
    case, key = locked(case, keyring, by)
    if case.level not in {"danger", "minor"} or safety not in Case.Safety.values:
        raise WrongState
    Case.objects.filter(pk=case.pk).update(safety=safety)
    write(
        case,
        key,
        Entry.Kind.STEP,
        _("Everybody safe: %(answer)s") % {"answer": Case.Safety(safety).label},
        by=by,
        mark=f"safety:{timezone.now().timestamp()}",
    )
    asked = case.duties.filter(name="safe_now", state=Duty.State.OPEN).first()
    if safety == Case.Safety.YES and asked:
        finish(asked, key, by=by, state=Duty.State.DONE)
    audit.record("case.safety", chain=chain(case), who=who(by), thing=safety)


@transaction.atomic
def act_alone(case: Case, keyring: Keyring, *, by: User, what: str, key: str) -> None:
    """Note what somebody did alone in an emergency; others look at it within a day."""
    case, safe_key = locked(case, keyring, by)
    write(case, safe_key, Entry.Kind.STEP, what, by=by, mark=key)
    others = [member for member in queries.able(case) if member.user_id != by.pk]
    leads = [member for member in others if member.role == Member.Role.LEAD]
    owner = next(iter(leads or others), None)
    add_step(case, safe_key, "review_emergency", owner=owner.user if owner else None, not_by=by)
    audit.record("case.acted-alone", chain=chain(case), who=who(by))


@transaction.atomic
def not_found(case: Case, keyring: Keyring, *, by: User, where: str, key: str) -> None:
    """Note that the person reported could not be found on site; somebody looks again within a day, after each note anew."""
    case, safe_key = locked(case, keyring, by)
    if not write(case, safe_key, Entry.Kind.NOTE, where, by=by, mark=key):
        return
    for earlier in case.duties.filter(name="look_again", state=Duty.State.OPEN):
        finish(earlier, safe_key, by=by, state=Duty.State.DONE)
    add_step(case, safe_key, "look_again", owner=by)
    audit.record("reported.not-found", chain=chain(case), who=who(by))


def add_step(
    case: Case, key: SafeKey, name: str, *, owner: User | None, title: str = "", due_at: datetime | None = None,
    **about: Any,
) -> None:  # fmt: skip
    """Put a duty on the page that a step of the case brings with it; `about` is what it is about, and who may not do it."""
    due_at = due_at or rules.due_for(
        texts()[name], timezone.now(), at_event=case.at_event, zone=case.zone, country=case.chapter.country
    )
    Duty.objects.create(
        **key.where, case=case, name=name, owner=owner, order=200 + case.duties.count(), due_at=due_at,
        title=key(title) if title else None, **about,
    )  # fmt: skip


def _second_person(duty: Duty, by: User) -> None:
    if duty.not_by_id == by.pk:
        raise Blocked("second_person")


def _require(case: Case, duty: Duty, by: User, reason: str) -> None:
    """Raise Blocked where something has to come first, or must not be."""
    text = texts().get(duty.name)
    if text is None:
        return
    states = dict(case.duties.exclude(name="").values_list("name", "state"))
    if rules.waits_for(text, states):
        raise Blocked("after")
    gates = {"police": _police, "objection": _objection, "fear": _fear, "meeting": _page, "decision": _page}
    gates |= {"notice": _page, "look_back": _page}
    if text.gate in gates:
        gates[text.gate](case, reason)
    _second_person(duty, by)
    if duty.name == "hear_reported" and not queries.is_heard(case):
        raise Blocked("unheard")


def _police(case: Case, reason: str) -> None:
    """R37: when everybody is safe, only at the wish of the person harmed; otherwise a reason is recorded."""
    if case.safety == Case.Safety.YES and not case.police_wished and not reason.strip():
        raise Blocked("police", overridable=True)


def _objection(case: Case, reason: str) -> None:
    """R40: in private an objection stops the convening, and before the day that was named nobody convenes."""
    if case.level != "private":
        return
    if case.objected:
        raise Blocked("objected")
    if case.object_until is None:
        raise Blocked("not_asked")
    if case.is_drill:  # an invented person has no days to object
        return
    if case.object_until > timezone.now():
        raise Blocked("may_object")


def require_no_objection(case: Case) -> None:
    """R40: where it happened in private and the person harmed objects, nothing is decided. Raises Blocked."""
    if case.level == "private" and case.objected:
        raise Blocked("objected")


def _fear(case: Case, reason: str) -> None:
    """R52: telling the person reported although somebody fears for their safety wants a reason."""
    if case.fears and not reason.strip():
        raise Blocked("fear", overridable=True)


def _page(case: Case, reason: str) -> None:
    """It is done on a page of its own: by meeting, deciding, sending a letter, looking back."""
    raise Blocked("page")


def finish(duty: Duty, key: SafeKey, *, by: User | None, state: Duty.State, reason: str = "") -> None:
    """Set a duty's end. Raises WrongState when somebody was faster."""
    now = timezone.now()
    if not Duty.objects.filter(pk=duty.pk, state=Duty.State.OPEN).update(state=state, done_at=now, done_by=by):
        raise WrongState
    duty.refresh_from_db()
    if reason.strip():
        duty.reason = key(reason.strip())
        duty.save(update_fields=["reason"])
    audit.record(f"duty.{state}", chain=f"safe:{key.safe_id}", who=who(by) if by else "guest", thing=duty.name)


def locked(case: Case, keyring: Keyring, by: User, *, merged: bool = False, lent: bool = False) -> tuple[Case, SafeKey]:
    """Return the case, locked, with its key. Raises WrongState where it does not exist for this person, or went into another.

    Who was lent to an appeal takes the steps of the appeal alone: those that say `lent`.
    """
    seen = queries.case_for(by, case.pk)
    if seen is None or not (lent or seen.team_id in community.team_ids(by)):
        raise WrongState
    key = keyring.sealer(case.safe_id)
    held = Case.objects.select_for_update(of=("self",)).select_related("team", "chapter", "event", "policy_version")
    found = held.get(pk=case.pk)
    if found.state == Case.State.MERGED and not merged:
        raise WrongState
    return found, key


def write(case: Case, key: SafeKey, kind: Entry.Kind, text: str, *, by: User | None, mark: str) -> bool:
    """Write a line into the timeline, and tell whether it is new; the same page sent twice writes once."""
    mark = f"{case.pk}:{mark}"[:100]
    if Entry.objects.filter(key=mark).exists():
        return False
    Entry.objects.create(**key.where, case=case, kind=kind, author=by, body=key(text), key=mark)
    return True


@transaction.atomic
def note_reading(case: Case, *, by: User) -> None:
    """Record that somebody opened the case (R68)."""
    audit.record("case.read", chain=chain(case), who=who(by))


@transaction.atomic
def note(case: Case, keyring: Keyring, *, by: User, kind: str, text: str, key: str) -> None:
    """Put a note or a call into the timeline."""
    case, safe_key = locked(case, keyring, by, lent=True)
    if kind not in {Entry.Kind.NOTE, Entry.Kind.CALL}:
        raise WrongState
    write(case, safe_key, Entry.Kind(kind), text, by=by, mark=key)
    audit.record("case.noted", chain=chain(case), who=who(by))

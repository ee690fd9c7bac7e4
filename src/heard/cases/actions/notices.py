"""Letters: drafted, checked, read by a second person, and sent to where their recipient reads them."""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from heard import guidance
from heard.accounts.models import User
from heard.audit import chain as audit
from heard.cases import queries
from heard.cases.actions.duties import Blocked, finish, locked, write
from heard.cases.actions.hearing import write_to_code
from heard.cases.actions.opening import chain
from heard.cases.models import Case, Duty, Entry, Notice, Party, WrongState
from heard.community.actions import who
from heard.reports.actions import handling
from heard.reports.actions.checking import Marked
from heard.reports.models import Report
from heard.reports.models import WrongState as NotOpen
from heard.vault.keyring import Keyring, SafeKey

TELLS_REPORTER = "tell_outcome_reporter"
# Which duty a letter fulfils when it leaves.
FULFILS = {
    "outcome_breach_reporter": TELLS_REPORTER, "outcome_none_reporter": TELLS_REPORTER,
    "outcome_scope_reporter": TELLS_REPORTER, "outcome_unknown_reporter": TELLS_REPORTER,
    "appeal_reporter": TELLS_REPORTER, "outcome_breach_reported": "tell_outcome_reported",
    "outcome_none_reported": "tell_outcome_reported", "appeal_reported": "tell_outcome_reported",
}  # fmt: skip
# Letters that open a way to appeal, which stays open as long as the policy says.
OPENS_APPEAL = {"outcome_breach_reported"}


@transaction.atomic
def draft(
    case: Case, keyring: Keyring, *, by: User, kind: str, text: str, report: Report | None = None,
    party: Party | None = None, acted_as: str = "",
) -> Notice:  # fmt: skip
    """Begin a letter. Raises Blocked where it may not be written at all, WrongState for a recipient it is not for."""
    case, key = locked(case, keyring, by)
    _require_reader(case, keyring)
    template = guidance.notices(case.team.language).get(kind)
    if template is None:
        raise WrongState
    _require_recipient(case, template.to, report, party)
    if template.to == Notice.To.EMPLOYER and acted_as not in guidance.ACTED_AS:
        raise Blocked("acted_as")
    if template.needs == "apology" and not case.takes_apology:
        raise Blocked("no_apology")
    notice = Notice.objects.create(
        **key.where, case=case, kind=kind, to=template.to, report=report, party=party, acted_as=acted_as,
        decision=queries.standing(case), text=key(text), by=by,
    )  # fmt: skip
    audit.record("notice.drafted", chain=chain(case), who=who(by), thing=kind)
    return notice


def _require_reader(case: Case, keyring: Keyring) -> None:
    """Letters are for those who can read the reports: nobody else can tell whom they must not show."""
    if not queries.can_open_reports(keyring, case):
        raise Blocked("not_yours")


def _require_recipient(case: Case, to: str, report: Report | None, party: Party | None) -> None:
    if to == Notice.To.REPORTER:
        right = report is not None and report.case_safe_id == case.safe_id
    elif to in {Notice.To.REPORTED, Notice.To.EMPLOYER}:
        right = party is not None and party.case_id == case.pk and party.role == Party.Role.REPORTED
    else:
        right = report is None and party is None
    if not right:
        raise WrongState


@transaction.atomic
def rewrite(notice: Notice, keyring: Keyring, *, by: User, text: str) -> None:
    """Change a letter that has not left; whoever read it has to read it again."""
    case, key, notice = _locked(notice, keyring, by)
    notice.text, notice.by, notice.read_by, notice.reason = key(text), by, None, None
    notice.state, notice.key_version, notice.decision = Notice.State.DRAFT, key.version, queries.standing(case)
    notice.save(update_fields=["text", "by", "read_by", "reason", "state", "key_version", "decision"])
    audit.record("notice.rewritten", chain=chain(case), who=who(by), thing=notice.kind)


@transaction.atomic
def hand_to_reader(notice: Notice, keyring: Keyring, *, by: User, reason: str = "") -> None:
    """Let a second person read it. Raises Blocked: something is not filled in, too long, names somebody, or is marked."""
    case, key, notice = _locked(notice, keyring, by)
    if notice.state != Notice.State.DRAFT:
        raise WrongState
    text = _require_clean(case, notice, keyring, reason)
    if wants_reason(case, notice) and not reason.strip():
        raise Blocked("fear", overridable=True)
    if reason.strip():
        notice.reason, notice.text, notice.key_version = key(reason.strip()), key(text), key.version
    notice.state = Notice.State.READY
    notice.save(update_fields=["state", "reason", "text", "key_version"])
    audit.record("notice.ready", chain=chain(case), who=who(by), thing=notice.kind)


def wants_reason(case: Case, notice: Notice) -> bool:
    """Tell whether a letter goes only with a reason: a first word to them, while somebody is afraid of it (R52)."""
    first = case.duties.filter(name="tell_reported", state=Duty.State.OPEN).exists()
    return case.fears and first and notice.to in {Notice.To.REPORTED, Notice.To.EMPLOYER}


def _require_clean(case: Case, notice: Notice, keyring: Keyring, reason: str) -> str:
    """Return the text of a letter that can go on its way. Raises Blocked."""
    text = queries.notice_view(notice, keyring).text
    template = guidance.notices(case.team.language)[notice.kind]
    if guidance.open_places(text):
        raise Blocked("open_places")
    if len(text) > template.most:
        raise Blocked("too_long")
    if template.needs == "apology" and not case.takes_apology:
        raise Blocked("no_apology")
    found = queries.checked(case, keyring, text, to=notice.to, report=notice.report, party=notice.party)
    if found.shows_somebody:
        raise Blocked("shows_somebody")
    if found.findings and not reason.strip():
        raise Blocked("marked", overridable=True)
    return text


@transaction.atomic
def approve(notice: Notice, keyring: Keyring, *, by: User, seen: str) -> None:
    """Say as a second person that what was seen can leave. Raises Blocked for whoever wrote it, or if it was changed since."""
    case, _key, notice = _locked(notice, keyring, by)
    if notice.state != Notice.State.READY:
        raise WrongState
    if notice.by_id == by.pk:
        raise Blocked("second_reader")
    if queries.notice_view(notice, keyring).digest != seen:
        raise Blocked("changed")
    Notice.objects.filter(pk=notice.pk).update(state=Notice.State.READ, read_by=by)
    audit.record("notice.read", chain=chain(case), who=who(by), thing=notice.kind)


@transaction.atomic
def drop(notice: Notice, keyring: Keyring, *, by: User) -> None:
    """Give a letter up; it stays on record."""
    case, _key, notice = _locked(notice, keyring, by)
    Notice.objects.filter(pk=notice.pk).update(state=Notice.State.DROPPED)
    audit.record("notice.dropped", chain=chain(case), who=who(by), thing=notice.kind)


@transaction.atomic
def send(notice: Notice, keyring: Keyring, *, by: User) -> str:
    """Let a letter leave; return a new guest code to hand over, or nothing where there is one already.

    To a reporter it goes into their mailbox, from their contact alone (R28); to the person reported under their code; to
    others on paper. Raises Blocked where it has to be read first, or names somebody by now.
    """
    case, key, notice = _locked(notice, keyring, by)
    if notice.state != Notice.State.READ:
        raise Blocked("unread")
    reason = queries.notice_view(notice, keyring).reason
    text = _require_clean(case, notice, keyring, reason)
    if wants_reason(case, notice) and not reason.strip():
        raise Blocked("fear")
    standing = queries.standing(case)
    if notice.kind in FULFILS and notice.decision_id != (standing.pk if standing else None):
        raise Blocked("stale")
    ways: dict[str, Callable[[], str]] = {
        Notice.To.REPORTER: lambda: _to_mailbox(notice, keyring, text, reason, by=by),
        Notice.To.REPORTED: lambda: _to_code(case, notice, key, text, by=by),
    }
    code = ways[notice.to]() if notice.to in ways else ""
    Notice.objects.filter(pk=notice.pk).update(state=Notice.State.SENT, sent_by=by, sent_at=timezone.now())
    write(case, key, Entry.Kind.LETTER, text, by=by, mark=f"notice:{notice.pk}")
    for duty in _fulfilled(case, notice):
        finish(duty, key, by=by, state=Duty.State.DONE)
    audit.record("notice.sent", chain=chain(case), who=who(by), thing=notice.kind)
    return code


@transaction.atomic
def on_paper(notice: Notice, keyring: Keyring, *, by: User) -> str:
    """Return the words of a letter that is handed over on paper. Raises Blocked where it shows somebody by now."""
    view = queries.notice_view(notice, keyring)
    if notice.state != Notice.State.SENT:
        case, _key, notice = _locked(notice, keyring, by)
        if notice.state != Notice.State.READ:
            raise WrongState
        _require_clean(case, notice, keyring, view.reason)
    audit.record("notice.printed", chain=chain(notice.case), who=who(by), thing=notice.kind)
    return view.text


def _to_mailbox(notice: Notice, keyring: Keyring, text: str, reason: str, *, by: User) -> str:
    assert notice.report is not None
    try:
        handling.answer(notice.report, keyring, by=by, text=text, key=f"notice-{notice.pk}", reason=reason)
    except handling.NotTheContact:
        raise Blocked("contact") from None
    except Marked as marked:
        raise Blocked("shows_somebody" if marked.found.shows_somebody else "marked") from None
    except (handling.NotHere, NotOpen):
        raise WrongState from None
    return ""


def _to_code(case: Case, notice: Notice, key: SafeKey, text: str, *, by: User) -> str:
    assert notice.party is not None
    days = case.policy_version.policy.clocks.appeal_days if notice.kind in OPENS_APPEAL else 0
    return write_to_code(case, notice.party, key, text, by=by, notice=notice, good_for=timedelta(days=days))


def _fulfilled(case: Case, notice: Notice) -> list[Duty]:
    waiting = case.duties.filter(name=FULFILS.get(notice.kind, "-"), state=Duty.State.OPEN)
    return list(waiting.filter(report=notice.report, party=notice.party))


def _locked(notice: Notice, keyring: Keyring, by: User) -> tuple[Case, SafeKey, Notice]:
    case, key = locked(notice.case, keyring, by)
    row = (
        Notice.objects.select_for_update(of=("self",))
        .select_related("report__team", "party", "case__team")
        .get(pk=notice.pk)
    )
    _require_reader(case, keyring)
    if row.state in {Notice.State.SENT, Notice.State.DROPPED}:
        raise WrongState
    return case, key, row

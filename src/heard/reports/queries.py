"""What may be seen of reports, and by whom. What somebody may not see does not exist for them."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.community import queries as community
from heard.community.models import Event, Member, Team
from heard.guidance import NAMING, Question, questions
from heard.reports import rules
from heard.reports.models import Alarm, Attachment, Message, Receipt, Report, ReporterAddress
from heard.vault import files, pictures, receipts, rows, safes
from heard.vault.keyring import Keyring, SafeKey
from heard.vault.models import Exclusion, Grant


@dataclass(frozen=True)
class Readers:
    """Who would read a report, as its page names them."""

    global_team: Team | None
    chapter: list[Member]
    worldwide: list[Member]


@dataclass(frozen=True)
class Answered:
    """An answer with its question."""

    question: Question
    value: str


@dataclass(frozen=True)
class Note:
    """One opened message."""

    kind: str
    author: str
    body: str
    made_at: datetime
    attachments: list["FileNote"] = field(default_factory=list)

    @property
    def is_consent(self) -> bool:
        """Whether it says that going ahead is OK, or not."""
        return self.kind == Message.Kind.CONSENT


@dataclass(frozen=True)
class FileNote:
    """One file: what it is called and how big it is."""

    id: uuid.UUID
    kept: files.Kept

    @property
    def is_picture(self) -> bool:
        """Whether it may be shown on the page."""
        return self.kept.content_type in pictures.TYPES


def readers(team: Team) -> Readers:
    """Return who would read a report to a team."""
    worldwide = None if team.is_global else community.global_team()
    found = community.readers(team, worldwide)
    near = [member for member in found if member.team_id == team.pk]
    return Readers(worldwide, near, [member for member in found if member.team_id != team.pk])


def reports_for(user: User) -> QuerySet[Report]:
    """Return the reports somebody may read: a key, no exclusion, still in the team."""
    # EXISTS, so that a page of the newest is found by their index, however many there are.
    held = Grant.objects.filter(safe=OuterRef("safe"), holder_kind=Grant.HolderKind.USER, holder=str(user.pk))
    excluded = Exclusion.objects.filter(safe=OuterRef("safe"), user=user)
    teams = community.team_ids(user)
    # One team, as nearly everybody has: then an index gives the order too, and a page costs the same in any number.
    mine = Q(team=teams[0]) if len(teams) == 1 else Q(team__in=teams)
    return Report.objects.filter(mine, Exists(held), ~Exists(excluded)).select_related("team", "event", "chapter")


def listed(user: User, state: str) -> QuerySet[Report]:
    """Return the reports of a list, newest first: a state, `apart` for what looks like junk, or all."""
    mine = reports_for(user).order_by("-made_at")
    if state == "apart":
        return mine.filter(suspected=True, state=Report.State.NEW)
    return mine.filter(state=state) if state in Report.State.values else mine


def waiting_for(user: User) -> QuerySet[Report]:
    """Return what needs somebody now: to be acknowledged, read, or answered as it was promised."""
    # What was promised is everybody's while the contact is gone.
    contact = Member.objects.filter(user=OuterRef("contact"), team=OuterRef("team"), is_active=True)
    mine = Q(contact=user) | Q(contact=None) | ~Exists(contact)
    promised = Q(mine, next_word_at__isnull=False) | Q(news_for_team=True)
    waiting = Q(state=Report.State.NEW) | Q(promised, state=Report.State.ACKNOWLEDGED)
    return reports_for(user).filter(waiting, suspected=False).order_by("-danger", Coalesce("next_word_at", "due_at"))


def overdue_elsewhere(user: User) -> list[tuple[Team, datetime]]:
    """Return, for the global team, the chapters that have let something wait, and since when; never what it is."""
    if not community.is_global(user):
        return []
    readable = reports_for(user).values("pk")
    late = Alarm.objects.filter(
        settled_at=None,
        kind=Alarm.Kind.NEW,
        report__suspected=False,
        level=rules.Level.GLOBAL,
    ).exclude(Q(report__safe__exclusions__user=user) | Q(report__in=readable))
    since: dict[Team, datetime] = {}
    for alarm in late.select_related("report__team").order_by("-raised_at"):
        since[alarm.report.team] = alarm.raised_at
    return sorted(since.items(), key=lambda item: item[1])


def search(user: User, keyring: Keyring, words: str) -> list[Report]:
    """Return the reports in which all the words stand, newest first. Opens every one of them in memory."""
    wanted = words.casefold().split()
    keys = keyring.all_keys()
    found: set[uuid.UUID] = set()
    texts: dict[uuid.UUID, list[str]] = {}
    mine = reports_for(user).select_related(None).order_by()
    # Plain tuples: ten thousand model instances would cost as much as opening them.
    told = mine.values_list("pk", "safe_id", "code_name", "answers")
    for pk, safe, code_name, answers in told.iterator(chunk_size=2000):
        if safe in keys:
            texts[pk] = [code_name, *_searched(keys[safe].open(Report, "answers", pk, answers))]
    written = Message.objects.filter(report__in=mine).values_list("pk", "safe_id", "report_id", "body")
    for pk, safe, report, body in written.iterator(chunk_size=2000):
        if safe in keys and report in texts:
            texts[report].append(keys[safe].open(Message, "body", pk, body))
    for pk, parts in texts.items():
        text = "\n".join(parts).casefold()
        if all(word in text for word in wanted):
            found.add(pk)
    audit.record("reports.searched", chain=f"user:{user.pk}", who=f"user:{user.pk}")
    ordered = sorted(found, key=str)
    result: list[Report] = []
    for start in range(0, len(ordered), 500):
        result += reports_for(user).filter(pk__in=ordered[start : start + 500])
    return sorted(result, key=lambda report: report.made_at, reverse=True)


def answers(report: Report, keyring: Keyring, language: str, *, to_reporter: bool = False) -> list[Answered]:
    """Return what was answered, in the order of the form; to the team without a name that is kept back (R26)."""
    given: dict[str, Any] = keyring.reveal(report, "answers")
    if not to_reporter and given.get("your_name") and given.get("name_handlers") != "yes":
        given["your_name"] = _("The reporter gave a name and keeps it back. Ask before you look for it.")
    if not to_reporter and given.get("reach_email"):
        given["reach_email"] = _("An address was left. The program sends the note; nobody has to know it.")
    asked = questions(report.policy_version.policy, language)
    return [
        Answered(question, _in_words(question, given[question.name])) for question in asked if given.get(question.name)
    ]


def what_is_new(report: Report, key: SafeKey, given: Mapping[str, Any]) -> str:
    """Return what a form that was sent again says beyond the first time, in words; a name only where it may be known."""
    known = original(report, key)
    kept_back = _kept_back(given)
    new = {n: str(v) for n, v in given.items() if v and known.get(n) != v and n not in kept_back}
    asked = questions(report.policy_version.policy, report.team.language)
    return "\n\n".join(f"{q.label}\n{_in_words(q, new[q.name])}" for q in asked if q.name in new)


def _in_words(question: Question, value: str) -> str:
    labels = question.choices or (NAMING if question.kind == "naming" else [])
    return next((str(words) for choice, words in labels if choice == value), value)


def _searched(given: dict[str, Any]) -> list[str]:
    """Return the answers that a search may find: no address, and no name that is kept back."""
    kept_back = _kept_back(given)
    return [str(value) for name, value in given.items() if name not in kept_back]


def _kept_back(given: Mapping[str, Any]) -> set[str]:
    return {"reach_email"} | (set() if given.get("name_handlers") == "yes" else {"your_name"})


def original(report: Report, keyring: Keyring | SafeKey) -> dict[str, Any]:
    """Return the answers as they came."""
    given: dict[str, Any] = keyring.reveal(report, "answers")
    return given


def last_consent(report: Report, keyring: Keyring) -> str:
    """Return whether the reporter last said that going ahead is OK (yes), objected (no), or said nothing."""
    row = report.messages.filter(kind=Message.Kind.CONSENT).order_by("-made_at").first()
    return keyring.reveal(row, "body") if row else ""


def names_and_sizes(report: Report, key: SafeKey) -> set[tuple[str, int]]:
    """Return the names and sizes of everything that came with a report, to tell what came twice."""
    kept = [
        files.opened(key.reveal(row, "file_key"), row.storage_name, row.padded_size)
        for row in report.attachments.filter(safe_id=key.safe_id)
    ]
    return {(file.name, file.size) for file in kept}


def address_of(report: Report) -> tuple[str, bool]:
    """Return where the reporter wants a note, or nothing; and whether they chose whole letters there."""
    row = ReporterAddress.objects.filter(report=report).first()
    return (rows.reveal(row, "email"), row.whole) if row else ("", False)


def conversation(report: Report, keyring: Keyring, *, notes: bool) -> list[Note]:
    """Return the opened messages, oldest first; notes only where asked for (a reporter has no key to them)."""
    written = report.messages.order_by("made_at").select_related("author").prefetch_related("attachments")
    # Notes of a team that handled it before lie in a safe that this one has no key to.
    written = written.filter(safe_id__in=[s for s in (report.safe_id, report.notes_safe_id) if s])
    if not notes:
        written = written.exclude(kind=Message.Kind.NOTE)
    names = shown_names(report)
    return [
        Note(
            kind=row.kind,
            author=names.get(row.author_id, "") if row.author_id else "",
            body=keyring.reveal(row, "body"),
            made_at=row.made_at,
            attachments=[_file(attachment, keyring) for attachment in row.attachments.all()],
        )
        for row in written
    ]


def report_files(report: Report, keyring: Keyring) -> list[FileNote]:
    """Return the files that came with the report itself."""
    return [_file(a, keyring) for a in report.attachments.filter(message=None).order_by("made_at")]


def file_of(report: Report, keyring: Keyring, file_id: uuid.UUID) -> FileNote | None:
    """Return one of the report's files, or None."""
    attachment = report.attachments.filter(pk=file_id).first()
    return _file(attachment, keyring) if attachment else None


def shown_names(report: Report) -> dict[uuid.UUID, str]:
    """Return the names by which the team's members are shown."""
    return dict(report.team.members.values_list("user_id", "shown_name"))


def handlers(report: Report) -> list[Member]:
    """Return who can read a report and is still in the team."""
    holders = safes.keyholders(report.safe_id)
    reading = report.team.members.filter(user_id__in=holders, is_active=True, role__in=Member.READING)
    return list(reading.select_related("user").order_by("shown_name"))


def set_aside_members(report: Report) -> list[Member]:
    """Return whose name seems to stand in the report, for a handler to confirm or lift."""
    matched = Exclusion.objects.filter(safe_id=report.safe_id, kind=Exclusion.Kind.MATCH).values("user_id")
    return list(report.team.members.filter(user_id__in=matched, is_active=True).order_by("shown_name"))


def left_out(report: Report) -> list[str]:
    """Return the names of those for whom the report does not exist, for its handlers."""
    return _names_of(report, Exclusion.objects.filter(safe_id=report.safe_id))


def taken_out(report: Report) -> list[str]:
    """Return the names of those whom the reporter took out, for the reporter."""
    return _names_of(report, Exclusion.objects.filter(safe_id=report.safe_id, kind=Exclusion.Kind.BY_REPORTER))


def _names_of(report: Report, exclusions: QuerySet[Exclusion]) -> list[str]:
    near = Member.objects.filter(user_id__in=exclusions.values("user_id"), team__in=[report.team_id, report.chapter_id])
    return sorted(set(near.values_list("shown_name", flat=True)))


def mailbox(receipt: receipts.Receipt) -> tuple[Report, Keyring] | None:
    """Return the report that a code opens, with its keyring; None for a code that opens nothing."""
    row = Receipt.objects.filter(lookup=receipt.lookup).select_related("report__team", "report__event").first()
    if row is None:
        return None
    return row.report, safes.receipt_keyring(receipt)


def has_come(form: str) -> bool:
    """Tell whether a form made a report already."""
    return Report.objects.filter(form=form).exists()


def by_form(name: str) -> Report | None:
    """Return the report that a form made already."""
    return Report.objects.filter(form=name).select_related("team", "event", "chapter").first()


def recent_reports(team: Team) -> int:
    """Return how many reports reached a team within the window that counts as a flood."""
    return Report.objects.filter(team=team, made_at__gt=timezone.now() - rules.FLOOD_WINDOW).count()


def storage_names() -> Iterator[str]:
    """Yield the names of the files that belong to reports."""
    return Attachment.objects.values_list("storage_name", flat=True).iterator(chunk_size=1000)


def is_at_event(event: Event | None) -> bool:
    """Tell whether an event is on."""
    return event is not None and event.is_on


def _file(attachment: Attachment, keyring: Keyring) -> FileNote:
    facts = keyring.reveal(attachment, "file_key")
    return FileNote(attachment.pk, files.opened(facts, attachment.storage_name, attachment.padded_size))

"""What a letter may not carry to whom, and what the check says to it."""

from datetime import datetime

from django.db.models import QuerySet

from heard import sendcheck
from heard.cases.models import Case, Entry, Notice, Party
from heard.cases.queries.case import can_open, can_open_reports, reports_of
from heard.matching import Person
from heard.reports import queries as reports
from heard.reports.models import Message, Report
from heard.sendcheck import Checked, Hidden
from heard.vault.keyring import Keyring

# The answer that allows a reporter's name to a recipient (R26); to an employer it never goes (R62).
ALLOWS = {Notice.To.REPORTED: "name_reported", Notice.To.ATTENDEE: "name_public"}
# What of a party's facts points to them besides names.
TRAITS = ("description", "employer")


def checked(
    case: Case, keyring: Keyring, text: str, *, to: str, report: Report | None = None, party: Party | None = None
) -> Checked:
    """Return what the check says to a letter: about its words, and about everybody whom it may not show."""
    hidden = hidden_from(case, keyring, to=to, report=report, party=party)
    told = quotable(case, keyring, report=report, party=party)
    return sendcheck.check(text, to=to, hidden=hidden, told=told, relaxed=relaxed(case))


def relaxed(case: Case) -> frozenset[str]:
    """Return the rules that the community switched off for itself."""
    switches = case.policy_version.policy.switches.model_dump()
    return frozenset(flag for flag, rule in sendcheck.rules().items() if rule.switch and switches.get(rule.switch))


def hidden_from(
    case: Case, keyring: Keyring, *, to: str, report: Report | None = None, party: Party | None = None
) -> list[Hidden]:
    """Return the people of a case whom a letter must not show to its recipient (R44)."""
    found = []
    for other in [*reports_of(case), *_split_off(case, keyring)]:
        answers = reports.original(other, keyring)
        if report is not None and other.pk == report.pk:
            continue
        ways = [word for name in ("reach_email", "reach_other") for word in str(answers.get(name) or "").split()]
        marks = [word.strip(".,;:()<>") for word in ways if "@" in word]
        emails, handles = [m for m in marks if "@" in m.strip("@")], [m for m in marks if "@" not in m.strip("@")]
        numbers = sendcheck.numbers_in(str(answers.get("reach_other") or ""))
        names = [str(answers["your_name"])] if answers.get("your_name") else []
        kept_back = answers.get("name_handlers") != "yes"
        allows = ALLOWS.get(Notice.To(to))
        if allows and answers.get(allows) == "yes":
            # The name may be said, a way to reach them never: its parts are looked for, which no name has.
            found.append(Hidden(Person([], [], handles), tuple(emails), kept_back, numbers))
        elif names or marks or numbers:
            found.append(Hidden(Person(names, emails, handles), kept_back=kept_back, numbers=numbers))
    others = [row for row in case.parties.order_by("made_at") if party is None or row.pk != party.pk]
    return found + [_as_hidden(keyring.reveal(row, "facts")) for row in others if not _knows(row, to, party)]


def _split_off(case: Case, keyring: Keyring) -> list[Report]:
    """Return the reports that belonged to the case and can be opened: who told is still kept back."""
    keys = keyring.keys_of(case.split_reports.values_list("safe_id", flat=True))
    return [report for report in case.split_reports.all() if report.safe_id in keys]


def hidden_from_reporter(report: Report, keyring: Keyring) -> list[Hidden]:
    """Return the people of a report's case whom a letter to its reporter must not show."""
    case = Case.objects.filter(safe=report.case_safe_id).first() if report.case_safe_id else None
    if case is None or not can_open(keyring, case):
        return []
    return hidden_from(case, keyring, to=Notice.To.REPORTER, report=report)


def _knows(row: Party, to: str, party: Party | None) -> bool:
    """Tell whether a recipient knows somebody anyway: a reporter and an employer know who is reported."""
    return row.role == Party.Role.REPORTED and to in {Notice.To.REPORTER, Notice.To.EMPLOYER} and party is None


def _as_hidden(facts: dict[str, str]) -> Hidden:
    marks = str(facts.get("handles", "")).replace(",", " ").split()
    emails = [mark for mark in marks if "@" in mark.strip("@")]
    names = [facts["name"]] if facts.get("name") else []
    traits = tuple(str(facts[name]) for name in TRAITS if facts.get(name))
    numbers = sendcheck.numbers_in(str(facts.get("handles", "")))
    return Hidden(Person(names, emails, [mark for mark in marks if mark not in emails]), traits, numbers=numbers)


def worries(case: Case, keyring: Keyring) -> list[str]:
    """Return what reporters fear may happen, before the person reported is told (R52)."""
    answers = (
        [reports.original(report, keyring) for report in reports_of(case)] if can_open_reports(keyring, case) else []
    )
    return [str(given["worries"]) for given in answers if given.get("worries")]


def told_mark(party: Party) -> str:
    """Return how the marks begin of what somebody was told with their codes."""
    return f"told:{party.pk}:"


def sent_to(case: Case, party: Party) -> QuerySet[Notice]:
    """Return the letters that the person reported was sent under a code."""
    return case.notices.filter(party=party, to=Notice.To.REPORTED, state=Notice.State.SENT)


def told_before(case: Case, party: Party, keyring: Keyring) -> list[tuple[str, Notice | None]]:
    """Return what somebody with a code was told, oldest first: first words, and letters."""
    said = case.entries.filter(kind=Entry.Kind.LETTER, key__startswith=f"{case.pk}:{told_mark(party)}")
    words: list[tuple[datetime, str, Notice | None]] = [
        (row.made_at, str(keyring.reveal(row, "body")), None) for row in said
    ]
    words += [(row.sent_at or row.made_at, keyring.reveal(row, "text"), row) for row in sent_to(case, party)]
    return [(text, notice) for _when, text, notice in sorted(words, key=lambda told: told[0])]


def quotable_to_reporter(report: Report, keyring: Keyring) -> list[str]:
    """Return what others told about a report's case, and must not be quoted to its reporter."""
    case = Case.objects.filter(safe=report.case_safe_id).first() if report.case_safe_id else None
    return quotable(case, keyring, report=report) if case and can_open(keyring, case) else []


def quotable(case: Case, keyring: Keyring, *, report: Report | None = None, party: Party | None = None) -> list[str]:
    """Return what was told in confidence and must not be quoted to anybody but to whoever told it."""
    own = {Party.Role.REPORTED: Entry.Kind.SIDE, Party.Role.HARMED: Entry.Kind.HARMED}
    kinds = {Entry.Kind.SIDE, Entry.Kind.HARMED} - ({own.get(Party.Role(party.role))} if party else set())
    said = [str(keyring.reveal(row, "body")) for row in case.entries.filter(kind__in=kinds)]
    others = [other for other in reports_of(case) if report is None or other.pk != report.pk]
    answers = [reports.original(other, keyring) for other in others]
    wrote = Message.objects.filter(report__in=others, kind=Message.Kind.FROM_REPORTER)
    said += [str(keyring.reveal(row, "body")) for row in wrote]
    return said + [str(text) for given in answers for name, text in given.items() if text and name in QUOTED]


QUOTED = ("what_happened", "circumstances", "worries", "others")

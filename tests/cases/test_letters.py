"""No letter reaches anybody with a name it may not carry: every template, to everybody, with every pattern of permissions."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import transaction
from django.test import Client

from heard import guidance
from heard.cases import queries
from heard.cases.actions import duties, hearing, notices, people
from heard.cases.models import Case, GuestAddress, GuestLetter, Notice, Party
from heard.outbox import jobs
from heard.reports.actions import handling
from heard.reports.models import Message, Report
from heard.vault import receipts
from tests.cases.outcome import approve, blocked, decided, letter, met, sent
from tests.cases.test_cases import reported
from tests.conftest import World, letter_key

REPORTER, HARMED, REPORTED = "Theodora Wintergreen", "Ximena Oakenfold", "Jonathan Quagmire"
PERMISSIONS = ["yes", "no", "ask", ""]
# Whether the handlers know the name changes only how a name is found: tried where it is allowed, and where it is not.
PATTERNS = [
    *itertools.product(PERMISSIONS, PERMISSIONS, ["yes"]),
    *itertools.product(["yes", "no"], ["yes", "no"], ["no"]),
]


def case_with(world: World, *, is_decided: bool = True, **permissions: str) -> Case:
    """A decided case whose reporter gave their name, with a person harmed, and one reported."""
    told = {"your_name": REPORTER, "reach_email": "theo@elsewhere.example"} | {
        k: v for k, v in permissions.items() if v
    }
    case = met(world, told=told)
    people.add(case, world.bo.keyring, by=world.bo.user, role="harmed", facts={"name": HARMED})
    if is_decided:
        case = decided(world, case=case)
    Case.objects.filter(pk=case.pk).update(takes_apology=True)
    return Case.objects.get(pk=case.pk)


def filled(kind: str, name: str) -> str:
    blanks: dict[str, Any] = dict.fromkeys(
        ("measures", "outcome", "appeal_by", "appeal_days", "team", "code", "acted_as", "contact"), "as decided"
    )
    text = guidance.notices()[kind].text.format(**blanks)
    for place in guidance.open_places(text):
        text = text.replace(place, "Somebody stood too close.")
    return f"{text}\nIt is about {name}."


def may_carry(to: str, name: str, permissions: dict[str, str]) -> bool:
    if name == REPORTED:
        return to in {"reporter", "reported", "employer"}
    allowed = {"reported": "name_reported", "attendee": "name_public"}.get(to)
    if name == REPORTER:
        return to == "reporter" or (allowed is not None and permissions.get(allowed) == "yes")
    return False


@pytest.mark.slow
@pytest.mark.requirement("R26", "R44", "R52", "R62")
@pytest.mark.parametrize(("to_reported", "to_public", "name_handlers"), PATTERNS)
def test_every_template_with_every_permission(
    world: World, to_reported: str, to_public: str, name_handlers: str
) -> None:
    permissions = {"name_reported": to_reported, "name_public": to_public, "name_handlers": name_handlers}
    case = case_with(world, **permissions)
    arrived: dict[str, list[str]] = {to: [] for to in Notice.To.values}
    code = ""
    for kind, template in guidance.notices().items():
        for name in (REPORTER, HARMED, REPORTED, "T. Wintergreen", "theo@elsewhere.example"):
            whole = next(
                (w for w in (REPORTER, HARMED, REPORTED) if w.split()[0] in name or w.split()[1] in name), REPORTER
            )
            acted = {"acted_as": "booth"} if template.to == "employer" else {}
            text = filled(kind, name)[: template.most] if len(filled(kind, name)) <= template.most else f"About {name}."
            notice = letter(case, world.bo, kind, text, **acted)
            if may_carry(template.to, whole, permissions) and not ("@" in name and template.to != "reporter"):
                code = sent(world, notice, reason="it is allowed") or code
                notice.refresh_from_db()
                arrived[notice.to].append(notices.on_paper(notice, world.bo.keyring, by=world.bo.user))
            else:
                facts = {"by": world.bo.user, "reason": "let it go all the same"}
                blocked("shows_somebody", notices.hand_to_reader, notice, world.bo.keyring, **facts)
    arrived["reporter"] += [world.bo.keyring.reveal(row, "body") for row in Message.objects.filter(kind="out")]
    if code:
        arrived["reported"].append(Client().post("/answer/", {"code": code}).text)
    for to, texts in arrived.items():
        for name in (REPORTER, HARMED, REPORTED):
            assert may_carry(to, name, permissions) or not any(name in text for text in texts), (to, name)
        assert to == "reporter" or not any("theo@elsewhere" in text for text in texts)


@pytest.mark.requirement("R26", "R44")
@pytest.mark.parametrize(
    "name", ["consent", "delay", "check_in", "will_tell", "tell_reported", "ask_harmed", "new_code"]
)
def test_no_prepared_letter_carries_a_name_that_was_put_in(world: World, name: str) -> None:
    case = case_with(world, is_decided=False, name_reported="no")
    text = guidance.letter(name, "en", team="Berlin", by="Friday")
    for place in guidance.open_places(text):
        text = text.replace(place, "Friday")
    roles = {"tell_reported": (Party.Role.REPORTED, REPORTER), "ask_harmed": (Party.Role.HARMED, REPORTER)}
    role, other = roles.get(name, (None, HARMED))
    report = queries.reports_of(case)[0]
    for shown in (other, other.split()[1], other.upper()):
        words = f"{text} {shown} says so too."
        if role:
            facts = {"by": world.bo.user, "words": words, "reason": "x", "although": "x"}
            blocked("shows_somebody", hearing.make_code, case, case.parties.get(role=role), world.bo.keyring, **facts)
        else:
            with pytest.raises(handling.Marked):
                handling.answer(report, world.bo.keyring, by=world.bo.user, text=words, key=letter_key(), reason="x")
    assert not GuestLetter.objects.exists()


@pytest.mark.requirement("R44", "R52")
def test_the_first_letter_to_the_person_reported_names_nobody(world: World) -> None:
    case = case_with(world, is_decided=False, name_reported="no")
    party = next(p for p in case.parties.all() if p.role == "reported")
    for words in (f"{REPORTER} told us about you.", "Theodora told us about you.", f"It concerns {HARMED}."):
        facts = {"by": world.bo.user, "words": words, "reason": "it has to be"}
        blocked("shows_somebody", hearing.make_code, case, party, world.bo.keyring, **facts)
    page = world.bo.client().post(
        f"/team/cases/{case.pk}/tell/", {"party": str(party.pk), "words": f"{HARMED} told us."}
    )
    assert "Take it out" in page.text and not GuestLetter.objects.exists()


@pytest.mark.requirement("R26", "R44")
@pytest.mark.parametrize("allowed", ["yes", "no"])
def test_no_way_to_reach_a_reporter_goes_to_anybody(world: World, allowed: str) -> None:
    way = "from 01.12.2026: +49 170 555-0192 18-20 or @theo.w"
    case = met(
        world, told={"your_name": REPORTER, "reach_other": way, "name_reported": allowed, "name_handlers": "yes"}
    )
    party = case.parties.get(role=Party.Role.REPORTED)
    for words in ("Call 0170 5550192.", "Call (0170) 555 01 92 tonight.", "They are @theo.w there."):
        facts = {"by": world.bo.user, "words": words, "reason": "it has to be"}
        blocked("shows_somebody", hearing.make_code, case, party, world.bo.keyring, **facts)
    assert hearing.make_code(
        case,
        party,
        world.bo.keyring,
        by=world.bo.user,
        words="Call us at 0171 555 0000 from 01.12.2026 until 2026-12-24, 18:30.",
    )


@pytest.mark.requirement("R44", "R62")
def test_a_name_that_was_put_down_after_the_reading_stops_the_sending(world: World) -> None:
    case = decided(world)
    notice = letter(
        case, world.bo, "employer", "Jonathan Quagmire spoke badly of Mirabel Oakenshield.", acted_as="booth"
    )
    notices.hand_to_reader(notice, world.bo.keyring, by=world.bo.user, reason="x")
    notice.refresh_from_db()
    approve(notice, world.ada)
    people.add(case, world.bo.keyring, by=world.bo.user, role="witness", facts={"name": "Mirabel Oakenshield"})
    blocked("shows_somebody", notices.send, notice, world.bo.keyring, by=world.bo.user)
    assert Notice.objects.get(pk=notice.pk).state == Notice.State.READ


@pytest.mark.requirement("R29", "R41", "R42", "R43", "R44")
def test_a_letter_into_the_mailbox_is_checked_also_by_a_crafted_request(world: World) -> None:
    case = met(world)
    people.add(case, world.bo.keyring, by=world.bo.user, role="witness", facts={"name": "Mirabel Oakenshield"})
    report = Report.objects.get(case_safe=case.safe_id)
    client, address = world.bo.client(), f"/team/reports/{report.pk}/answer/"
    many = Message.objects.filter(report=report).count()
    for text in (
        "What do you think we should do about him?",
        "If you would rather withdraw your report, just let us know and we will close it.",
        "Would a warning be enough for you, or should we ban him?",
        "Why did you not leave earlier, and can you prove that he touched you?",
    ):
        page = client.post(address, {"text": text, "key": "k" * 20})
        assert page.status_code == 409 and "Please look at these words" in page.text
    named = {"text": "Mirabel Oakenshield saw it too.", "key": "n" * 20, "reason": "she said yes"}
    assert client.post(address, named).status_code == 409
    assert Message.objects.filter(report=report).count() == many
    meant = {"text": "What do you think we should do about him?", "key": "m" * 20, "reason": "They asked us to ask"}
    assert client.post(address, meant).status_code == 302
    assert Message.objects.filter(report=report).count() == many + 2  # the letter, and the reason among the notes


@pytest.mark.requirement("R28", "R30")
def test_nobody_but_a_reader_of_the_reports_writes_letters(world: World) -> None:
    case = decided(world)
    party = reported(case, world.bo, name="Somebody Else")
    case.lent.add(world.gita.user)
    with pytest.raises((duties.WrongState, duties.Blocked)):
        letter(case, world.gita, "free_reported", "Hello", party=party)
    assert queries.case_for(world.gita.user, case.pk) is None


def test_whoever_holds_a_code_gets_letters_by_mail_only_where_they_chose_it(
    world: World, client: Client, mailoutbox: list[EmailMessage]
) -> None:
    case = case_with(world, is_decided=False)
    party = case.parties.get(role=Party.Role.REPORTED)
    code = hearing.make_code(case, party, world.bo.keyring, by=world.bo.user, words="We received a report about you.")
    jobs.run_due()
    assert not [m for m in mailoutbox if "a letter" in m.subject.lower()]

    assert "Please write your address first" in client.post("/answer/mail/", {"code": code, "email": ""}).text
    assert "You chose to get letters" in client.post("/answer/mail/", {"code": code, "email": "dan@example.org"}).text
    assert "dan@example.org" not in client.post("/answer/", {"code": code}).text
    with transaction.atomic():
        hearing.write_to_code(
            case, party, world.bo.keyring.sealer(case.safe_id), "You can appeal until Sunday.", by=world.bo.user,
            notice=None, good_for=timedelta(0),
        )  # fmt: skip
    jobs.run_due()
    assert [m.subject for m in mailoutbox if m.to == ["dan@example.org"]] == ["A letter for you"]
    assert "You can appeal until Sunday." in mailoutbox[-1].body

    assert "nowhere else, unless" in client.post("/answer/mail/", {"code": code, "stop": "yes"}).text
    assert not GuestAddress.objects.exists()
    wrong = client.post("/answer/mail/", {"code": receipts.new().spelled, "email": "eve@example.org"})
    assert "This code has run out" in wrong.text
    assert not GuestAddress.objects.exists()

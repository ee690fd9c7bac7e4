"""What is decided, carried out, told, appealed and closed; and every rule of it, broken on purpose."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from heard import guidance
from heard.audit import chain as audit
from heard.cases import queries
from heard.cases.actions import appeals, closing, deciding, duties, hearing, measures, notices
from heard.cases.models import BEFORE_END, Appeal, Case, Decision, Measure, Notice, Outcome
from heard.community.models import PolicyVersion, Proposal
from heard.reports import queries as reports
from heard.reports.models import Report
from heard.vault.keyring import NoGrant
from tests.cases.test_cases import duty, hold, open_case, reported
from tests.conftest import SECRET, Person, World, join

WELL = "Somebody stood too close to others at the bar."


def met(
    world: World, by: Person | None = None, level: str = "witnessed", also: Sequence[Person] = (), **more: Any
) -> Case:
    """A case whose meeting was held, and in which the person reported was heard."""
    by = by or world.bo
    case = open_case(world, level, **more)
    reported(case, by)
    hearing.write_down(case, by.keyring, by=by.user, text="I was only joking", key="side")
    hold(case, by, by, world.ada, *also)
    return Case.objects.get(pk=case.pk)


def wanted(kind: str = "warning", **more: Any) -> deciding.Wanted:
    facts = {"scope": "chapter", "ends_on": None, "safety": "they know that it is noticed"} | more
    return deciding.Wanted(kind, **facts)


def breach(*kinds: deciding.Wanted) -> deciding.Proposal:
    return deciding.Proposal("breach", "contact", "low", "low", "He was asked twice to stop.", kinds or (wanted(),))


def propose(case: Case, by: Person, proposal: deciding.Proposal | None = None, unheard: str = "") -> Decision:
    return deciding.propose(case, by.keyring, by=by.user, proposal=proposal or breach(), unheard=unheard)


def decided(world: World, *kinds: deciding.Wanted, case: Case | None = None, **more: Any) -> Case:
    """A case that was decided by Bo and Ada."""
    case = case or met(world, **more)
    decision = propose(case, world.bo, breach(*kinds) if kinds else None)
    for person in (world.bo, world.ada):
        deciding.vote(decision, person.keyring, by=person.user, choice="yes")
    return Case.objects.get(pk=case.pk)


def blocked(why: str, does: Any, /, *args: Any, **more: Any) -> None:
    with pytest.raises(duties.Blocked) as stopped:
        does(*args, **more)
    assert stopped.value.reason == why


def letter(case: Case, by: Person, kind: str, text: str = WELL, **more: Any) -> Notice:
    """A letter to the first who can get it."""
    to = guidance.notices()[kind].to
    facts: dict[str, Any] = {"report": None, "party": None}
    if to == "reporter":
        facts["report"] = queries.reports_of(case)[0]
    elif to in {"reported", "employer"}:
        facts["party"] = case.parties.filter(role="reported").first()
    return notices.draft(case, by.keyring, by=by.user, kind=kind, text=text, **(facts | more))


def approve(notice: Notice, by: Person) -> None:
    notices.approve(notice, by.keyring, by=by.user, seen=queries.notice_view(notice, by.keyring).digest)


def sent(world: World, notice: Notice, by: Person | None = None, reason: str = "") -> str:
    by = by or world.bo
    notices.hand_to_reader(notice, by.keyring, by=by.user, reason=reason)
    notice.refresh_from_db()
    approve(notice, world.ada)
    notice.refresh_from_db()
    return notices.send(notice, by.keyring, by=by.user)


def told(world: World, case: Case) -> str:
    """Tell both parties the outcome; return the guest code."""
    sent(world, letter(case, world.bo, "outcome_breach_reporter"))
    return sent(world, letter(case, world.bo, "outcome_breach_reported"))


# The decision


@pytest.mark.requirement("R48", "R57")
def test_a_decision_counts_once_those_without_a_conflict_have_voted_for_it(world: World) -> None:
    case = met(world)
    decision = propose(case, world.bo)
    deciding.vote(decision, world.bo.keyring, by=world.bo.user, choice="yes")
    assert queries.standing(case) is None and not queries.measures(case, world.bo.keyring)
    with pytest.raises(duties.WrongState):
        deciding.vote(decision, world.bo.keyring, by=world.bo.user, choice="yes")

    deciding.vote(decision, world.ada.keyring, by=world.ada.user, choice="yes")

    case.refresh_from_db()
    assert queries.standing(case) == decision and case.state == Case.State.DECIDED
    assert [m.title for m in queries.measures(case, world.bo.keyring)] == [
        guidance.measures(case.policy_version.policy)["warning"].title
    ]
    assert duty(case, "decide").state == "done"
    assert {"tell_outcome_reporter", "tell_outcome_reported"} <= set(case.duties.values_list("name", flat=True))


@pytest.mark.requirement("R48")
def test_dissent_is_kept_and_what_is_voted_down_is_not_done(world: World) -> None:
    case = met(world)
    decision = propose(case, world.bo)
    deciding.vote(decision, world.ada.keyring, by=world.ada.user, choice="no", words="Too little")
    blocked("quorum", deciding.count, decision, world.bo.keyring, by=world.bo.user)
    deciding.vote(decision, world.cleo.keyring, by=world.cleo.user, choice="no")

    (view,) = queries.decisions(case, world.bo.user, world.bo.keyring)
    assert view.row.state == Decision.State.REJECTED
    assert ("Ada", "No", "Too little") in view.votes
    assert not queries.measures(case, world.bo.keyring)
    assert propose(case, world.bo)


@pytest.mark.requirement("R49", "R51")
def test_who_is_out_of_the_case_neither_proposes_nor_votes(world: World) -> None:
    case = met(world, told={"out": [world.cleo]})
    decision = propose(case, world.bo)
    with pytest.raises(duties.WrongState):
        deciding.vote(decision, world.cleo.keyring, by=world.cleo.user, choice="no")
    for person in (world.cleo, world.lara, world.gita):
        client = person.client()
        for page in ("decide", "outcome", "vote", "close", "letters"):
            assert client.get(f"/team/cases/{case.pk}/{page}/").status_code in {404, 405}
            assert client.post(f"/team/cases/{case.pk}/{page}/", {"choice": "no"}).status_code in {404, 405}
    assert not decision.votes.exists()


@pytest.mark.requirement("R53")
def test_nobody_is_decided_about_unheard_but_with_a_reason(world: World) -> None:
    case = open_case(world)
    reported(case, world.bo)
    hold(case, world.bo, world.bo, world.ada, reason="They are gone")
    case.refresh_from_db()
    blocked("unheard_meeting", propose, case, world.bo)
    propose(case, world.bo, unheard="They do not answer since March")
    assert any("They do not answer" in line.body for line in queries.timeline(case, world.bo.keyring))


@pytest.mark.requirement("R56", "R58")
@pytest.mark.parametrize(
    ("proposal", "reason"),
    [
        (breach(wanted(safety=" ")), "no_safety"),
        (breach(wanted("refund")), "condition"),
        (deciding.Proposal("no_breach", "contact", "", "", "nothing", [wanted()]), "measure_without_breach"),
        (deciding.Proposal("breach", "contact", "", "", "x", [wanted()]), "unweighed"),
    ],
)
def test_a_measure_needs_a_finding_its_safety_and_its_condition(
    world: World, proposal: deciding.Proposal, reason: str
) -> None:
    case = met(world)
    blocked(reason, propose, case, world.bo, proposal)
    assert not case.measures.exists()


@pytest.mark.requirement("R58")
def test_a_grant_is_asked_back_only_where_that_was_its_condition(world: World) -> None:
    case = decided(world, wanted("refund", condition_met=True))
    assert [m.row.kind for m in queries.measures(case, world.bo.keyring)] == ["refund"]


@pytest.mark.requirement("R63", "R64")
def test_no_measure_is_an_apology_or_a_meeting_of_the_two(world: World) -> None:
    case = met(world)
    for kind in ("apology", "mediation", "../warning"):
        with pytest.raises(duties.WrongState):
            propose(case, world.bo, breach(wanted(kind)))
    titles = " ".join(m.title.casefold() for m in guidance.measures(guidance.default_policy()).values())
    assert "apolog" not in titles and "mediat" not in titles


@pytest.mark.requirement("R57")
def test_the_catalogue_holds_every_sanction_of_the_guide_and_the_communitys_own(world: World) -> None:
    policy = guidance.default_policy()
    assert set(guidance.measures(policy)) >= {
        "warning", "keep_away", "talk_ended", "video_withheld", "no_talks", "volunteer_ended", "no_volunteering", "refund",
        "leave", "ban", "membership", "public_account",
    }  # fmt: skip
    lead = world.ada.client()
    lead.post(
        "/team/of/berlin/measures/",
        {"title": "No mentoring", "safety": "They teach nobody", "enforced": "Tell the mentors"},
    )
    lead.post("/team/of/berlin/measures/", {"remove": "membership"})
    now = PolicyVersion.objects.filter(team=world.berlin).order_by("-number")[0].policy
    assert "membership" not in guidance.measures(now)
    case = decided(world, wanted("own_1"))
    assert [d.title for d in queries.to_do(case, world.bo.user, world.bo.keyring) if d.row.name == "enforce"] == [
        "Tell the mentors"
    ]


@pytest.mark.requirement("R57", "R59")
def test_a_ban_is_enforced_place_by_place_each_by_a_person_and_its_end_is_looked_at(world: World) -> None:
    end = timezone.localdate() + timedelta(days=365)
    case = decided(world, wanted("ban", scope="network", ends_on=end))

    todo = [d for d in queries.to_do(case, world.bo.user, world.bo.keyring) if d.row.name == "enforce"]
    assert len(todo) == 4 and any("ticket shop" in d.title for d in todo)
    review = duty(case, "look_at_end")
    assert review.due_at.date() == end - BEFORE_END
    blocked("not_done", closing.close, case, world.bo.keyring, by=world.bo.user)
    duties.tick(todo[0].row, world.bo.keyring, by=world.bo.user)
    todo[0].row.refresh_from_db()
    assert todo[0].row.done_by == world.bo.user


@pytest.mark.requirement("R59")
def test_a_measure_that_ends_is_called_for_although_the_case_is_closed(world: World) -> None:
    from heard.cases.actions import clocks

    end = timezone.localdate() + timedelta(days=100)
    case = decided(world, wanted("keep_away", ends_on=end))
    case.duties.exclude(name="look_at_end").update(state="done")
    closing.close(case, world.bo.keyring, by=world.bo.user)
    with time_machine.travel(timezone.now() + timedelta(days=88)):
        clocks.go_round()
    assert duty(case, "look_at_end").nudged_at is not None
    review = duty(case, "look_at_end")
    assert review in {todo.row for todo in queries.board(world.bo.user, world.bo.keyring, 50)}


@pytest.mark.requirement("R60")
def test_a_published_account_waits_for_a_second_person(world: World) -> None:
    case = decided(world, wanted("public_account"))
    (measure,) = case.measures.all()
    assert measure.state == Measure.State.WAITS and not case.duties.filter(name="enforce").exists()
    blocked("second_person", measures.approve, measure, world.bo.keyring, by=world.bo.user)
    measures.approve(measure, world.ada.keyring, by=world.ada.user)
    measure.refresh_from_db()
    assert (measure.state, measure.approved_by) == (Measure.State.IN_FORCE, world.ada.user)
    assert case.duties.filter(name="enforce").count() == 1


@pytest.mark.requirement("R57")
def test_a_measure_taken_at_once_is_reviewed_by_somebody_else_and_can_be_lifted(world: World) -> None:
    case = open_case(world)
    facts = {"kind": "leave", "scope": "event", "safety": "they are not in one room", "details": ""}
    measure = measures.at_once(case, world.bo.keyring, by=world.bo.user, **facts)
    review = duty(case, "review_emergency")
    assert review.due_at <= timezone.now() + timedelta(hours=24) and review.owner == world.ada.user
    blocked("second_person", duties.tick, review, world.bo.keyring, by=world.bo.user)
    blocked("reason", measures.lift, measure, world.ada.keyring, by=world.ada.user, reason=" ")
    first = case.duties.filter(name="enforce")[0]
    duties.tick(first, world.bo.keyring, by=world.bo.user)

    measures.lift(measure, world.ada.keyring, by=world.ada.user, reason="It was a mix-up")

    measure.refresh_from_db()
    assert measure.state == Measure.State.LIFTED and duty(case, "review_emergency").state == "done"
    todo = queries.to_do(case, world.bo.user, world.bo.keyring)
    assert any(d.title.startswith("Undo it") for d in todo if d.row.state == "open")


@pytest.mark.requirement("R60")
def test_what_needs_a_second_person_is_never_taken_at_once(world: World) -> None:
    case = open_case(world)
    facts = {"scope": "network", "safety": "x", "details": ""}
    for kind in ("public_account", "refund", "apology"):
        with pytest.raises(duties.WrongState):
            measures.at_once(case, world.bo.keyring, by=world.bo.user, kind=kind, **facts)


def test_what_was_voted_on_is_changed_by_a_vote_alone(world: World) -> None:
    case = decided(world, wanted("ban"))
    (measure,) = case.measures.all()
    blocked("voted", measures.lift, measure, world.bo.keyring, by=world.bo.user, reason="He is a friend")


@pytest.mark.requirement("R79")
def test_like_cases_lie_beside_the_decision_without_names_and_without_those_one_may_not_open(world: World) -> None:
    first = decided(world, wanted("ban"), told={"out": [world.cleo]})
    case = met(world)
    own, elsewhere = queries.comparable(case, world.bo.user, "contact")
    assert [o.case_id for o in own] == [first.pk] and own[0].measures == ["ban"] and not elsewhere
    assert queries.comparable(case, world.cleo.user, "contact") == ([], {})
    for _number in range(5):
        Outcome.objects.create(
            team=world.lagos,
            level="other",
            category="contact",
            finding="breach",
            measures=["leave"],
            month=date(2026, 1, 1),
        )
        known = queries.comparable(case, world.cleo.user, "contact")[1]
    assert known == {"leave": 5}
    page = world.bo.client().post(
        f"/team/cases/{case.pk}/decide/", {"weigh": "1", "category": "contact", "impact": "high", "risk": "high"}
    )
    assert "A ban" in page.text and "Quagmire" not in page.text


def test_the_weighing_suggests_what_fits(world: World) -> None:
    policy = guidance.default_policy()
    assert guidance.suggested(policy, "low", "low")[0] == "warning"
    assert "ban" in guidance.suggested(policy, "high", "high") and "ban" not in guidance.suggested(
        policy, "high", "low"
    )
    assert "final_warning" in guidance.suggested(policy, "low", "high")


# Letters


@pytest.mark.requirement("R54")
def test_a_letter_leaves_checked_and_read_by_a_second_person(world: World) -> None:
    case = decided(world)
    notice = letter(case, world.bo, "outcome_breach_reporter")
    blocked("unread", notices.send, notice, world.bo.keyring, by=world.bo.user)
    notices.hand_to_reader(notice, world.bo.keyring, by=world.bo.user)
    notice.refresh_from_db()
    blocked("second_reader", approve, notice, world.bo)
    approve(notice, world.ada)
    notice.refresh_from_db()
    notices.send(notice, world.bo.keyring, by=world.bo.user)

    report = Report.objects.get(case_safe=case.safe_id)
    assert WELL in [line.body for line in reports.conversation(report, world.bo.keyring, notes=False)]
    assert duty(case, "tell_outcome_reporter").state == "done"
    with pytest.raises(duties.WrongState):
        notices.send(notice, world.bo.keyring, by=world.bo.user)


def test_who_changes_a_letter_has_it_read_again(world: World) -> None:
    case = decided(world)
    notice = letter(case, world.bo, "outcome_breach_reporter")
    notices.hand_to_reader(notice, world.bo.keyring, by=world.bo.user)
    notice.refresh_from_db()
    approve(notice, world.ada)
    notices.rewrite(notice, world.cleo.keyring, by=world.cleo.user, text="Something else entirely is written here now.")
    notice.refresh_from_db()
    assert notice.state == Notice.State.DRAFT
    blocked("unread", notices.send, notice, world.bo.keyring, by=world.bo.user)


@pytest.mark.requirement("R41", "R42", "R43", "R54")
def test_marked_words_leave_only_with_a_reason_on_record(world: World) -> None:
    case = decided(world)
    bad = "Hello. If you would rather withdraw your report, just let us know and we will close it."
    notice = letter(case, world.bo, "free_reporter", bad)
    blocked("marked", notices.hand_to_reader, notice, world.bo.keyring, by=world.bo.user)
    notices.hand_to_reader(notice, world.bo.keyring, by=world.bo.user, reason="They asked whether they can")
    view = queries.notice_view(Notice.objects.select_related("case__team").get(pk=notice.pk), world.ada.keyring)
    assert view.reason == "They asked whether they can" and view.text == bad


@pytest.mark.requirement("R28")
def test_only_the_contact_sends_to_the_reporter(world: World) -> None:
    case = decided(world)
    notice = letter(case, world.ada, "outcome_breach_reporter")
    notices.hand_to_reader(notice, world.ada.keyring, by=world.ada.user)
    notice.refresh_from_db()
    approve(notice, world.bo)
    notice.refresh_from_db()
    blocked("contact", notices.send, notice, world.ada.keyring, by=world.ada.user)
    assert duty(case, "tell_outcome_reporter").state == "open"


@pytest.mark.requirement("R54")
def test_what_is_in_brackets_or_too_long_does_not_leave(world: World) -> None:
    case = decided(world)
    text = guidance.notices()["outcome_none_reporter"].text
    notice = letter(case, world.bo, "outcome_none_reporter", text)
    blocked("open_places", notices.hand_to_reader, notice, world.bo.keyring, by=world.bo.user, reason="x")
    long = letter(case, world.bo, "employer", "word " * 400, acted_as="booth")
    blocked("too_long", notices.hand_to_reader, long, world.bo.keyring, by=world.bo.user, reason="x")


@pytest.mark.requirement("R61", "R62")
def test_an_employer_is_told_only_if_they_acted_for_it(world: World) -> None:
    case = decided(world)
    blocked("acted_as", letter, case, world.bo, "employer")
    blocked("acted_as", letter, case, world.bo, "employer", acted_as="colleague")
    assert len(guidance.ACTED_AS) == 6
    client = world.bo.client()
    page = client.post(f"/team/cases/{case.pk}/letters/write/employer/", {"text": WELL, "acted_as": ""})
    assert page.status_code == 422 and not Notice.objects.exists()
    notice = letter(
        case, world.bo, "employer", "Jonathan Quagmire stood too close to people at your booth.", acted_as="booth"
    )
    assert sent(world, notice) == ""
    assert client.get(f"/team/cases/{case.pk}/letters/{notice.pk}/paper/").content.startswith(b"%PDF")


@pytest.mark.requirement("R65")
def test_an_apology_is_passed_on_in_a_line_and_only_if_it_is_allowed(world: World) -> None:
    case = decided(world)
    text = guidance.notices()["relay_apology"].text
    blocked("no_apology", letter, case, world.bo, "relay_apology", text)
    Case.objects.filter(pk=case.pk).update(takes_apology=True)
    case.refresh_from_db()
    notice = letter(case, world.bo, "relay_apology", text)
    Case.objects.filter(pk=case.pk).update(takes_apology=False)
    blocked("no_apology", notices.hand_to_reader, notice, world.bo.keyring, by=world.bo.user)
    Case.objects.filter(pk=case.pk).update(takes_apology=True)
    long = letter(Case.objects.get(pk=case.pk), world.bo, "relay_apology", "They are sorry. " * 30)
    blocked("too_long", notices.hand_to_reader, long, world.bo.keyring, by=world.bo.user, reason="x")
    sent(world, notice)


@pytest.mark.requirement("R66")
def test_pressing_an_apology_opens_a_case_of_its_own(world: World) -> None:
    case = decided(world, told={"out": [world.cleo]})
    client = world.bo.client()
    page = client.post(f"/team/cases/{case.pk}/following/", {"what": "He sent flowers to her flat, with a card"})
    new = Case.objects.get(follows=case)
    assert page.headers["Location"] == new.get_absolute_url()
    assert [party.name for party in queries.parties(new, world.bo.keyring)] == ["Jonathan Quagmire"]
    assert world.cleo.client().get(new.get_absolute_url()).status_code == 404


# Appeal


def decided_by_three(world: World, third: Person, *kinds: deciding.Wanted) -> Case:
    """Decided by Bo, Ada and a third in a larger team: the votes are counted."""
    case = met(world, also=[third])
    decision = propose(case, world.bo, breach(*kinds))
    for person in (world.bo, world.ada, third):
        deciding.vote(decision, person.keyring, by=person.user, choice="yes")
    assert deciding.count(decision, world.bo.keyring, by=world.bo.user)
    return Case.objects.get(pk=case.pk)


@pytest.mark.requirement("R55")
def test_an_appeal_with_the_code_is_answered_by_others_and_the_measure_stands_meanwhile(world: World) -> None:
    people = [join(world.berlin, name) for name in ("Eli", "Fay", "Gil")]
    case = decided_by_three(world, people[0], wanted("ban"))
    code = told(world, case)
    guest = Client()
    assert "stays in force meanwhile" in guest.post("/answer/", {"code": code}).text
    body = {"code": code, "grounds": "facts", "text": f"I was in another town {SECRET}"}

    assert "It has arrived" in guest.post("/answer/appeal/", body).text

    case.refresh_from_db()
    assert case.state == Case.State.APPEALED
    assert queries.measures(case, world.bo.keyring)[0].row.state == Measure.State.IN_FORCE
    hearing.adopt(case, world.bo.keyring, by=world.bo.user)
    assert SECRET in queries.appeals(case, world.bo.keyring)[0].words
    # A second one, or an answer by those who decided, is not possible.
    assert "nothing can be appealed" in guest.post("/answer/appeal/", body).text
    blocked("panel", propose, case, world.bo)
    appeal = queries.open_appeal(case)
    assert appeal and {m.shown_name for m in queries.panel(case, appeal)} == {"Cleo", "Fay", "Gil"}
    assert duty(case, "answer_appeal").due_at <= timezone.now() + timedelta(days=14, hours=2)


@pytest.mark.requirement("R55")
def test_an_appeal_that_changes_a_measure(world: World) -> None:
    people = [join(world.berlin, name) for name in ("Eli", "Fay", "Gil")]
    case = decided_by_three(world, people[0], wanted("ban"), wanted("video_withheld"))
    told(world, case)
    appeals.write_down(case, world.bo.keyring, by=world.bo.user, grounds="measure", text="For ever is too long")
    case.refresh_from_db()
    end = timezone.localdate() + timedelta(days=200)
    decision = propose(case, people[1], breach(wanted("ban", ends_on=end)))
    with pytest.raises(duties.WrongState):
        deciding.vote(decision, world.bo.keyring, by=world.bo.user, choice="no")
    for person in people[1:]:
        deciding.vote(decision, person.keyring, by=person.user, choice="yes")

    in_force = queries.measures(case, world.bo.keyring)
    assert [(m.row.kind, m.row.ends_on) for m in in_force] == [("ban", end)]
    assert case.measures.get(kind="video_withheld").state == Measure.State.LIFTED
    assert case.appeals.get().outcome == Appeal.Outcome.CHANGED
    assert Outcome.objects.get(case=case).appealed == "changed"
    assert case.duties.filter(name="tell_outcome_reported", state="open").count() == 1


@pytest.mark.requirement("R55")
def test_where_too_few_are_left_the_global_team_answers_the_appeal(world: World) -> None:
    case = decided(world, wanted("ban"))
    told(world, case)
    appeals.write_down(case, world.bo.keyring, by=world.bo.user, grounds="process", text="Nobody asked me")
    case.refresh_from_db()
    appeal = queries.open_appeal(case)
    assert appeal and not appeals.is_enough(case, appeal)
    assert queries.case_for(world.gita.user, case.pk) is None

    page = world.bo.client().post(f"/team/cases/{case.pk}/appeal/lend/")

    assert page.status_code == 302 and appeals.is_enough(case, appeal)
    assert queries.case_for(world.gita.user, case.pk) == case
    assert world.gita.client().get(f"/team/cases/{case.pk}/outcome/").status_code == 200
    decision = propose(case, world.gita, breach(wanted("ban")))
    for person in (world.gita, world.gus):
        deciding.vote(decision, person.keyring, by=person.user, choice="yes")
    assert case.appeals.get().outcome == Appeal.Outcome.UPHELD
    # They were lent for this alone.
    assert queries.case_for(world.gita.user, case.pk) is None
    with pytest.raises(NoGrant):
        world.gus.keyring.key_of(case.safe_id)
    answered = queries.decisions(case, world.bo.user, world.bo.keyring)[0]
    assert {name for name, _choice, _words in answered.votes} == {"Gita", "Gus"}
    assert [m.row.state for m in queries.measures(case, world.bo.keyring)] == [Measure.State.IN_FORCE]


@pytest.mark.requirement("R55")
def test_an_appeal_after_its_time_is_not_taken_and_one_in_time_opens_a_closed_case(world: World) -> None:
    case = decided(world)
    code = told(world, case)
    case.duties.update(state="done")
    closing.close(case, world.bo.keyring, by=world.bo.user)
    found = queries.guest(code)
    assert found
    with pytest.raises(hearing.NotOpen):
        hearing.give_side(found[0], "more")
    with time_machine.travel(timezone.now() + timedelta(days=31)), pytest.raises(hearing.NotOpen):
        appeals.lodge(found[0], grounds="facts", text="late")
    appeals.lodge(found[0], grounds="facts", text="in time")
    case.refresh_from_db()
    assert case.state == Case.State.APPEALED


# Closing


@pytest.mark.requirement("R54")
def test_a_case_is_closed_only_with_everything_done_told_and_answered(world: World) -> None:
    case = met(world)
    client = world.bo.client()
    close = f"/team/cases/{case.pk}/close/"
    blocked("undecided", closing.close, case, world.bo.keyring, by=world.bo.user)
    case = decided(world, case=case)
    blocked("not_done", closing.close, case, world.bo.keyring, by=world.bo.user)
    for name in ("tell_outcome_reporter", "tell_outcome_reported"):
        blocked("page", duties.tick, duty(case, name), world.bo.keyring, by=world.bo.user)
        blocked("reason", duties.waive, duty(case, name), world.bo.keyring, by=world.bo.user, reason="")
    told(world, case)
    for row in case.duties.filter(state="open"):
        duties.waive(row, world.bo.keyring, by=world.bo.user, reason="done by phone")
    draft = letter(case, world.bo, "free_reporter")
    blocked("unsent", closing.close, case, world.bo.keyring, by=world.bo.user)
    notices.drop(draft, world.bo.keyring, by=world.bo.user)
    client.post(close)
    case.refresh_from_db()
    assert case.state == Case.State.CLOSED
    blocked("reason", closing.reopen, case, world.bo.keyring, by=world.bo.user, reason="")
    client.post(f"/team/cases/{case.pk}/reopen/", {"reason": "Somebody else came forward"})
    case.refresh_from_db()
    assert case.state == Case.State.DECIDED
    assert {"case.closed", "case.reopened"} <= {e.what for e in audit.entries(f"safe:{case.safe_id}")}


@pytest.mark.requirement("R80")
def test_what_the_policy_lacked_goes_to_the_lead_and_shows_nobody(world: World) -> None:
    case = decided(world)
    facts = {"went_well": "The poll", "was_hard": ""}
    named = "A rule for people like Jonathan Quagmire"
    blocked("shows_somebody", closing.look_back, case, world.bo.keyring, by=world.bo.user, lacked=named, **facts)
    page = world.bo.client().post(f"/team/cases/{case.pk}/look-back/", {**facts, "lacked": "A rule for shared flats"})
    assert page.status_code == 302
    lead = world.ada.client()
    assert "A rule for shared flats" in lead.get("/team/of/berlin/policy/").text
    row = Proposal.objects.get()
    lead.post(f"/team/of/berlin/policy/proposals/{row.pk}/", {"state": "taken"})
    row.refresh_from_db()
    assert row.state == Proposal.State.TAKEN


def test_a_drill_leaves_no_figures(world: World) -> None:
    world.bo.client().post("/team/of/berlin/drill/", {"level": "witnessed"})
    case = Case.objects.get(is_drill=True)
    hearing.write_down(case, world.bo.keyring, by=world.bo.user, text="no", key="k")
    hold(case, world.bo, world.ada, world.bo)
    case.refresh_from_db()
    decided(world, case=case)
    assert not Outcome.objects.exists()

"""Every rule of the outcome, broken on purpose: through the pages as they are, and by requests that no page would send."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from heard.cases.models import Case, Decision, Measure, Notice
from heard.reports import queries as reports
from tests.cases.outcome import WELL, decided, met, wanted
from tests.conftest import Person, World

BREACH = {
    "finding": "breach", "category": "contact", "impact": "low", "risk": "low", "reasons": "He was asked twice to stop.",
}  # fmt: skip


def post(by: Person, case: Case, path: str, **facts: Any) -> str:
    """Send a form of a case's page, and return what the page says then."""
    return by.browser.post(f"/team/cases/{case.pk}/{path}/", facts, follow=True).content.decode()


def begun(by: Person, case: Case, kind: str, text: str, **facts: Any) -> Notice | None:
    """Begin a letter on its page; return it where it was kept."""
    before = set(case.notices.values_list("pk", flat=True))
    post(by, case, f"letters/write/{kind}", text=text, **facts)
    return case.notices.exclude(pk__in=before).first()


def step(by: Person, case: Case, notice: Notice, do: str, **facts: str) -> str:
    said = post(by, case, f"letters/{notice.pk}/step", do=do, **facts)
    notice.refresh_from_db()
    return said


@pytest.mark.requirement("R56", "R58", "R59")
@pytest.mark.parametrize(
    ("crafted", "kind"),
    [
        ({"take_warning": "on", "safety_warning": ""}, "warning"),
        ({"take_refund": "on", "safety_refund": "none is owed"}, "refund"),
        ({"take_ban": "on", "safety_ban": "he is gone", "ends_ban": "2020-01-01"}, "ban"),
        ({"take_ban": "on", "safety_ban": "he is gone", "ends_ban": "for ever"}, "ban"),
        ({"take_warning": "on", "safety_warning": "noticed", "scope_warning": "universe"}, "warning"),
        ({"take_warning": "on", "safety_warning": "noticed", "impact": "", "risk": ""}, "warning"),
        ({"take_warning": "on", "safety_warning": "noticed", "finding": "no_breach"}, "warning"),
    ],
)
def test_no_page_proposes_a_measure_without_its_safety_its_condition_its_end(
    world: World, crafted: dict[str, str], kind: str
) -> None:
    case = met(world)
    page = post(world.bo, case, "decide", **(BREACH | crafted))
    assert not Decision.objects.exists() and not Measure.objects.filter(kind=kind).exists()
    assert "He was asked twice to stop." in page, "what was typed is kept"


@pytest.mark.requirement("R57", "R63")
@pytest.mark.parametrize("kind", ["apology", "mediation", "excuse"])
def test_what_is_not_in_the_catalogue_is_no_measure(world: World, kind: str) -> None:
    case = met(world)
    crafted = {f"take_{kind}": "on", f"safety_{kind}": "they made up", f"scope_{kind}": "chapter"}
    post(world.bo, case, "decide", **(BREACH | crafted))
    post(world.bo, case, "at-once", kind=kind, scope="chapter", safety="they made up")
    assert not Measure.objects.exists()


@pytest.mark.requirement("R60")
def test_who_proposed_a_published_account_does_not_approve_it(world: World) -> None:
    case = decided(world, wanted("public_account"))
    measure = case.measures.get()
    assert measure.state == Measure.State.WAITS
    path = f"measure/{measure.pk}/approve"
    post(world.bo, case, path)
    post(world.lara, case, path)
    measure.refresh_from_db()
    assert measure.state == Measure.State.WAITS
    other = decided(world)
    post(world.ada, other, path)
    measure.refresh_from_db()
    assert measure.state == Measure.State.WAITS, "by the address of another case"
    post(world.ada, case, path)
    measure.refresh_from_db()
    assert measure.state == Measure.State.IN_FORCE


@pytest.mark.requirement("R54")
def test_no_letter_skips_its_reader_and_no_case_its_letters(world: World) -> None:
    case = decided(world)
    notice = begun(world.bo, case, "outcome_breach_reporter", WELL)
    assert notice
    for do in ("send", "read"):
        step(world.bo, case, notice, do)
        assert notice.state == Notice.State.DRAFT
    step(world.bo, case, notice, "ready")
    for person, do, seen in ((world.bo, "read", "x"), (world.ada, "read", ""), (world.ada, "read", "0" * 64)):
        step(person, case, notice, do, seen=seen)
        assert notice.state == Notice.State.READY
    post(world.bo, case, "close")
    case.refresh_from_db()
    assert case.state == Case.State.DECIDED
    report = reports.reports_for(world.bo.user).get(case_safe=case.safe_id)
    assert (
        not report.messages.filter(kind="out", body__isnull=False)
        .exclude(author=None)
        .filter(made_at__gt=notice.made_at)
        .exists()
    )


@pytest.mark.requirement("R61", "R62")
def test_no_employer_is_told_without_how_they_acted_nor_at_length_nor_who_told(world: World) -> None:
    case = decided(world, told={"your_name": "Theodora Wintergreen"})
    short = "Jonathan Quagmire was at our meetup on Friday, at your booth, and stood too close to others."
    for acted in ("", "friend", "'; DROP TABLE"):
        assert begun(world.bo, case, "employer", short, acted_as=acted) is None
    notice = begun(world.bo, case, "employer", short + " Theodora Wintergreen told us.", acted_as="booth")
    assert notice
    step(world.bo, case, notice, "ready", reason="they have to know")
    assert notice.state == Notice.State.DRAFT
    post(world.bo, case, f"letters/{notice.pk}/rewrite", text=short + " Please see to it." * 200)
    step(world.bo, case, notice, "ready", reason="it is important")
    assert notice.state == Notice.State.DRAFT
    assert world.bo.client().get(f"/team/cases/{case.pk}/letters/{notice.pk}/paper/").status_code == 404


@pytest.mark.requirement("R63", "R64")
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("outcome_breach_reported", "Please write an apology to the person who told us."),
        ("outcome_breach_reported", "We would like the two of you to sit down together with a mediator."),
        ("free_reporter", "He is sorry; could you find it in your heart to forgive him?"),
    ],
)
def test_no_letter_asks_for_an_apology_or_brings_the_two_together(world: World, kind: str, words: str) -> None:
    case = decided(world)
    notice = begun(world.bo, case, kind, f"{WELL} {words}")
    assert notice
    page = step(world.bo, case, notice, "ready")
    assert notice.state == Notice.State.DRAFT and "marked" in page


@pytest.mark.requirement("R65")
def test_no_apology_is_passed_on_unasked_or_at_length(world: World) -> None:
    case = decided(world)
    line = "The other person asked us to say that they are sorry."
    assert begun(world.bo, case, "relay_apology", line) is None, "nobody allowed it"
    Case.objects.filter(pk=case.pk).update(takes_apology=True)
    notice = begun(world.bo, case, "relay_apology", line)
    assert notice
    # The permission is taken back before it leaves; then it is given again, and the line has grown.
    Case.objects.filter(pk=case.pk).update(takes_apology=False)
    step(world.bo, case, notice, "ready", reason="he means it")
    assert notice.state == Notice.State.DRAFT
    Case.objects.filter(pk=case.pk).update(takes_apology=True)
    post(world.bo, case, f"letters/{notice.pk}/rewrite", text="They are sorry. " * 100)
    step(world.bo, case, notice, "ready", reason="he means it")
    assert notice.state == Notice.State.DRAFT


@pytest.mark.requirement("R66")
def test_a_case_of_its_own_grows_out_of_one_only_by_who_handles_it(world: World) -> None:
    case = decided(world, told={"out": [world.cleo]})
    for stranger in (world.cleo, world.lara):
        assert stranger.browser.post(f"/team/cases/{case.pk}/following/", {"what": "He rang again"}).status_code == 404
    post(world.bo, case, "following", what=" ")
    assert not Case.objects.filter(follows=case).exists()
    post(world.bo, case, "following", what="He rang again and asked for forgiveness")
    new = Case.objects.get(follows=case)
    assert world.cleo.client().get(new.get_absolute_url()).status_code == 404


@pytest.mark.requirement("R55")
def test_an_appeal_is_not_made_up_and_not_answered_by_who_decided(world: World) -> None:
    case = met(world)
    post(world.bo, case, "appeal", grounds="process", text="It was unfair")
    assert not case.appeals.exists(), "nothing was decided"
    case = decided(world, wanted("ban", ends_on=timezone.localdate() + timedelta(days=90)))
    post(world.bo, case, "appeal", grounds="mood", text="It was unfair")
    assert not case.appeals.exists()
    post(world.bo, case, "appeal", grounds="process", text="It was unfair")
    assert case.appeals.count() == 1 and case.measures.get().state == Measure.State.IN_FORCE
    decisions = case.decisions.count()
    post(world.bo, case, "decide", **(BREACH | {"finding": "no_breach", "impact": "", "risk": ""}))
    post(world.ada, case, "vote", choice="yes")
    case.refresh_from_db()
    assert case.decisions.count() == decisions and case.state == Case.State.APPEALED

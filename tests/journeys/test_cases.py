"""From a report to a held meeting, in a browser: each level, desktop and phone, with scripts and without."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, is_sound, sign_in
from tests.journeys.test_journeys import Visit, open_report, press, report, unfold
from tests.services import Heard

pytestmark = pytest.mark.slow
WAYS = [
    pytest.param(script, size, id=f"{'js' if script else 'nojs'}-{size['width']}")
    for script, size in ((True, DESKTOP), (True, PHONE), (False, PHONE))
]


def acknowledged(visit: Visit, heard: Heard, words: str, *, script: bool, size: dict[str, int]) -> Page:
    """Report something as somebody, and acknowledge it as Ada; return her page."""
    report(visit(script=script, size=size), words)
    page = visit(script=script, size=size)
    sign_in(page, heard, "ada")
    open_report(page, words)
    press(page, "Acknowledge")
    press(page, "Send")
    return page


def soon() -> str:
    return f"{datetime.now() + timedelta(hours=2):%Y-%m-%dT%H:%M}"


def fill_moment(page: Page, name: str, value: str) -> None:
    page.fill(f"[name={name}]", value)


def call_and_hold(page: Page, shot: str = "", case: str = "") -> None:
    """Call the meeting, and write it down with one task."""
    case = case or re.sub(r"(/team/cases/[^/]+/).*", r"\1", page.url)
    page.goto(case + "meeting/")
    if shot:
        is_sound(page, f"{shot}-meeting")
    page.fill("[name=starts_at]", soon())
    page.fill("[name=where]", "Room 2")
    press(page, "Call the meeting")
    page.goto(case + "side/")
    page.fill("[name=text]", "I only wanted to be friendly")
    press(page, "Keep it")
    expect(page.locator("main")).to_contain_text("I only wanted to be friendly")
    page.goto(case + "meeting/hold/")
    if shot:
        is_sound(page, f"{shot}-hold")
    page.get_by_label("Ada", exact=True).check()
    page.get_by_label("Bo", exact=True).check()
    page.fill("[name=happened]", "He stood too close")
    page.fill("[name=act]", "Yes: a warning")
    page.fill("[name=what1]", "Write to him")
    page.locator("[name=who1]").select_option(label="Bo")
    page.fill("[name=when1]", soon())
    press(page, "Keep it")
    expect(page.locator("main")).to_contain_text("Each task stands among the duties now")


@pytest.mark.requirement("R39", "R40", "R47", "R48")
@pytest.mark.parametrize(("script", "size"), WAYS)
@pytest.mark.parametrize("level", ["danger", "witnessed", "private", "other"])
def test_from_a_report_to_a_held_meeting(
    visit: Visit, heard: Heard, level: str, script: bool, size: dict[str, int]
) -> None:
    words = f"What happened {level} {script} {size['width']}"
    page = acknowledged(visit, heard, words, script=script, size=size)
    page.get_by_role("link", name="Open a case").click()
    page.locator(f"[name=level][value={level}]").check()
    shot = f"case-{level}-{size['width']}" if script else ""
    if level == "danger":
        page.locator("[name=safety][value=unsure]").check()
        if shot:
            is_sound(page, f"{shot}-open")
    press(page, "Open the case")
    expect(page.locator("main")).to_contain_text("The case is open")
    if shot:
        is_sound(page, shot)
    if level == "danger":
        expect(page.get_by_role("alert").first).to_contain_text("Not everybody is known to be safe")
        press(page, "Yes")
        expect(page.get_by_role("heading", name="Not everybody is known to be safe")).to_have_count(0)
        for _ in range(2):  # ask how you can help; give them the list
            press(page, "Done")
    if level == "private":
        press(page, "I have asked them in person")
        expect(page.locator("main")).to_contain_text("They may object.")
        case = page.url
        page.goto(case + "meeting/")
        page.fill("[name=starts_at]", soon())
        page.fill("[name=where]", "Room 2")
        press(page, "Call the meeting")
        expect(page.locator("main")).to_contain_text("The time to object is not over yet")
        heard.sql("UPDATE cases_case SET object_until = '2026-01-01 00:00:00'")
    call_and_hold(page, shot)
    expect(page.locator("main")).to_contain_text("The meeting was held")
    page.goto("/team/board/")
    if shot:
        is_sound(page, f"{shot}-board")
    expect(page.locator("main")).to_contain_text("Write to him")


@pytest.mark.requirement("R52", "R53")
@pytest.mark.parametrize(("script", "size"), WAYS)
def test_the_person_reported_is_told_and_answers(
    visit: Visit, heard: Heard, script: bool, size: dict[str, int]
) -> None:
    page = acknowledged(visit, heard, f"Told and heard {script} {size['width']}", script=script, size=size)
    page.get_by_role("link", name="Open a case").click()
    page.locator("[name=level][value=witnessed]").check()
    press(page, "Open the case")
    case = page.url
    unfold(page, "Put somebody down")
    page.locator("[name=role]").select_option("reported")
    page.fill("[name=name]", "Robin Example")
    press(page, "Put down")
    page.goto(case + "tell/")
    if script:
        is_sound(page, f"tell-{size['width']}")
    page.fill("[name=words]", "Somebody told us about Friday evening; we have decided nothing.")
    press(page, "Make their code")
    code = page.locator("#code").inner_text().strip()
    if script:
        is_sound(page, f"told-{size['width']}")

    guest = visit(script=script, size=size)
    guest.goto("/answer/")
    guest.fill("[name=code]", code.lower())
    press(guest, "Show it")
    expect(guest.locator("main")).to_contain_text("we have decided nothing")
    if script:
        is_sound(guest, f"guest-{size['width']}")
    guest.fill("[name=text]", "That is not how it was")
    press(guest, "Send")
    expect(guest.locator("main")).to_contain_text("It has arrived")
    assert guest.context.cookies() == []

    page.goto(case)
    expect(page.locator("main")).to_contain_text("That is not how it was")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_practice_case_from_its_start_to_its_end(visit: Visit, heard: Heard, size: dict[str, int]) -> None:
    page = visit(size=size)
    sign_in(page, heard, "bo")
    page.goto("/team/cases/")
    is_sound(page, f"cases-{size['width']}")
    page.locator("[name=level][value=witnessed]").first.check()
    page.get_by_role("button", name=re.compile("Practise with")).first.click()
    expect(page.locator("main")).to_contain_text("This is practice")
    is_sound(page, f"drill-{size['width']}")
    page.goto(page.url + "tell/")
    press(page, "Make their code")
    expect(page.get_by_role("alert")).to_contain_text("in place of the one in brackets")
    page.fill("[name=words]", "Practice: somebody told us about Friday evening.")
    press(page, "Make their code")
    press(page, "I have given it to them, or will")
    call_and_hold(page)
    expect(page.locator("main")).to_contain_text("The meeting was held")


@pytest.mark.parametrize(("script", "size"), WAYS)
def test_acting_alone_is_reviewed_by_somebody_else(
    visit: Visit, heard: Heard, script: bool, size: dict[str, int]
) -> None:
    ada = acknowledged(visit, heard, f"Sent home at once {script} {size['width']}", script=script, size=size)
    ada.get_by_role("link", name="Open a case").click()
    ada.locator("[name=level][value=other]").check()
    press(ada, "Open the case")
    unfold(ada, "I had to act alone, at once")
    ada.fill("[name=what]", "I sent him home")
    ada.locator("details", has_text="I had to act alone").get_by_role("button", name="Note it").click()
    expect(ada.locator("main")).to_contain_text("Somebody else looks at it within a day")
    unfold(ada, "Look at what one of us did alone")
    step = ada.locator("details", has_text="Look at what one of us did alone").last
    step.get_by_role("button", name="Done", exact=True).click()
    expect(ada.locator("main")).to_contain_text("somebody else has to look at it")
    bo = visit(script=script, size=size)
    sign_in(bo, heard, "bo")
    bo.goto(ada.url)
    unfold(bo, "Look at what one of us did alone")
    bo.locator("details", has_text="Look at what one of us did alone").last.get_by_role(
        "button", name="Done", exact=True
    ).click()
    expect(bo.locator("summary", has_text="✓ Look at what one of us did alone")).to_have_count(1)


@pytest.mark.requirement("R51")
@pytest.mark.parametrize(("script", "size"), WAYS)
def test_a_meeting_that_fails_its_quorum_moves_up(
    visit: Visit, heard: Heard, script: bool, size: dict[str, int]
) -> None:
    page = acknowledged(visit, heard, f"Nobody else came {script} {size['width']}", script=script, size=size)
    page.get_by_role("link", name="Open a case").click()
    page.locator("[name=level][value=witnessed]").check()
    press(page, "Open the case")
    case = page.url
    page.goto(case + "meeting/")
    page.fill("[name=starts_at]", soon())
    page.fill("[name=where]", "Room 2")
    press(page, "Call the meeting")
    page.goto(case + "meeting/hold/")
    page.get_by_label("Ada", exact=True).check()
    page.fill("[name=happened]", "Only I was there")
    page.fill("[name=act]", "Nothing")
    press(page, "Keep it")
    expect(page.locator("main")).to_contain_text("The global team takes it over")
    answer = page.goto(case)
    assert answer
    assert answer.status == 404
    gita = visit(script=script, size=size)
    sign_in(gita, heard, "gita")
    gita.goto(case)
    expect(gita.locator("main")).to_contain_text("the global team takes over")


@pytest.mark.parametrize(("script", "size"), WAYS)
def test_a_chapter_of_two_goes_from_report_to_meeting(
    visit: Visit, heard: Heard, script: bool, size: dict[str, int]
) -> None:
    words = f"Two of us only {script} {size['width']}"
    report(visit(script=script, size=size), words, "/r/lagos/")
    page = visit(script=script, size=size)
    sign_in(page, heard, "lara")
    open_report(page, words)
    press(page, "Acknowledge")
    press(page, "Send")
    page.get_by_role("link", name="Open a case").click()
    page.locator("[name=level][value=witnessed]").check()
    press(page, "Open the case")
    case = page.url
    page.goto(case + "side/")
    page.fill("[name=text]", "It was not like that")
    press(page, "Keep it")
    page.goto(case + "meeting/")
    page.fill("[name=starts_at]", soon())
    page.fill("[name=where]", "By phone")
    press(page, "Call the meeting")
    page.goto(case + "meeting/hold/")
    for box in page.locator("[name=present]").all():
        box.check()
    assert page.locator("[name=present]").count() == 2
    page.fill("[name=happened]", "As it was told")
    page.fill("[name=act]", "A warning")
    press(page, "Keep it")
    expect(page.locator("main")).to_contain_text("The meeting was held")

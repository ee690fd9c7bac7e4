"""From a held meeting to a closed case, in a browser: decision, letters, appeal, measures one by one; and the other endings."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from heard import guidance
from tests.journeys.conftest import PHONE, is_sound, sign_in
from tests.journeys.test_cases import WAYS, acknowledged, call_and_hold
from tests.journeys.test_journeys import Visit, press, unfold
from tests.services import Heard

pytestmark = pytest.mark.slow


def met(visit: Visit, heard: Heard, words: str, *, script: bool, size: dict[str, int]) -> tuple[Page, Page, str]:
    """A case whose meeting was held, with somebody put down as reported; return Ada's and Bo's pages and its address."""
    ada = acknowledged(visit, heard, words, script=script, size=size)
    ada.get_by_role("link", name="Open a case").click()
    ada.locator("[name=level][value=witnessed]").check()
    press(ada, "Open the case")
    case = ada.url
    unfold(ada, "Put somebody down")
    ada.locator("[name=role]").select_option("reported")
    ada.fill("[name=name]", "Robin Example")
    press(ada, "Put down")
    call_and_hold(ada)
    bo = visit(script=script, size=size)
    sign_in(bo, heard, "bo")
    return ada, bo, case


def take(page: Page, *measures: str, until: str = "") -> None:
    for name in measures:
        box = page.locator(f"[name=take_{name}]")
        if not box.is_visible():
            page.locator("details", has=box).locator("summary").click()
        box.check()
    if until:
        page.fill("[name=ends_ban]", until)


def propose(page: Page, case: str, finding: str, *measures: str, until: str = "", shot: str = "") -> None:
    page.goto(case + "decide/")
    page.locator(f"[name=finding][value={finding}]").check()
    page.locator("[name=category]").select_option("contact")
    if finding == "breach":
        page.locator("[name=impact][value=high]").check()
        page.locator("[name=risk][value=high]").check()
        press(page, "Show what fits, and what was decided before")
        expect(page.locator("#before")).to_be_visible()
        if shot:
            is_sound(page, f"{shot}-decide")
    take(page, *measures, until=until)
    page.fill("[name=reasons]", "He was asked twice to stop, and did not.")
    press(page, "Propose it")
    expect(page.locator("main")).to_contain_text("being voted on")


def vote(case: str, *pages: Page) -> None:
    for page in pages:
        page.goto(case + "outcome/")
        page.locator("[name=choice][value=yes]").check()
        press(page, "Vote")
    pages[-1].goto(case + "outcome/")
    expect(pages[-1].locator("main")).to_contain_text("stands")


def letter(writer: Page, reader: Page, case: str, kind: str, shot: str = "") -> str:
    """Write, check, read and send a letter; return the code to hand over, if there is one."""
    writer.goto(f"{case}letters/write/{kind}/")
    box = writer.locator("[name=text]")
    text = box.input_value()
    press(writer, "Keep it and check it")
    if "[" in text:
        press(writer, "Give it to a second reader")
        expect(writer.get_by_role("alert").first).to_contain_text("square brackets")
        writer.fill("[name=text]", re.sub(r"\[[^\]]*\]", "Somebody stood too close to others.", text))
        press(writer, "Keep it and check it")
    if shot:
        is_sound(writer, shot)
    address = re.sub(r"step/$", "", writer.url)
    press(writer, "Give it to a second reader")
    reader.goto(address)
    press(reader, "I have read it; it can leave")
    writer.goto(address)
    press(writer, "It was handed over" if kind == "employer" else "Send it")
    code = writer.locator(".code")
    found = code.inner_text().strip() if code.count() else ""
    writer.goto(case + "outcome/")
    return found


def leave_out_the_rest(page: Page, heard: Heard, case: str) -> None:
    """What is still open is left out, with a reason each."""
    while True:
        page.goto(case)
        buttons = page.get_by_role("button", name="Leave it out, for this reason", include_hidden=True)
        if not buttons.count():
            return
        form = page.locator("form", has=buttons.first).first
        outer = page.locator("details", has=buttons.first)
        for fold in outer.all():
            if not fold.evaluate("d => d.open"):
                fold.locator("summary").first.click()
        form.locator("textarea").fill("Not needed any more")
        buttons.first.click()


PLACES = [place.title for text in guidance.measures(guidance.default_policy()).values() for place in text.enforced]
CHECK_INS = [guidance.duties()[name].title for name in ("check_in_1", "check_in_2")]


def waiting(page: Page, case: str, titles: list[str]) -> list[str]:
    """Return which of some steps wait on a case's page."""
    page.goto(case)
    shown = [text.strip() for text in page.locator("section.card h3").all_text_contents()]
    return [title for title in dict.fromkeys(titles) if title in shown]


def confirm(page: Page, case: str, title: str) -> None:
    """Say of one step that it is done."""
    page.goto(case)
    named = page.locator("h3", has_text=re.compile(rf"^\s*{re.escape(title)}\s*$"))
    step = page.locator("section.card", has=named).last
    for fold in page.locator("details", has=named).all():
        if not step.is_visible() and not fold.evaluate("d => d.open"):
            fold.locator("summary").first.click()
    step.get_by_role("button", name="Done", exact=True).click()
    expect(page.locator("summary", has_text=f"✓ {title}").first).to_be_attached()


@pytest.mark.requirement("R54", "R55", "R57", "R59")
@pytest.mark.parametrize(("script", "size"), WAYS)
def test_three_measures_one_contested_and_closed(
    visit: Visit, heard: Heard, script: bool, size: dict[str, int]
) -> None:
    shot = f"outcome-{size['width']}" if script else ""
    ada, bo, case = met(visit, heard, f"Three measures {script} {size['width']}", script=script, size=size)
    propose(ada, case, "breach", "keep_away", "ban", "video_withheld", shot=shot)
    vote(case, ada, bo)
    if shot:
        is_sound(bo, f"{shot}-decided")
    letter(ada, bo, case, "outcome_breach_reporter", f"{shot}-letter" if shot else "")
    code = letter(ada, bo, case, "outcome_breach_reported")

    guest = visit(script=script, size=size)
    guest.goto("/answer/")
    guest.fill("[name=code]", code)
    press(guest, "Show it")
    expect(guest.locator("main")).to_contain_text("stays in force meanwhile")
    unfold(guest, "Appeal")
    if shot:
        is_sound(guest, f"{shot}-appeal")
    guest.locator("[name=grounds][value=measure]").check()
    guest.locator("form[action$='appeal/'] [name=text]").fill("For ever is too long")
    press(guest, "Send the appeal")
    expect(guest.locator("main")).to_contain_text("It has arrived")

    ada.goto(case + "outcome/")
    expect(ada.locator("main")).to_contain_text("For ever is too long")
    if ada.get_by_role("button", name="Let the global team answer it").count():
        press(ada, "Let the global team answer it")
    gita, gus = (visit(script=script, size=size) for _ in range(2))
    sign_in(gita, heard, "gita")
    sign_in(gus, heard, "gus")
    until = f"{date.today() + timedelta(days=300):%Y-%m-%d}"
    propose(gita, case, "breach", "keep_away", "ban", "video_withheld", until=until)
    for page in (gita, gus):
        page.goto(case + "outcome/")
        page.locator("[name=choice][value=yes]").check()
        press(page, "Vote")
    expect(gus.locator("main")).to_contain_text("The appeal is answered")
    letter(ada, bo, case, "appeal_reporter")
    letter(ada, bo, case, "appeal_reported")
    guest.goto("/answer/")
    guest.fill("[name=code]", code)
    press(guest, "Show it")
    expect(guest.locator("main")).to_contain_text("This was the last step with us")

    places = waiting(ada, case, PLACES)
    assert len(places) >= 3 and "Block them in the ticket shop" in places
    # One of the places is late by now; each is confirmed by a person, one by one.
    heard.sql(
        "UPDATE cases_duty SET due_at = '2026-01-01 00:00:00' WHERE id = (SELECT id FROM cases_duty WHERE name = 'enforce' "
        "AND state = 'open' ORDER BY due_at DESC, \"order\" DESC LIMIT 1)"
    )
    ada.goto("/team/board/")
    assert ada.locator("li", has_text="late").count() >= 1
    for number, place in enumerate(places):
        confirm(ada, case, place)
        if number == 0:
            ada.goto(case + "outcome/")
            press(ada, "Close the case")
            expect(ada.locator("main")).to_contain_text("neither done nor left out")
    # After one week and after two somebody asks how they are: with the prepared letter, and when its day has come.
    heard.sql("UPDATE cases_duty SET due_at = '2026-01-01 00:00:00' WHERE name LIKE 'check_in%' AND state = 'open'")
    asked = waiting(ada, case, CHECK_INS)
    assert asked == CHECK_INS
    for title in asked:
        confirm(ada, case, title)
    ada.goto(case + "outcome/")
    press(ada, "Close the case")
    expect(ada.locator("main")).to_contain_text("neither done nor left out")
    leave_out_the_rest(ada, heard, case)
    ada.goto(case + "outcome/")
    press(ada, "Close the case")
    expect(ada.locator("main")).to_contain_text("Thank you for seeing it through")


@pytest.mark.requirement("R54", "R79")
@pytest.mark.parametrize(("script", "size"), WAYS)
@pytest.mark.parametrize(
    ("finding", "kind"), [("out_of_scope", "outcome_scope_reporter"), ("unknown", "outcome_unknown_reporter")]
)
def test_out_of_scope_and_not_enough_known(
    visit: Visit, heard: Heard, finding: str, kind: str, script: bool, size: dict[str, int]
) -> None:
    ada, bo, case = met(visit, heard, f"{finding} {script} {size['width']}", script=script, size=size)
    propose(ada, case, finding)
    vote(case, ada, bo)
    letter(ada, bo, case, kind)
    leave_out_the_rest(ada, heard, case)
    ada.goto(case + "outcome/")
    press(ada, "Close the case")
    expect(ada.locator("main")).to_contain_text("Closed")


@pytest.mark.requirement("R57")
@pytest.mark.parametrize(("script", "size"), WAYS)
def test_an_emergency_measure_is_lifted(visit: Visit, heard: Heard, script: bool, size: dict[str, int]) -> None:
    ada = acknowledged(visit, heard, f"At once {script} {size['width']}", script=script, size=size)
    ada.get_by_role("link", name="Open a case").click()
    ada.locator("[name=level][value=other]").check()
    press(ada, "Open the case")
    case = ada.url
    ada.goto(case + "outcome/")
    unfold(ada, "Something has to be done at once")
    ada.locator("[name=kind]").select_option("leave")
    ada.fill("[name=safety]", "Nobody meets him tonight")
    press(ada, "Put it in force")
    expect(ada.locator("main")).to_contain_text("taken at once")
    bo = visit(script=script, size=size)
    sign_in(bo, heard, "bo")
    bo.goto(case + "outcome/")
    unfold(bo, "Lift it")
    bo.locator("textarea[name=reason]").first.fill("It was somebody else")
    press(bo, "Lift it, for this reason")
    bo.goto(case)
    expect(bo.locator("main")).to_contain_text("Lifted: It was somebody else")


@pytest.mark.parametrize("size", [PHONE])
@pytest.mark.parametrize("script", [True, False])
def test_three_people_new_to_it_finish_a_practice_case(
    visit: Visit, heard: Heard, script: bool, size: dict[str, int]
) -> None:
    """Ask, hear, meet, decide, tell, close: each step from the page's own next step."""
    shot = "practice" if script else ""
    ada, bo, cleo = (visit(script=script, size=size) for _ in range(3))
    for page, name in ((ada, "ada"), (bo, "bo"), (cleo, "cleo")):
        sign_in(page, heard, name)
    ada.goto("/team/cases/")
    ada.locator("[name=level][value=private]").first.check()
    ada.get_by_role("button", name=re.compile("Practise with")).first.click()
    case = ada.url
    if shot:
        is_sound(ada, f"{shot}-1-begin")
    press(ada, "I have asked them in person")
    call_and_hold(bo, case=case, shot=f"{shot}-2" if shot else "")
    propose(cleo, case, "breach", "keep_away")
    vote(case, cleo, ada)
    if shot:
        is_sound(ada, f"{shot}-3-decided")
    code = letter(bo, ada, case, "outcome_breach_reported")
    assert code
    bo.goto(case)
    expect(bo.locator("main")).not_to_contain_text(
        "Tell the person reported what was decided, and how to appeal (late)"
    )
    leave_out_the_rest(bo, heard, case)
    bo.goto(case + "outcome/")
    press(bo, "Close the case")
    expect(bo.locator("main")).to_contain_text("Thank you for seeing it through")
    if shot:
        is_sound(bo, f"{shot}-4-closed")

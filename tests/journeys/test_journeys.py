"""From a report to an answer to an answer, in a browser."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, is_sound, sign_in
from tests.services import Heard

Visit = Callable[..., Page]
MATRIX = [
    pytest.param(script, size, id=f"{'js' if script else 'nojs'}-{size['width']}", marks=marks)
    for script, size, marks in (
        (True, DESKTOP, ()),
        (False, PHONE, ()),
        (True, PHONE, pytest.mark.slow),
        (False, DESKTOP, pytest.mark.slow),
    )
]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def unfold(page: Page, text: str) -> None:
    page.locator("summary", has_text=text).first.click()


def report(page: Page, words: str, place: str = "/r/berlin/") -> str:
    page.goto(place)
    page.fill("[name=what_happened]", words)
    press(page, "Send")
    return page.locator("#code").inner_text()


def open_mailbox(page: Page, code: str) -> None:
    page.goto("/receipt/")
    page.fill("#code", code)
    press(page, "Open")


def open_report(page: Page, words: str) -> None:
    page.goto("/team/reports/")
    page.fill("[name=words]", words)
    press(page, "Search")
    page.locator("main .list a").first.click()
    expect(page.locator("main")).to_contain_text(words)


@pytest.mark.requirement("R4", "R28", "R30", "R31", "R36", "R40")
@pytest.mark.parametrize(("script", "size"), MATRIX)
def test_report_receipt_acknowledge_answer_mailbox_answer(visit: Visit, heard: Heard, script: bool, size: dict) -> None:
    words = f"He followed me to the stairs {script} {size['width']}"
    dara, ada = visit(script=script, size=size), visit(script=script, size=size)
    code = report(dara, words)
    expect(dara.get_by_role("heading", name="Your report has arrived")).to_be_visible()
    press(dara, "Open my mailbox")
    expect(dara.locator("main")).to_contain_text("Your report arrived")
    expect(dara.locator("main")).not_to_contain_text(words)
    press(dara, "Show it")
    expect(dara.locator("main")).to_contain_text(words)

    sign_in(ada, heard, "ada")
    open_report(ada, words)
    ada.locator(".next").get_by_role("button", name="Acknowledge").click()
    expect(ada.locator("textarea[name=text]")).to_have_value(re.compile(r"Ada, Bo, Cleo[\s\S]*written record"))
    press(ada, "Send")
    expect(ada.locator("main")).to_contain_text("You are the contact now")

    open_mailbox(dara, code.lower().replace("-", " "))
    expect(dara.locator("main")).to_contain_text("Ada is the one who writes to you")
    dara.fill("[name=text]", "It was the east stairs, I forgot to say.")
    press(dara, "Send")
    expect(dara.locator("main")).to_contain_text("What you wrote has arrived")

    ada.goto("/team/")
    expect(ada.locator("main")).to_contain_text("the reporter wrote")
    open_report(ada, "east stairs")
    press(ada, "Write to the reporter")
    ada.fill("[name=text]", "Thank you, that helps. You hear from us on Friday.")
    press(ada, "Send")
    ada.locator(".next").get_by_role("button", name="Write it").click()
    press(ada, "Send")

    open_mailbox(dara, code)
    expect(dara.locator("main")).to_contain_text("You hear from us on Friday")
    press(dara, "No, please do not")
    expect(dara.locator("main")).to_contain_text("We have your No")
    ada.reload()
    expect(ada.locator(".next")).to_contain_text("They object: please do not go ahead.")


@pytest.mark.requirement("R19", "R51")
@pytest.mark.slow
def test_a_handler_is_taken_out_and_sees_nothing(visit: Visit, heard: Heard) -> None:
    page, bo, cleo = visit(script=False, size=PHONE), visit(), visit()
    page.goto("/r/berlin/")
    page.fill("[name=what_happened]", "Not for the third one")
    unfold(page, "Who will read this")
    page.get_by_label("Cleo – not this person").check()
    press(page, "Send")
    sign_in(bo, heard, "bo")
    open_report(bo, "Not for the third one")
    address = bo.url
    sign_in(cleo, heard, "cleo")
    answer = cleo.goto(address)
    assert answer
    assert answer.status == 404
    cleo.goto("/team/reports/")
    cleo.fill("[name=words]", "third one")
    press(cleo, "Search")
    expect(cleo.locator("main")).to_contain_text("0 reports with these words")


@pytest.mark.requirement("R17")
@pytest.mark.slow
def test_a_report_about_an_organiser_goes_around_the_chapter(visit: Visit, heard: Heard) -> None:
    page, gita, ada = visit(), visit(), visit()
    page.goto("/r/berlin/")
    page.fill("[name=what_happened]", "The lead herself did it")
    unfold(page, "Who will read this")
    page.locator("[name=about_organiser][value=yes]").check()
    press(page, "Send")
    expect(page.locator("#code")).to_be_visible()
    sign_in(gita, heard, "gita")
    open_report(gita, "The lead herself did it")
    sign_in(ada, heard, "ada")
    answer = ada.goto(gita.url)
    assert answer
    assert answer.status == 404


@pytest.mark.slow
def test_wrong_receipts_are_told_apart(visit: Visit, heard: Heard) -> None:
    page = visit(script=False)
    code = report(page, "A code to mistype")
    slip = ("2" if code[0] != "2" else "3") + code[1:]
    open_mailbox(page, slip)
    expect(page.get_by_role("alert")).to_contain_text("There is a slip")
    open_mailbox(page, "0000-0000-0000-0000-00000")
    expect(page.get_by_role("alert")).to_contain_text("nothing is here under it")


@pytest.mark.requirement("R9")
@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
def test_files_go_up_and_come_down(visit: Visit, heard: Heard, script: bool, tmp_path: Path) -> None:
    page, ada = visit(script=script), visit(script=script)
    from PIL import Image

    Image.new("RGB", (60, 40), "teal").save(tmp_path / "photo.png")
    (tmp_path / "chat.txt").write_text("the whole conversation")
    page.goto("/r/berlin/")
    unfold(page, "Pictures and files")
    page.set_input_files("#files", [tmp_path / "photo.png", tmp_path / "chat.txt"])
    press(page, "Send")  # nothing typed: the form comes back
    expect(page.locator("main")).to_contain_text("Please write at least a few words")
    expect(page.locator("main")).to_contain_text("photo.png")
    words = f"See the files {script}"
    page.fill("[name=what_happened]", words)
    press(page, "Send")
    press(page, "Open my mailbox")
    press(page, "Show it")
    with page.expect_download() as own:
        page.get_by_role("button", name="chat.txt").click()
    assert Path(own.value.path()).read_text() == "the whole conversation"

    sign_in(ada, heard, "ada")
    open_report(ada, words)
    with ada.expect_download() as original:
        ada.get_by_role("link", name="photo.png").click()
    assert Path(original.value.path()).read_bytes() == (tmp_path / "photo.png").read_bytes()
    unfold(ada, "Show photo.png")
    picture = ada.locator(".blurred img")
    picture.scroll_into_view_if_needed()
    if script:
        expect(picture).to_have_js_property("naturalWidth", 60)


@pytest.mark.slow
def test_leaving_the_page_empties_it_and_replaces_it_in_the_history(visit: Visit, heard: Heard) -> None:
    page = visit()
    page.route("https://www.wikipedia.org/**", lambda route: route.fulfill(body="elsewhere"))
    page.goto("/")
    page.goto("/r/berlin/")
    page.fill("[name=what_happened]", "somebody comes in")
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url("https://www.wikipedia.org/**")
    page.go_back()
    assert page.url == f"{heard.url}/"


@pytest.mark.slow
def test_questions_wait_for_their_answer_and_nothing_is_stored(visit: Visit, heard: Heard) -> None:
    page = visit()
    page.goto("/r/berlin/")
    unfold(page, "Who was involved")
    expect(page.locator("[name=other_knows]").first).not_to_be_visible()
    page.locator("[name=happened_to][value=other]").check()
    expect(page.locator("[name=other_knows]").first).to_be_visible()
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert page.context.cookies() == []


@pytest.mark.slow
def test_copying_the_code_and_checking_it(visit: Visit, heard: Heard) -> None:
    page = visit()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    code = report(page, "To copy")
    press(page, "Copy")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == code
    unfold(page, "Check that you kept it right")
    page.fill("#check", code)
    press(page, "Compare")
    expect(page.locator("main")).to_contain_text("Well kept")


@pytest.mark.slow
def test_a_computer_that_works_clears_itself_of_suspicion(visit: Visit, heard: Heard) -> None:
    page = visit()
    page.goto("/r/berlin/")
    expect(page.locator("[name=work]")).not_to_have_value("")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_is_accessible_and_fits(visit: Visit, heard: Heard, scheme: str, size: dict) -> None:
    name = f"{scheme}-{size['width']}"
    page = visit(size=size, scheme=scheme)
    for path, title in (
        ("/", "front"),
        ("/r/berlin/", "form"),
        ("/e/lantern-conf/", "event"),
        ("/receipt/", "code"),
        ("/nowhere/", "missing"),
    ):
        page.goto(path)
        is_sound(page, f"{title}-{name}")
    page.goto("/r/lagos/")
    for summary in page.locator("details > summary").all():
        summary.click()
    is_sound(page, f"form-open-{name}")
    page.locator("[name=reach][value=email]").check()
    page.fill("[name=reach_email]", "not an address")
    press(page, "Send")
    expect(page.get_by_role("alert").first).to_be_visible()
    is_sound(page, f"form-error-{name}")
    report(page, "To look at", "/r/berlin/")
    is_sound(page, f"receipt-{name}")
    press(page, "Open my mailbox")
    is_sound(page, f"mailbox-{name}")

    page.goto("/team/")
    is_sound(page, f"sign-in-{name}")
    sign_in(page, heard, "ada")
    is_sound(page, f"now-{name}")
    for path in ("reports/", "me/", *(f"of/berlin/{p}" for p in LEAD)):
        page.goto(f"/team/{path}")
        is_sound(page, f"{path.strip('/').replace('/', '-')}-{name}")
    for path in (
        "account/password",
        "account/factor",
        "account/recovery-code",
        "team/before",
        "team/of/berlin/invite",
        "join",
    ):
        page.goto(f"/{path}/")
        is_sound(page, f"{path.replace('/', '-')}-{name}")
    page.goto("/account/recovery-code/")
    press(page, "Make a code")
    is_sound(page, f"recovery-code-shown-{name}")
    page.goto("/team/of/berlin/members/")
    page.get_by_role("link", name="Bo", exact=True).click()
    page.get_by_role("link", name="They lost their password").click()
    is_sound(page, f"anew-{name}")
    open_report(page, "He knows where I work")
    is_sound(page, f"report-{name}")
    for link in ("Who can, and who did", "Leave this to the others", "Leave somebody out"):
        page.get_by_role("link", name=link).click()
        is_sound(page, f"{link.split()[0].lower()}-{link.split()[-1].lower()}-{name}")
        page.go_back()
    open_report(page, "To look at")
    page.locator(".next").get_by_role("button", name="Acknowledge").click()
    page.wait_for_url("**/acknowledge/")
    is_sound(page, f"acknowledge-{name}")


LEAD = ["", "chapter/", "members/", "emergency/", "contacts/", "events/", "rota/", "questions/", "policy/", "publish/"]


@pytest.mark.requirement("R4")
@pytest.mark.slow
def test_by_keyboard_alone(visit: Visit, heard: Heard) -> None:
    page = visit(script=False)
    page.goto("/r/berlin/")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "what_happened":
            break
    page.keyboard.type("Typed without a mouse")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type === 'submit' && document.activeElement.textContent === 'Send'"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("#code")).to_be_visible()


@pytest.mark.requirement("R51", "R68")
@pytest.mark.slow
@pytest.mark.parametrize(("script", "size"), [(True, DESKTOP), (False, PHONE)], ids=["js-1280", "nojs-320"])
def test_standing_aside_and_joining(visit: Visit, heard: Heard, script: bool, size: dict[str, int]) -> None:
    """Cleo stands aside and is out; Ada invites Dev, who joins, declares conflicts and is let in."""
    words = f"Stepping back, {script}"
    report(visit(script=script, size=size), words, "/r/berlin/")
    cleo, ada = visit(script=script, size=size), visit(script=script, size=size)
    sign_in(cleo, heard, "cleo")
    open_report(cleo, words)
    there = cleo.url
    cleo.get_by_role("link", name="Leave this to the others").click()
    press(cleo, "Leave it to the others")
    expect(cleo.get_by_text("does not exist any more")).to_be_visible()
    assert cleo.goto(there).status == 404  # type: ignore[union-attr]

    sign_in(ada, heard, "ada")
    email, name = f"dev{script}@lantern.example".lower(), f"Dev {script}"
    ada.goto("/team/of/berlin/invite/")
    ada.fill("[name=email]", email)
    ada.fill("[name=shown_name]", name)
    press(ada, "Make a code")
    code = ada.locator("#code").inner_text()

    dev = visit(script=script, size=size)
    dev.goto("/join/")
    dev.fill("[name=code]", code)
    dev.fill("[name=email]", email)
    dev.fill("[name=password]", "four plain words together")
    press(dev, "Join")
    dev.fill("[name=login]", email)
    dev.fill("[name=password]", "four plain words together")
    press(dev, "Sign in")
    dev.wait_for_url("**/team/")
    expect(dev.get_by_text("This sign-in was free")).to_be_visible()
    dev.get_by_role("link", name="There are reports from before your time").click()
    if script:  # axe is a script itself
        is_sound(dev, "declare")
    press(dev, "That is all I know of")

    ada.goto(there)
    expect(ada.get_by_text(words)).to_be_visible()
    press(ada, name)
    assert dev.goto(there).status == 200  # type: ignore[union-attr]
    expect(dev.get_by_text(words)).to_be_visible()

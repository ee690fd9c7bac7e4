"""Recovery cards, handing over and what one member could read, in a browser."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESKTOP, PHONE, is_sound, sign_in
from tests.journeys.test_journeys import Visit, press
from tests.services import Heard

pytestmark = [pytest.mark.requirement("R18", "R67"), pytest.mark.slow]


@pytest.mark.parametrize(("script", "size"), [(True, DESKTOP), (False, PHONE), (True, PHONE)])
def test_making_cards_and_coming_back_in(visit: Visit, heard: Heard, script: bool, size: dict[str, int]) -> None:
    page = visit(script=script, size=size)
    sign_in(page, heard, "ada")
    page.goto("/team/of/berlin/cards/")
    page.get_by_label("Ada", exact=True).check()
    page.get_by_label("Bo", exact=True).check()
    page.fill("[name=others]", "Aunt Ines")
    if script:
        is_sound(page, f"cards-{size['width']}")
    press(page, "Make the cards")
    expect(page.get_by_role("heading", level=1)).to_have_text("The cards, shown only now")
    cards = [" ".join(card.locator("code").all_text_contents()) for card in page.locator(".one-page").all()]
    assert [len(card.split()) for card in cards] == [33, 33, 33]
    if script:
        is_sound(page, f"cards-made-{size['width']}")
        with page.expect_download() as paper:
            page.get_by_role("button", name="All cards as a PDF").click()
        assert Path(paper.value.path()).read_bytes().startswith(b"%PDF")
    page.locator("p").get_by_role("link", name="Cards", exact=True).click()
    press(page, "Everybody has their card: they count from now on")
    expect(page.locator("main")).to_contain_text("2 of 3 open")
    page.get_by_role("link", name="Come back in with cards").click()
    page.fill("[name=card1]", cards[0])
    page.fill("[name=card2]", " ".join(["acadmic", *cards[2].split()[1:]]))
    press(page, "Open")
    expect(page.locator("main")).to_contain_text("is not one of the list")
    if script:
        is_sound(page, f"cards-use-{size['width']}")
    page.fill("[name=card2]", cards[2])
    press(page, "Open")
    expect(page.locator("main")).to_contain_text("Everybody in the team and the global team is told")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_what_a_member_read_and_the_page_for_handing_over(visit: Visit, heard: Heard, size: dict[str, int]) -> None:
    page = visit(size=size)
    sign_in(page, heard, "ada")
    page.goto("/team/me/")
    is_sound(page, f"me-{size['width']}")
    page.goto("/team/of/berlin/members/")
    page.get_by_role("link", name="Somebody leaves: hand over").click()
    is_sound(page, f"handover-{size['width']}")
    press(page, "Hand over")
    expect(page.get_by_role("alert")).to_be_visible()
    page.goto("/team/of/berlin/members/")
    page.get_by_role("link", name="Bo", exact=True).click()
    page.get_by_role("link", name="What they can, could and did read").click()
    is_sound(page, f"member-access-{size['width']}")

"""A real browser on the demo network."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.services import Heard

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
SHOTS = os.environ.get("TESTS_SHOTS", "")


def chromium() -> str:
    """Return the browser; skip loudly where there is none, fail where nothing may be skipped."""
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
    )
    if not found and os.environ.get("TESTS_NOTHING_SKIPPED"):
        pytest.fail("no browser: apt-get install chromium")
    if not found:
        pytest.skip("NO BROWSER FOUND: the journeys were not walked (apt-get install chromium)")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        # The browser talks to itself through a pipe; Django's guard against blocking calls in a loop is not meant for it.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Heard]:
    """Serve a network for the journeys of one file: who joins in another one would be missing from a quorum here."""
    server = Heard(tmp_path_factory.mktemp("heard"), processes=1).start()
    yield server
    server.stop()
    server.log.close()


@pytest.fixture
def visit(browser: Browser, heard: Heard) -> Iterator[Callable[..., Page]]:
    """Return a maker of pages, each in a browser of its own."""
    contexts: list[BrowserContext] = []

    def make(*, script: bool = True, size: dict[str, int] = DESKTOP, scheme: str = "light") -> Page:
        context = browser.new_context(
            viewport=size,
            java_script_enabled=script,
            color_scheme=scheme,
            base_url=heard.url,  # type: ignore[arg-type]
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"an error in the page: {error}"))
        return page

    yield make
    for context in contexts:
        context.close()


def sign_in(page: Page, heard: Heard, name: str) -> None:
    """Sign in as one of the cast."""
    email, password = heard.logins[name]
    page.goto("/team/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/account/second/**")
    page.fill("[name=code]", heard.paper_code(name))
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/team/")


def is_sound(page: Page, name: str) -> None:
    """Check a page with axe, that it fits its width, and keep a picture where asked for."""
    page.wait_for_load_state()
    page.evaluate("scrollTo(0, 0)")  # the bar that stays on top would cover what it passes
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} is {wide} px too wide"
    result = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert result.violations_count == 0, f"{name}: {result.generate_report()}"

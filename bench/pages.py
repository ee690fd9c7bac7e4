"""The report page, cold, in Chromium: bytes and requests."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.rows import Row
from tests.journeys.conftest import FLAGS
from tests.services import Heard


def measure(folder: Path) -> Iterator[Row]:
    """Measure."""
    place = folder / "pages"
    place.mkdir()
    server = Heard(place, processes=1, worker=False).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for script in (True, False):
            page = browser.new_context(java_script_enabled=script).new_page()
            session = page.context.new_cdp_session(page)
            session.send("Network.enable")
            sizes: dict[str, float] = {}

            def asked(event: dict, into: dict[str, float] = sizes) -> None:
                if event["request"]["url"].startswith("http"):  # pictures inside the style sheet are no requests
                    into[event["requestId"]] = 0.0

            def done(event: dict, into: dict[str, float] = sizes) -> None:
                if event["requestId"] in into:
                    into[event["requestId"]] = event["encodedDataLength"]

            session.on("Network.requestWillBeSent", asked)
            session.on("Network.loadingFinished", done)
            page.goto(f"{server.url}/e/lantern-conf/")
            page.wait_for_load_state("networkidle")
            how = "with JavaScript" if script else "without JavaScript"
            yield Row(
                f"report page, cold, {how}",
                f"{sum(sizes.values()) / 1000:.1f} kB, {len(sizes)} requests",
                "≤ 30 kB, ≤ 4 requests",
            )
        browser.close()
    server.stop()
    server.log.close()

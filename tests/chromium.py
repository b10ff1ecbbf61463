"""Chromium for the browser tests: finds it, starts it once, and says loudly when it is not there."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_HOW = "install it (on Debian: apt install chromium; elsewhere: .venv/bin/playwright install chromium)"


def pytest_configure() -> None:
    if os.environ.get("REQUIRE_BROWSER") and not _is_there():
        raise pytest.UsageError(f"REQUIRE_BROWSER is set and there is no Chromium: {_HOW}.")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [
        report for report in terminalreporter.stats.get("skipped", []) if "no Chromium" in str(report.longrepr)
    ]
    if skipped:
        line = f"!! {len(skipped)} BROWSER TESTS DID NOT RUN: there is no Chromium here. To run them, {_HOW}."
        terminalreporter.write_line(line, red=True, bold=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not _is_there():
        pytest.skip("no Chromium")
    with sync_playwright() as playwright:
        browser = _launch(playwright)
        # Playwright's loop runs in this thread, so Django takes the test for asynchronous code; it is not.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        yield browser
        browser.close()


def _launch(playwright: Playwright) -> Browser:
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=_program(), args=options)


def _program() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)


def _is_there() -> bool:
    """On the PATH, or where `playwright install` puts it."""
    places = [
        os.environ.get("PLAYWRIGHT_BROWSERS_PATH"),
        "~/.cache/ms-playwright",
        "~/Library/Caches/ms-playwright",
    ]
    return bool(_program()) or any(any(Path(place).expanduser().glob("chromium-*")) for place in places if place)

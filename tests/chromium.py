"""Find Chromium, start it once for the browser tests, and print a warning when it is missing."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ADVICE = "install it (on Debian: apt install chromium; elsewhere: .venv/bin/playwright install chromium)"


def pytest_configure() -> None:
    if os.environ.get("REQUIRE_BROWSER") and not _is_installed():
        raise pytest.UsageError(f"REQUIRE_BROWSER is set and there is no Chromium: {_ADVICE}.")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [
        report for report in terminalreporter.stats.get("skipped", []) if "no Chromium" in str(report.longrepr)
    ]
    if skipped:
        warning = (
            f"!! {len(skipped)} BROWSER TESTS DID NOT RUN: there is no Chromium here. To run them, {_ADVICE}."
        )
        terminalreporter.write_line(warning, red=True, bold=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not _is_installed():
        pytest.skip("no Chromium")
    with sync_playwright() as playwright:
        browser = _launch(playwright)
        # Playwright's event loop runs in this thread, so Django mistakes the test for asynchronous code.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        yield browser
        browser.close()


def _launch(playwright: Playwright) -> Browser:
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=_path_of_program(), args=options)


def _path_of_program() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)


def _is_installed() -> bool:
    # On the PATH, or in the folder of `playwright install`.
    folders = [
        os.environ.get("PLAYWRIGHT_BROWSERS_PATH"),
        "~/.cache/ms-playwright",
        "~/Library/Caches/ms-playwright",
    ]
    return bool(_path_of_program()) or any(
        any(Path(folder).expanduser().glob("chromium-*")) for folder in folders if folder
    )

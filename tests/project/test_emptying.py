"""Test that no request of one test is still running in the next."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from django.core.signals import request_finished, request_started

from tests.emptying import wait_for_requests

BROWSER_TESTS = Path(__file__).parents[1] / "browser"
# Both return at once while the old page is still open; the second also when the addresses end alike.
RETURNS_AT_ONCE = (".wait_for_load_state()", ".wait_for_url(")


def test_emptying_waits_for_a_request_that_is_still_running():
    request_began, answers = threading.Event(), []

    def answer() -> None:
        request_started.send(sender=None)
        request_began.set()
        time.sleep(0.2)
        answers.append(True)
        request_finished.send(sender=None)

    thread = threading.Thread(target=answer)
    thread.start()
    request_began.wait()
    wait_for_requests()

    assert answers == [True]
    thread.join()


def test_no_browser_test_uses_a_wait_that_returns_on_the_old_page():
    # `click` and `press_enter` in walking.py wait for the next page.
    lines = [
        f"{path.name}:{number}: {line.strip()}"
        for path in sorted(BROWSER_TESTS.glob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if any(call in line for call in RETURNS_AT_ONCE)
    ]

    assert lines == []

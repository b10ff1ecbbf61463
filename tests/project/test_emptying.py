"""What keeps one test out of the next: the database is empty, and no request or page is still on its way."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from django.core.signals import request_finished, request_started

from tests.emptying import wait_for_answers

BROWSER_TESTS = Path(__file__).parents[1] / "browser"
# Both return at once while the old page is still there; the second also for an address that ends alike.
RETURNS_AT_ONCE = (".wait_for_load_state()", ".wait_for_url(")


def test_emptying_waits_for_a_request_that_is_still_being_answered():
    has_begun, answered = threading.Event(), []

    def answer() -> None:
        request_started.send(sender=None)
        has_begun.set()
        time.sleep(0.2)
        answered.append(True)
        request_finished.send(sender=None)

    thread = threading.Thread(target=answer)
    thread.start()
    has_begun.wait()
    wait_for_answers()

    assert answered == [True]
    thread.join()


def test_browser_tests_wait_for_the_next_page_and_not_for_the_old_one():
    """`click` and `press_enter` of walking.py do."""
    lines = [
        f"{path.name}:{number}: {line.strip()}"
        for path in sorted(BROWSER_TESTS.glob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if any(call in line for call in RETURNS_AT_ONCE)
    ]

    assert lines == []

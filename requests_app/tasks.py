from __future__ import annotations

from nenconnect.celery import app
from requests_app.actions import departures, line, people_import, reminders, waiting


@app.task(name="requests_app.tasks.remind_of_open_requests", ignore_result=True)
def remind_of_open_requests() -> None:
    """Requests left open for the promised time, and weekly after (R30); in the end the contact person is told."""
    reminders.remind_of_open_requests()
    reminders.tell_contact_persons()


@app.task(name="requests_app.tasks.send_digests", ignore_result=True)
def send_digests() -> None:
    """New requests, to admins who read of them once a day or a week."""
    waiting.send_digests()


@app.task(name="requests_app.tasks.close_old_requests", ignore_result=True)
def close_old_requests() -> None:
    """Where a company wants requests to close themselves."""
    waiting.close_old_requests()


@app.task(name="requests_app.tasks.tell_of_free_seats", ignore_result=True)
def tell_of_free_seats() -> None:
    """A seat became free, in whatever way, and somebody waits for it (R24)."""
    line.tell_of_free_seats()


@app.task(name=people_import.TASK, ignore_result=True)
def run_people_imports() -> None:
    """Checks and loads the tables of company admins; beat asks every minute, for what no nudge reached."""
    people_import.run_imports()


@app.task(name=departures.TASK, ignore_result=True)
def run_departures() -> None:
    """Colleagues who left, and those who come back; beat asks every minute, for what no nudge reached."""
    departures.run_departures()


@app.task(name="requests_app.tasks.forget_people_work", ignore_result=True)
def forget_people_work() -> None:
    """Imports and departures past their time (privacy)."""
    people_import.forget_imports()
    departures.forget_departures()

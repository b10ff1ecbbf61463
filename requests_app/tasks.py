from __future__ import annotations

from nenconnect.celery import app
from requests_app.actions import reminders


@app.task(name="requests_app.tasks.remind_of_open_requests", ignore_result=True)
def remind_of_open_requests() -> None:
    """Requests left open for 3 working days, and weekly after (R30)."""
    reminders.remind_of_open_requests()

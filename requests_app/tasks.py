from __future__ import annotations

from celery import shared_task

from requests_app.actions import digests, reminders, waiting_list


@shared_task(name="requests_app.tasks.remind_of_open_requests", ignore_result=True)
def remind_of_open_requests() -> None:
    """Requests left open for the promised time, and weekly after (R30); in the end the contact person is told."""
    reminders.remind_of_open_requests()
    reminders.tell_contact_persons()


@shared_task(name="requests_app.tasks.send_digests", ignore_result=True)
def send_digests() -> None:
    """New requests, to admins who read of them once a day or a week."""
    digests.send_digests()


@shared_task(name="requests_app.tasks.close_old_requests", ignore_result=True)
def close_old_requests() -> None:
    """Where a company wants requests to close themselves."""
    digests.close_old_requests()


@shared_task(name="requests_app.tasks.tell_of_free_seats", ignore_result=True)
def tell_of_free_seats() -> None:
    """A seat became free, in whatever way, and somebody waits for it (R24)."""
    waiting_list.tell_of_free_seats()

from __future__ import annotations

from celery import shared_task

from requests_app.actions import digests, reminders, waiting_list


@shared_task(name="requests_app.tasks.remind_of_open_requests", ignore_result=True)
def remind_of_open_requests() -> None:
    """Remind admins of requests past the promised time and weekly after (R30), later the contact person."""
    reminders.remind_of_open_requests()
    reminders.tell_contact_persons()


@shared_task(name="requests_app.tasks.send_digests", ignore_result=True)
def send_digests() -> None:
    digests.send_digests()


@shared_task(name="requests_app.tasks.close_old_requests", ignore_result=True)
def close_old_requests() -> None:
    digests.close_old_requests()


@shared_task(name="requests_app.tasks.tell_of_free_seats", ignore_result=True)
def tell_of_free_seats() -> None:
    """Mail admins about free seats that a request waits for (R24)."""
    waiting_list.tell_of_free_seats()

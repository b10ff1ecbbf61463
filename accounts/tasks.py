from __future__ import annotations

from django.utils import timezone

from accounts import mails
from accounts.actions import deputies, devices
from accounts.actions.forgetting import forget_unfinished_registrations, forget_visits
from accounts.models import User
from nenconnect.celery import app


@app.task(name="accounts.tasks.remind_of_registrations", ignore_result=True)
def remind_of_registrations() -> None:
    """Registrations that are about to expire (R30)."""
    today = timezone.localdate()
    for notice in mails.REGISTRATION_NOTICES:
        first, last = notice.window(today)
        people = User.objects.expiring(first=first, last=last).select_related("company").order_by("pk")
        mails.send_registration_expiring(people.iterator(chunk_size=1000), notice)


@app.task(name="accounts.tasks.forget_unfinished", ignore_result=True)
def forget_unfinished() -> None:
    """Registrations that nobody finished, a month after their date passed; and what visitors left behind."""
    forget_unfinished_registrations()
    forget_visits()


@app.task(name="accounts.tasks.forget_ended_devices", ignore_result=True)
def forget_ended_devices() -> None:
    """Where people were signed in is kept no longer than they are."""
    devices.forget_ended_devices()


@app.task(name="accounts.tasks.note_deputies", ignore_result=True)
def note_deputies() -> None:
    """Whose rights began and ended by themselves, into the trail."""
    deputies.note_deputies()

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts.actions import deputies, devices, domain_fan_out, domain_proof
from accounts.actions.address_change import forget_address_changes
from accounts.actions.arrivals import forget_arrivals
from accounts.actions.forgetting import forget_unfinished_registrations, forget_visits
from accounts.mails.registration import REGISTRATION_NOTICES, send_registration_expiring
from accounts.models import User
from companies.domains import FAN_OUT_TASK
from companies.proof import LOOK_UP_TASK


@shared_task(name="accounts.tasks.remind_of_registrations", ignore_result=True)
def remind_of_registrations() -> None:
    """Mail people whose registration is about to expire (R30)."""
    today = timezone.localdate()
    for notice in REGISTRATION_NOTICES:
        first, last = notice.window(today)
        people = User.objects.expiring(first=first, last=last).select_related("company").order_by("pk")
        send_registration_expiring(people.iterator(chunk_size=1000), notice)


@shared_task(name="accounts.tasks.forget_unfinished", ignore_result=True)
def forget_unfinished() -> None:
    forget_unfinished_registrations()
    forget_visits()
    forget_address_changes()
    forget_arrivals()


@shared_task(name="accounts.tasks.forget_ended_devices", ignore_result=True)
def forget_ended_devices() -> None:
    devices.forget_ended_devices()


@shared_task(name=FAN_OUT_TASK, ignore_result=True)
def run_domain_fan_outs() -> None:
    """Mail people who can join by a new domain (R8); beat asks every minute, in case a wake-up was lost."""
    domain_fan_out.run_domain_fan_outs()


@shared_task(name=LOOK_UP_TASK, ignore_result=True)
def look_up_domains() -> None:
    domain_proof.look_up_domains()


@shared_task(name="accounts.tasks.note_deputies", ignore_result=True)
def note_deputies() -> None:
    deputies.log_deputy_periods()

"""Configure the workers and beat's timetable."""

from __future__ import annotations

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nenconnect.settings")

app = Celery("nenconnect")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # Picks up what no nudge reached: Redis was down, a worker died, a mail is due again (C34).
    "drain-outbox": {
        "task": "nenconnect.mail.tasks.drain",
        "schedule": 15.0,
        "options": {"expires": 60},  # a worker that was away is not asked for each tick that it missed
    },
    # R30. Every hour, because companies work in several time zones, and to catch up; each mail goes once.
    **{
        task.rpartition(".")[2].replace("_", "-"): {"task": task, "schedule": crontab(minute="5")}
        for task in (
            "accounts.tasks.remind_of_registrations",
            "licenses.tasks.remind_of_ending_licenses",
            "licenses.tasks.remind_of_ending_grants",
            "requests_app.tasks.remind_of_open_requests",
            "requests_app.tasks.send_digests",
            "requests_app.tasks.close_old_requests",
            "accounts.tasks.note_deputies",
            "members.tasks.forget_people_work",
        )
    },
    # What people asked for and no nudge reached, or a worker left halfway.
    **{
        task.rpartition(".")[2].replace("_", "-"): {"task": task, "schedule": 60.0, "options": {"expires": 60}}
        for task in (
            "companies.look_up_domains",
            "companies.domain_fan_outs",
            "licenses.tasks.run_document_imports",
            "licenses.tasks.end_company_wide",
            "licenses.tasks.count_statuses",
            "requests_app.tasks.tell_of_free_seats",
            "members.tasks.run_people_imports",
            "members.tasks.run_departures",
            "members.tasks.run_people_changes",
        )
    },
    "forget-unfinished": {"task": "accounts.tasks.forget_unfinished", "schedule": crontab(hour="4", minute="15")},
    "forget-ended-devices": {
        "task": "accounts.tasks.forget_ended_devices",
        "schedule": crontab(minute="50", hour="3"),
    },
    "forget-old-counts": {"task": "nenconnect.throttle.tasks.forget_old", "schedule": crontab(minute="35")},
    # Where BOUNCE_IMAP_URL names a mailbox.
    "fetch-bounces": {
        "task": "nenconnect.mail.tasks.fetch_bounces",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
}

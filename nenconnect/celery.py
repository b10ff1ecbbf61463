from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nenconnect.settings")

app = Celery("nenconnect")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # Picks up what no nudge reached: Redis was down, a worker died, a mail is due again (C34).
    "drain-outbox": {"task": "nenconnect.mail.tasks.drain", "schedule": 15.0},
}

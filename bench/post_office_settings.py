"""The project's settings, and beside its outbox the one that mail_speed.py compares it with."""

from __future__ import annotations

from nenconnect.settings import *  # noqa: F403 -- the same, and one more
from nenconnect.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "post_office"]
POST_OFFICE = {
    "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
    "CONTEXT_FIELD_CLASS": "bench.mail.context_field.ContextField",
    "CELERY_ENABLED": True,
    "MESSAGE_ID_ENABLED": True,
}

"""Extend the project's settings with django-post-office, to which mail_speed.py compares our outbox."""

from __future__ import annotations

from nenconnect.settings import *  # noqa: F403 -- all settings, plus post_office
from nenconnect.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "post_office"]
POST_OFFICE = {
    "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
    "CONTEXT_FIELD_CLASS": "bench.mail.context_field.ContextField",
    "CELERY_ENABLED": True,
    "MESSAGE_ID_ENABLED": True,
}

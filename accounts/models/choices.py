from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

LANGUAGES = [("nl", "Nederlands"), ("en", "English")]


class Role(models.TextChoices):
    USER = "user", _("User")
    ADMIN = "admin", _("Company admin")


class PersonOrigin(models.TextChoices):
    """Name who asked for the registration, which decides the checks at its end (C6)."""

    SELF = "self", _("registered oneself")
    COMPANY = "company", _("added by a company admin")
    NEN = "nen", _("added by NEN")


class PersonStatus(models.TextChoices):
    """Name the status that the list of users shows (R14); derived, never stored."""

    REQUESTED = "requested", _("Registration requested")
    EXPIRED = "expired", _("Registration expired")
    REGISTERED = "registered", _("Registered")
    BLOCKED = "blocked", _("Blocked")
    LOCKED = "locked", _("Locked")
    NO_LICENSE = "no_license", _("No active licence")


class RequestNotices(models.TextChoices):
    """Choose when an admin gets mails about new requests."""

    EACH = "each", _("Each at once")
    DAILY = "daily", _("Once a day, together")
    WEEKLY = "weekly", _("Once a week, together")
    NONE = "none", _("None")

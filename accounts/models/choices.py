"""What the fields of a person, and what is derived from them, can be."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

LANGUAGES = [("nl", "Nederlands"), ("en", "English")]


class Role(models.TextChoices):
    USER = "user", _("User")
    ADMIN = "admin", _("Company admin")


class Origin(models.TextChoices):
    """Who asked for the registration: it decides what is checked when it is finished (C6)."""

    SELF = "self", _("registered oneself")
    COMPANY = "company", _("added by a company admin")
    NEN = "nen", _("added by NEN")


class Status(models.TextChoices):
    """What the users overview shows (R14). Derived from the row, never stored."""

    REQUESTED = "requested", _("Registration requested")
    EXPIRED = "expired", _("Registration expired")
    REGISTERED = "registered", _("Registered")
    BLOCKED = "blocked", _("Blocked")
    LOCKED = "locked", _("Locked")
    NO_LICENSE = "no_license", _("No active licence")


class RequestNotices(models.TextChoices):
    """When an admin reads of new requests."""

    EACH = "each", _("Each at once")
    DAILY = "daily", _("Once a day, together")
    WEEKLY = "weekly", _("Once a week, together")
    NONE = "none", _("None")

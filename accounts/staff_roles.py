"""Define what each role at NEN may do at its desk, in one table."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class StaffRole(models.TextChoices):
    """Name the roles of NEN staff; the value is the name of the Django group."""

    CUSTOMER_SERVICE = "customer_service", _("Customer service")
    ACCOUNT_MANAGER = "account_manager", _("Account manager")
    CONTENT = "content", _("Content")
    ADMINISTRATOR = "administrator", _("Administrator")


LOOK, ADD, CHANGE = "look", "add", "change"
_ALL = {LOOK, ADD, CHANGE}

# Anything else is for administrators only, so that a new screen stays closed until it is listed here.
# Where a screen has no form, CHANGE is its buttons: sending a mail again, ending a lock.
RIGHTS: dict[StaffRole, dict[str, set[str]]] = {
    StaffRole.CUSTOMER_SERVICE: {
        "companies.company": _ALL,
        "companies.domain": _ALL,
        "licenses.license": _ALL,
        "licenses.grant": {LOOK},
        "licenses.document": {LOOK},
        "accounts.user": _ALL,
        "members.peopleimport": {LOOK},
        "accounts.signinattempts": {LOOK, CHANGE},
        "accounts.termsversion": {LOOK},
        "accounts.termsacceptance": {LOOK},
        "requests_app.licenserequest": {LOOK},
        "requests_app.documentrequest": {LOOK},
        "mail.outboxmail": {LOOK, CHANGE},
        "audit.auditentry": {LOOK},
    },
    StaffRole.ACCOUNT_MANAGER: {
        "companies.company": {LOOK, CHANGE},
        "companies.domain": _ALL,
        "licenses.license": _ALL,
        "licenses.grant": {LOOK},
        "licenses.document": {LOOK},
        "accounts.user": _ALL,
        "members.peopleimport": {LOOK},
        "requests_app.licenserequest": {LOOK},
        "requests_app.documentrequest": {LOOK},
        "audit.auditentry": {LOOK},
    },
    StaffRole.CONTENT: {
        "licenses.document": _ALL,
        "licenses.documentimport": _ALL,
        "licenses.license": {LOOK, CHANGE},
    },
}
# Of some forms a role may fill in these fields alone; the others are shown and stay as they are.
FIELDS: dict[tuple[StaffRole, str], set[str]] = {
    (StaffRole.CONTENT, "licenses.license"): {"documents"},
}
# The path from each row to its company: account managers see rows of their own companies only.
OWN: dict[str, str] = {
    "companies.company": "account_manager",
    "companies.domain": "company__account_manager",
    "licenses.license": "company__account_manager",
    "licenses.grant": "license__company__account_manager",
    "accounts.user": "company__account_manager",
    "members.peopleimport": "company__account_manager",
    "requests_app.licenserequest": "company__account_manager",
    "requests_app.documentrequest": "company__account_manager",
}

Somebody = Any  # of request.user: a User or AnonymousUser, which this floor does not know


def roles_of(user: Somebody) -> set[StaffRole]:
    """Return the roles, looked up once per request like the person (C26)."""
    if isinstance(user, AnonymousUser) or not (user.is_active and user.is_staff):
        return set()
    if user.is_superuser:
        return {StaffRole.ADMINISTRATOR}
    if not hasattr(user, "found_staff_roles"):
        names = user.groups.values_list("name", flat=True)
        # Who is an administrator, is_superuser alone says: it is what the actions ask.
        user.found_staff_roles = {StaffRole(name) for name in names if name in RIGHTS}
    roles: set[StaffRole] = user.found_staff_roles
    return roles


def has_permission(user: Somebody, right: str, model: type[models.Model]) -> bool:
    return bool(_roles_with(user, right, model))


def is_limited(user: Somebody, model: type[models.Model]) -> bool:
    return _roles_with(user, LOOK, model) == {StaffRole.ACCOUNT_MANAGER}


def managed_rows(rows: models.QuerySet, user: Somebody) -> models.QuerySet:
    """Return the rows that the person may see."""
    path = OWN.get(rows.model._meta.label_lower)
    return rows.filter(**{path: user}) if path and is_limited(user, rows.model) else rows


def fields_for(user: Somebody, model: type[models.Model]) -> set[str] | None:
    allowed = [FIELDS.get((role, model._meta.label_lower)) for role in _roles_with(user, CHANGE, model)]
    if not allowed or None in allowed:
        return None
    return set().union(*(fields for fields in allowed if fields))


def _roles_with(user: Somebody, right: str, model: type[models.Model]) -> set[StaffRole]:
    label = model._meta.label_lower
    return {
        role
        for role in roles_of(user)
        if role == StaffRole.ADMINISTRATOR or right in RIGHTS[role].get(label, set())
    }

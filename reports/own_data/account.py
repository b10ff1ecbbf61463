"""Collect the account itself: name, address, company, label and accepted terms."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from accounts.models import AddressChange, TermsAcceptance, User
from companies.models import Company
from reports.own_data.sections import Facts

# Of the account itself: what would open it, and counters that say nothing of anybody.
LEFT_OUT = {"password", "session_round", "registration_round"}


def account(user: User) -> Facts:
    """Return every column, so that a new one is included."""
    fields = [field for field in user._meta.concrete_fields if field.name not in LEFT_OUT]
    values = {field.name: getattr(user, field.attname) for field in fields if not field.is_relation}
    return values | {"country": str(user.country)}


def address_change(user: User) -> list[Facts]:
    rows = AddressChange.objects.filter(user=user)
    return [{"address": row.address, "asked_at": row.asked_at, "valid_until": row.expires_at} for row in rows]


def company(user: User) -> Facts | None:
    if user.company is None:
        return None
    return {"name": user.company.name, "department": user.company.department}


def label(user: User) -> Facts | None:
    if user.label is None:
        return None
    return {"label": user.label.company.user_label, "value": user.label.name}


def contact_person_of(user: User) -> list[Facts]:
    fields = ("name", "contact_person", "contact_phone", "contact_email")
    return list(Company.objects.filter(contact_email__iexact=user.email).values(*fields))


def account_manager_of(user: User) -> list[str]:
    return list(Company.objects.filter(account_manager=user).values_list("name", flat=True))


def merged_accounts(user: User) -> list[str]:
    return list(user.merged_accounts.order_by("pk").values_list("email", flat=True))


def terms(user: User) -> list[Facts]:
    rows = TermsAcceptance.objects.filter(user=user).select_related("version").order_by("pk")
    return [{"version_of": row.version.published_at, "accepted_at": row.accepted_at} for row in rows]


def addresses(user: User) -> list[Facts]:
    return list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary"))

"""Who goes is no company's contact person any more: the mails of others may go there (R32)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.models import User
from companies.models import Company
from nenconnect.trail.actions import record


def has_as_contact(user: User) -> Q:
    return Q(contact_email__iexact=user.email) | Q(pk=user.company_id, contact_person=user.name)


def hand_over_contact(companies: QuerySet[Company], user: User, *, by: User, to: User | None = None) -> None:
    """Where the person, still a member, is the contact person, another admin becomes it; without one nobody is.

    Wants the companies locked.
    """
    for company in companies.filter(has_as_contact(user)).order_by("pk"):
        heir = to or User.objects.active_admins_of(company).exclude(pk=user.pk).order_by("pk").first() or User()
        company.contact_person, company.contact_phone, company.contact_email = heir.name, heir.phone, heir.email
        fields = ["contact_person", "contact_phone", "contact_email"]
        company.save(update_fields=fields)
        record("company_changed", by=by, company_id=company.pk, about=company, fields=fields)

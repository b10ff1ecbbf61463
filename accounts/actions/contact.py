"""Replace a contact person who leaves: rerouted mails to colleagues can go to that address (R32)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import User
from companies.models import Company
from companies.verbs import COMPANY_CHANGED
from nenconnect.audit.actions import record


def companies_with_contact_among(people: Sequence[User], companies: QuerySet[Company]) -> QuerySet[Company]:
    """Return the companies whose contact person is one of these people, by address or by name."""
    names = defaultdict[int, list[str]](list)
    for user in people:
        if user.company_id:
            names[user.company_id].append(user.name)
    is_contact = Q(lower_email__in=[user.email.lower() for user in people])
    for company, known_names in names.items():
        is_contact |= Q(pk=company, contact_person__in=known_names)
    return companies.alias(lower_email=Lower("contact_email")).filter(is_contact)


def hand_over_contact(
    companies: QuerySet[Company], people: Sequence[User], *, by: User, to: User | None = None
) -> None:
    """Make another admin the contact person, if there is one; the caller has locked the companies."""
    going = [user.pk for user in people]
    for company in companies_with_contact_among(people, companies).order_by("pk"):
        staying = User.objects.active_admins_of(company).exclude(pk__in=going)
        heir = to or staying.order_by("pk").first() or User()
        company.contact_person, company.contact_phone, company.contact_email = heir.name, heir.phone, heir.email
        fields = ["contact_person", "contact_phone", "contact_email"]
        company.save(update_fields=fields)
        record(COMPANY_CHANGED, by=by, company_id=company.pk, about=company, fields=fields)

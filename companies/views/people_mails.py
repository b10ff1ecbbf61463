"""The mails of one person, as an admin of their company may see them: what, when and whether it arrived."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q

from accounts.models import JoinInvitation, User
from companies.models import Company
from licenses.models import License
from nenconnect.mail.models import OutboxMail
from requests_app.models import DocumentRequest, LicenseRequest

SHOWN = 10
LOOKED_AT = 50


def mails_of(person: User, company: Company) -> list[OutboxMail]:
    """The last ones, also those that others read for them; none that tells of another company (C24)."""
    latest = OutboxMail.objects.filter(Q(recipient=person) | Q(on_behalf_of=person)).select_related("recipient")
    mails = list(latest.order_by("-pk")[:LOOKED_AT])
    is_of_company = _membership_of(mails, company)
    return [mail for mail in mails if is_of_company(mail)][:SHOWN]


def _membership_of(mails: list[OutboxMail], company: Company) -> Callable[[OutboxMail], bool]:
    known = {
        model: set(
            model._default_manager.filter(
                company=company, pk__in=[mail.id_of(model) for mail in mails if mail.id_of(model)]
            ).values_list("pk", flat=True)
        )
        for model in (LicenseRequest, DocumentRequest, JoinInvitation, License)
    } | {Company: {company.pk}}
    return lambda mail: all(mail.id_of(model) in {None, *ids} for model, ids in known.items())

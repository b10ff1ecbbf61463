"""Giving a licence answers what the person asked for (R23, R28): the pages give by this, not by `grant`."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from licenses.access import readable_by
from licenses.actions.granting import grant
from licenses.models import License
from requests_app import mails
from requests_app.actions.deciding import decide
from requests_app.models import DocumentRequest, LicenseRequest, RequestStatus


@transaction.atomic
def give_license(license: License, *, to: User, by: User) -> None:
    """Approves the person's open requests for the licence and for documents it opens, each with its one mail.

    Raises RuleError: another company, ended, no seat free.
    """
    grant(license, to=to, by=by)  # from here on the company is locked: nobody decides or asks meanwhile
    for asked in LicenseRequest.objects.pending().filter(license=license, user=to):
        decide(asked, RequestStatus.APPROVED, by=by)
        mails.send_license_request_approved(asked)
    opened = readable_by(User.objects.get(pk=to.pk)).filter(licenses=license)
    for wanted in DocumentRequest.objects.pending().filter(
        company=license.company_id, user=to, document__in=opened
    ):
        wanted.license = license
        decide(wanted, RequestStatus.APPROVED, by=by)
        mails.send_document_request_approved(wanted)

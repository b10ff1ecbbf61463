"""Put requests for a full licence on its waiting list, and mail when a seat becomes free (R24).

However a seat becomes free (taken away, a last day, a person who left, more seats), it shows in the rows: a task
looks every minute, and mails once for each request that is first in line.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from licenses.models import License
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError
from requests_app import mails
from requests_app.actions.deciding import lock_to_decide
from requests_app.models import LicenseRequest
from requests_app.verbs import LICENSE_REQUEST_IN_LINE


@transaction.atomic
def put_in_line(license_request: LicenseRequest, *, by: User) -> None:
    """Put the request in line and mail its place. Raises RuleError: decided, in line already, a seat is free."""
    license_request = lock_to_decide(license_request)
    license = license_request.license
    if license_request.waiting_since:
        raise RuleError(_("This request is in line already."))
    if not License.objects.filter(pk=license.pk).full().exists():
        raise RuleError(_("“%(license)s” has a free seat: you can approve the request.") % {"license": license})
    license_request.waiting_since = timezone.now()
    license_request.save(update_fields=["waiting_since"])
    record(LICENSE_REQUEST_IN_LINE, by=by, company_id=license_request.company_id, about=[license_request, license])
    mails.send_license_request_in_line(license_request)


def place_of(license_request: LicenseRequest) -> int:
    before = LicenseRequest.objects.in_line().filter(license=license_request.license_id)
    return before.filter(waiting_since__lt=license_request.waiting_since).count() + 1


def tell_of_free_seats() -> None:
    """Mail admins that a seat is free and who is first in line; safe to run twice and at once."""
    first = LicenseRequest.objects.in_line().filter(license=OuterRef("pk")).order_by("waiting_since", "pk")
    waiting = License.objects.in_term().with_a_free_seat().annotate(first=Subquery(first.values("pk")[:1]))
    for license in waiting.filter(first__isnull=False):
        mails.send_seat_free(LicenseRequest.objects.select_related("license").get(pk=license.first))

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actions.labels import check_label
from accounts.models import User
from companies.models import LabelKind, LabelValue
from licenses.actions.terms import lock as lock_license
from licenses.models import License
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError
from requests_app import mails
from requests_app.actions.deciding import check_may_ask, checked_reason, lock_to_decide
from requests_app.actions.giving import give_license
from requests_app.actions.rejecting import check_not_postponed, close_rejected
from requests_app.models import LicenseRequest
from requests_app.verbs import LICENSE_REQUEST_CREATED


@transaction.atomic
def request_license(
    license: License, *, by: User, reason: str = "", label: LabelValue | None = None
) -> LicenseRequest:
    """Asks the admins for a licence (R26). Raises RuleError: hidden, ended, had already, asked already."""
    reason = checked_reason(reason)
    license = lock_license(license)
    check_may_ask(by)  # behind the lock: many at once are counted one after the other (C32)
    if not License.objects.requestable_by(by).filter(pk=license.pk).exists():
        raise RuleError(_("You cannot request this licence."))
    check_not_postponed(by, license)
    check_label(label, license.company, LabelKind.REQUESTS)
    said = {"reason": reason, "label": label}
    try:
        with transaction.atomic():
            new = LicenseRequest.objects.create(company=license.company, license=license, user=by, **said)
    except IntegrityError:
        raise RuleError(_("You have already requested “%(license)s”.") % {"license": license}) from None
    mails.send_license_requested(new)
    mails.send_license_request_received(new)
    record(LICENSE_REQUEST_CREATED, by=by, company_id=new.company_id, about=[new, license])
    return new


@transaction.atomic
def request_licenses(licenses: Iterable[License], *, by: User, **said: Any) -> list[LicenseRequest]:
    """Several at once with one reason (R18): all of them, or none when one is refused."""
    return [request_license(license, by=by, **said) for license in sorted(licenses, key=lambda one: one.pk)]


@transaction.atomic
def approve(license_request: LicenseRequest, *, by: User, ends_on: date | None = None) -> None:
    """Access at once, until a day where one is named, and a mail (R28).

    Raises RuleError: decided already, ended, no seat free, person gone, a day outside the term.
    """
    license_request = lock_to_decide(license_request)
    requester = license_request.requester
    if not requester.is_active or requester.company_id != license_request.company_id:
        raise RuleError(_("The person who asked cannot sign in at your company any more."))
    if not license_request.license.is_in_term:
        raise RuleError(_("“%(license)s” is not valid today.") % {"license": license_request.license})
    give_license(license_request.license, to=requester, by=by, ends_on=ends_on)  # which answers this request


@transaction.atomic
def reject(
    license_request: LicenseRequest,
    *,
    by: User,
    reason: str = "",
    note: str = "",
    ask_again_on: date | None = None,
) -> None:
    """Colleagues read the reason too, the requester alone the note. Raises RuleError."""
    license_request = lock_to_decide(license_request)
    close_rejected(license_request, by=by, reason=reason, note=note, ask_again_on=ask_again_on)
    mails.send_license_request_rejected(license_request)

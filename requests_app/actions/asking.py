from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actions.labels import check_label
from accounts.models import User
from companies.actions import lock_working
from companies.models import LabelKind, LabelValue
from licenses.access import can_open, is_covered
from licenses.actions.terms import lock_license
from licenses.models import Document, License
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError
from nenconnect.text.characters import plain_lines
from requests_app import mails
from requests_app.access import licenses_for, may_ask_from
from requests_app.access.reasons import explain
from requests_app.access.sentences import ReasonKind
from requests_app.models import MAX_REASON, REQUEST_KINDS, AccessRequest, DocumentRequest, LicenseRequest

MAX_PER_DAY = 50  # C32: requests by one person


@transaction.atomic
def request_license(
    license: License, *, by: User, reason: str = "", label: LabelValue | None = None
) -> LicenseRequest:
    """Ask the admins for a licence (R26). Raises RuleError: hidden, ended, had already, asked already."""
    reason = checked_reason(reason)
    license = lock_license(license)
    check_may_ask(by)  # behind the lock: many at once are counted one after the other (C32)
    if not License.objects.requestable_by(by).filter(pk=license.pk).exists():
        raise RuleError(_("You cannot request this licence."))
    check_not_postponed(by, license)
    check_label(label, license.company, LabelKind.REQUESTS)
    new = LicenseRequest(company=license.company, license=license, user=by, reason=reason, label=label)
    _save_and_mail(new, refusal=_("You have already requested “%(license)s”.") % {"license": license})
    return new


@transaction.atomic
def request_licenses(licenses: Iterable[License], *, by: User, **details: Any) -> list[LicenseRequest]:
    """Request several licences with one reason (R18): all, or none when one is refused."""
    return [
        request_license(license, by=by, **details) for license in sorted(licenses, key=lambda license: license.pk)
    ]


@transaction.atomic
def request_document(
    document: Document, *, by: User, reason: str = "", label: LabelValue | None = None
) -> DocumentRequest:
    """Ask for a standard that the person cannot open (R29). Raises RuleError."""
    reason = checked_reason(reason)
    company = lock_working(by.company) if by.company else None
    check_may_ask(by)  # behind the lock: many at once are counted one after the other (C32)
    assert company is not None
    _check_can_use(document, by)
    if not licenses_for(company.pk, document).exists():
        raise RuleError(
            _("Your company has no licence in which this document can be. NEN Klantenservice can help.")
        )
    check_label(label, company, LabelKind.REQUESTS)
    new = DocumentRequest(company=company, document=document, user=by, reason=reason, label=label)
    _save_and_mail(new, refusal=_("You have already requested this document."))
    return new


def _save_and_mail(new: AccessRequest, *, refusal: str) -> None:
    """Save, mail and record a request. Raises RuleError with the refusal where the person has an open one."""
    try:
        with transaction.atomic():
            new.save()
    except IntegrityError:
        raise RuleError(refusal) from None
    mails.send_requested(new)
    mails.send_request_received(new)
    record(new.verbs.created, by=new.user, company_id=new.company_id, about=[new, new.item])


def _check_can_use(document: Document, user: User) -> None:
    """Raise RuleError when the person can open it already, works in another country, or must wait."""
    if can_open(user, document):
        raise RuleError(_("You can open this document already."))
    reason = explain(document, user, to=user)
    if not is_covered(user, document):
        raise RuleError(reason.sentence)
    if document.is_withdrawn:
        raise RuleError(_("This document was withdrawn; it can no longer be requested."))
    check_not_postponed(user, document)
    if reason.kind == ReasonKind.NOT_NOW and reason.license:  # the licence that alone would bring it
        check_not_postponed(user, reason.license)


def checked_reason(reason: str) -> str:
    """Return the reason without what cannot be shown. Raises RuleError when too long."""
    reason = plain_lines(reason)
    if len(reason) > MAX_REASON:
        raise RuleError(_("Use at most %(max)s characters.") % {"max": MAX_REASON}, field="reason")
    return reason


def check_may_ask(user: User) -> None:
    """Raise RuleError for a person who is not active, has no company, or asked too often today."""
    if not User.objects.active().filter(pk=user.pk, company=user.company_id, company__isnull=False).exists():
        raise RuleError(_("Only people of a company can send requests."))
    since = timezone.now() - timedelta(days=1)
    number = sum(kind.objects.filter(user=user, created_at__gte=since).count() for kind in REQUEST_KINDS)
    if number >= MAX_PER_DAY:
        raise RuleError(_("You have sent %(max)s requests today. Please go on tomorrow.") % {"max": MAX_PER_DAY})


def check_not_postponed(user: User, item: License | Document) -> None:
    """Raise RuleError with the day from which the person may ask again."""
    if day := may_ask_from(user, item):
        raise RuleError(
            _("Your request was rejected for now. You can ask again from %(date)s.")
            % {"date": date_format(day, "j F Y")}
        )

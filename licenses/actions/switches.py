"""„Bedrijfsbrede licentie" and „Toon in licentie selectie" (R21, R22)."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from licenses.actions.terms import check_terms, lock
from licenses.models import CompanyWideEnd, Grant, License
from licenses.verbs import COMPANY_WIDE_ENDING, COMPANY_WIDE_SWITCHED, LICENSE_SHOWN_SWITCHED
from nenconnect.audit.actions import Actor, record
from nenconnect.jobs.wake_worker import wake_worker
from nenconnect.rules.errors import RuleError

TASK = "licenses.tasks.end_company_wide"
AT_ONCE = 1_000  # people; where more have access, a worker writes their grants and no page waits for it

# Whoever had access when it was asked keeps it (R21); who registered later must ask.
# A grant until a day was worth less than what they had.
_KEEP_ACCESS = """
INSERT INTO licenses_grant (license_id, user_id, granted_at, granted_by_id, origin)
SELECT %s, id, now(), %s, %s FROM accounts_user WHERE company_id = %s AND is_active AND registered_at <= %s
ON CONFLICT (license_id, user_id) DO UPDATE SET ends_on = NULL WHERE licenses_grant.ends_on IS NOT NULL
"""


@transaction.atomic
def set_company_wide(license: License, is_company_wide: bool, *, by: Actor) -> bool:
    """Whether anything changed. Raises RuleError: ended, without NEN's approval, a licence with seats.

    Switched off, everyone who has access now keeps it by a grant; where they are many, a worker does so and the
    licence is company-wide until it has.
    """
    license = lock(license)
    _check_goes_on(license)
    if is_company_wide:
        return _switch_on(license, by=by)
    if not license.is_company_wide or CompanyWideEnd.objects.filter(license=license).exists():
        return False
    if User.objects.active().members_of(license.company).count() > AT_ONCE:
        CompanyWideEnd.objects.create(license=license, asked_by_id=by.pk if by else None)
        record(COMPANY_WIDE_ENDING, by=by, company_id=license.company_id, about=license)
        transaction.on_commit(lambda: wake_worker(TASK), robust=True)
    else:
        _switch_off(license, by=by, asked_at=timezone.now())
    return True


def end_company_wide() -> None:
    """For the worker: what admins asked for and is not done yet. Safe to run twice and at once."""
    for pk in CompanyWideEnd.objects.order_by("pk").values_list("license", flat=True):
        _end(pk)


@transaction.atomic
def _end(license_pk: int) -> None:
    license = lock(License.objects.get(pk=license_pk))
    end = CompanyWideEnd.objects.filter(license=license).select_related("asked_by").first()
    if end:
        _switch_off(license, by=end.asked_by, asked_at=end.asked_at)
        end.delete()


def _check_goes_on(license: License) -> None:
    if license.has_ended:
        raise RuleError(_("“%(license)s” has ended; it cannot be changed any more.") % {"license": license})


def _switch_on(license: License, *, by: Actor) -> bool:
    """An end that no worker has come to yet is called off."""
    called_off, _rows = CompanyWideEnd.objects.filter(license=license).delete()
    if license.is_company_wide and not called_off:
        return False
    license.is_company_wide = True
    check_terms(license)
    license.save(update_fields=["is_company_wide"])
    record(COMPANY_WIDE_SWITCHED, by=by, company_id=license.company_id, about=license, to=True)
    return True


def _switch_off(license: License, *, by: Actor, asked_at: datetime) -> None:
    """In one statement, however many they are."""
    origin = Grant.Origin.COMPANY_WIDE
    with connection.cursor() as cursor:
        who = by.pk if by else None
        cursor.execute(_KEEP_ACCESS, [license.pk, who, origin.value, license.company_id, asked_at])
    license.is_company_wide = False
    license.save(update_fields=["is_company_wide"])
    asked = {"asked_at": asked_at.isoformat()}
    record(COMPANY_WIDE_SWITCHED, by=by, company_id=license.company_id, about=license, to=False, **asked)


@transaction.atomic
def set_shown(license: License, is_shown: bool, *, by: Actor) -> bool:
    """„Toon in licentie selectie" (R22); whether anything changed. Open requests stay as they are.

    Raises RuleError for a licence that has ended.
    """
    license = lock(license)
    _check_goes_on(license)
    if license.is_shown == is_shown:
        return False
    license.is_shown = is_shown
    license.save(update_fields=["is_shown"])
    record(LICENSE_SHOWN_SWITCHED, by=by, company_id=license.company_id, about=license, to=is_shown)
    return True

"""Switch a licence company-wide, and show it in the licence selection (R21, R22)."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from licenses.actions.terms import check_terms, lock_license
from licenses.models import CompanyWideEnd, Grant, License
from licenses.verbs import COMPANY_WIDE_ENDING, COMPANY_WIDE_SWITCHED, LICENSE_SHOWN_SWITCHED
from nenconnect.audit.actions import Actor, record
from nenconnect.jobs.wake_worker import wake_worker
from nenconnect.rules.errors import RuleError

TASK = "licenses.tasks.end_company_wide"
AT_ONCE = 1_000  # people; where more have access, a worker writes their grants and no page waits for it

# People with access at the time of the request keep it; people who registered later must ask (R21).
# A grant with a last day loses that day, because company-wide access had none.
_GRANT_TO_PEOPLE_WITH_ACCESS = """
INSERT INTO licenses_grant (license_id, user_id, granted_at, granted_by_id, origin)
SELECT %s, id, now(), %s, %s FROM accounts_user WHERE company_id = %s AND is_active AND registered_at <= %s
ON CONFLICT (license_id, user_id) DO UPDATE SET ends_on = NULL WHERE licenses_grant.ends_on IS NOT NULL
"""


@transaction.atomic
def set_company_wide(license: License, is_company_wide: bool, *, by: Actor) -> bool:
    """Return whether anything changed.

    Switching off gives everyone with access a grant. For more than `AT_ONCE` people a worker does so, and the
    licence is company-wide until then.

    Raises: RuleError for a licence that has ended, has seats, or lacks NEN's approval.
    """
    license = lock_license(license)
    _check_has_not_ended(license)
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
    # Safe to run twice and at once.
    for pk in CompanyWideEnd.objects.order_by("pk").values_list("license", flat=True):
        _end_company_wide_of(pk)


@transaction.atomic
def _end_company_wide_of(license_pk: int) -> None:
    license = lock_license(License.objects.get(pk=license_pk))
    end = CompanyWideEnd.objects.filter(license=license).select_related("asked_by").first()
    if end:
        _switch_off(license, by=end.asked_by, asked_at=end.asked_at)
        end.delete()


def _check_has_not_ended(license: License) -> None:
    if license.has_ended:
        raise RuleError(_("“%(license)s” has ended. You can no longer change it.") % {"license": license})


def _switch_on(license: License, *, by: Actor) -> bool:
    # An end that the worker has not reached is cancelled.
    called_off, _rows = CompanyWideEnd.objects.filter(license=license).delete()
    if license.is_company_wide and not called_off:
        return False
    license.is_company_wide = True
    check_terms(license)
    license.save(update_fields=["is_company_wide"])
    record(COMPANY_WIDE_SWITCHED, by=by, company_id=license.company_id, about=license, to=True)
    return True


def _switch_off(license: License, *, by: Actor, asked_at: datetime) -> None:
    origin = Grant.Origin.COMPANY_WIDE
    with connection.cursor() as cursor:
        who = by.pk if by else None
        cursor.execute(_GRANT_TO_PEOPLE_WITH_ACCESS, [license.pk, who, origin.value, license.company_id, asked_at])
    license.is_company_wide = False
    license.save(update_fields=["is_company_wide"])
    details = {"asked_at": asked_at.isoformat()}
    record(COMPANY_WIDE_SWITCHED, by=by, company_id=license.company_id, about=license, to=False, **details)


@transaction.atomic
def set_shown(license: License, is_shown: bool, *, by: Actor) -> bool:
    """Show or hide the licence in „Toon in licentie selectie"; return whether anything changed (R22).

    Open requests stay as they are. Raises: RuleError for a licence that has ended.
    """
    license = lock_license(license)
    _check_has_not_ended(license)
    if license.is_shown == is_shown:
        return False
    license.is_shown = is_shown
    license.save(update_fields=["is_shown"])
    record(LICENSE_SHOWN_SWITCHED, by=by, company_id=license.company_id, about=license, to=is_shown)
    return True

"""„Bedrijfsbrede licentie" and „Toon in licentie selectie" (R21, R22)."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from licenses.actions.terms import check_terms, lock
from licenses.models import Grant, License
from nenconnect.trail.actions import Actor, record


@transaction.atomic
def set_company_wide(license: License, is_company_wide: bool, *, by: Actor) -> None:
    """Raises RuleError without NEN's approval. Unticking: everyone who has access now keeps it, by grant (R21)."""
    license = lock(license)
    if license.is_company_wide == is_company_wide:
        return
    license.is_company_wide = is_company_wide
    check_terms(license)
    if not is_company_wide:
        people = User.objects.active().members_of(license.company).values_list("pk", flat=True)
        Grant.objects.bulk_create(
            [Grant(license=license, user_id=pk, granted_by_id=by.pk if by else None) for pk in people],
            ignore_conflicts=True,
        )
    license.save(update_fields=["is_company_wide"])
    record("company_wide_switched", by=by, company_id=license.company_id, about=license, to=is_company_wide)


@transaction.atomic
def set_shown(license: License, is_shown: bool, *, by: Actor) -> None:
    """„Toon in licentie selectie" (R22)."""
    license = lock(license)
    if license.is_shown != is_shown:
        license.is_shown = is_shown
        license.save(update_fields=["is_shown"])
        record("license_shown_switched", by=by, company_id=license.company_id, about=license, to=is_shown)

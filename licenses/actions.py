from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import membership, registration
from accounts.models import User
from companies.actions import lock as lock_company
from companies.models import Company
from licenses.models import Document, Grant, License
from nenconnect.errors import RuleError
from nenconnect.trail.actions import Actor, record

TERM_FIELDS = ("name", "kind", "starts_on", "ends_on", "seats", "is_company_wide_approved")


@transaction.atomic
def create_license(company: Company, *, by: Actor, documents: Iterable[Document] = (), **fields: Any) -> License:
    """Raises RuleError for dates the wrong way round, and for company-wide without NEN's approval."""
    license = License(company=company, **fields)
    check_terms(license)
    license.save()
    license.documents.set(documents)
    record("license_created", by=by, company_id=company.pk, about=license)
    return license


@transaction.atomic
def change_terms(license: License, *, by: Actor, **fields: Any) -> None:
    """NEN's side of a licence: name, kind, term, seats, approval. Raises RuleError and ValueError."""
    if unknown := set(fields) - set(TERM_FIELDS):
        raise ValueError(f"not a term: {unknown}")
    license = lock(license)
    changed = [name for name, value in fields.items() if getattr(license, name) != value]
    for name in changed:
        setattr(license, name, fields[name])
    check_terms(license)
    if changed:
        license.save(update_fields=changed)
        record("license_changed", by=by, company_id=license.company_id, about=license, fields=changed)


@transaction.atomic
def set_documents(license: License, documents: Iterable[Document], *, by: Actor) -> None:
    license = lock(license)
    license.documents.set(documents)
    record("license_documents_set", by=by, company_id=license.company_id, about=license)


@transaction.atomic
def add_document(license: License, document: Document, *, by: Actor) -> None:
    """Raises RuleError for a package: its contents are NEN's (R20)."""
    license = lock(license)
    if license.kind != License.Kind.CUSTOM:
        raise RuleError(_("Documents can only be added to a custom collection."), field="license")
    license.documents.add(document)
    record("license_document_added", by=by, company_id=license.company_id, about=[license, document])


@transaction.atomic
def grant(license: License, *, to: User, by: Actor) -> Grant:
    """Gives the licence; having it already is no error. Raises RuleError: another company, ended, no seat free."""
    license = lock(license)
    user = User.objects.select_for_update().filter(pk=to.pk).first()
    if user is None or user.company_id != license.company_id:
        raise RuleError(_("This person is not in the company of the licence."))
    existing = Grant.objects.filter(license=license, user=user).first()
    if existing:
        return existing
    if license.ends_on < timezone.localdate():
        raise RuleError(_("“%(license)s” has ended; it cannot be given any more.") % {"license": license})
    _check_seats(license)
    new = Grant.objects.create(license=license, user=user, granted_by_id=by.pk if by else None)
    record("license_granted", by=by, company_id=license.company_id, about=[license, user])
    return new


@transaction.atomic
def take_away(license: License, *, user: User, by: Actor) -> None:
    license = lock(license)
    deleted, _rows = Grant.objects.filter(license=license, user=user).delete()
    if deleted:
        record("license_taken_away", by=by, company_id=license.company_id, about=[license, user])


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


@transaction.atomic
def add_colleague(company: Company, new: registration.NewColleague, *, license: License | None, by: User) -> User:
    """The form of R10, saved whole or not at all: the person, the mail, and the licence if one was chosen."""
    user = registration.add_user(company, new, by=by)
    if license and user.company_id == company.pk:
        grant(license, to=user, by=by)
    return user


@transaction.atomic
def remove_colleague(user: User, *, by: User) -> None:
    """Out of the company, and every licence of it is taken away; the account goes on as a personal one."""
    company = lock_company(user.company) if user.company else None
    for license in License.objects.of(company).filter(grants__user=user):
        take_away(license, user=user, by=by)
    membership.remove_from_company(user, by=by)


def lock(license: License) -> License:
    """Company first, then the licence (C40); the caller works on the row as it is now."""
    Company.objects.select_for_update().get(pk=license.company_id)
    return License.objects.select_for_update().select_related("company").get(pk=license.pk)


def _check_seats(license: License) -> None:
    used = license.grants.count()
    if license.seats is not None and used >= license.seats:
        raise RuleError(
            _("All %(seats)s seats of “%(license)s” are in use. Take it away from somebody, or ask NEN for more.")
            % {"seats": license.seats, "license": license},
            field="license",
        )


def check_terms(license: License) -> None:
    """Raises RuleError for terms that no licence can have; the licence need not be saved yet."""
    if license.seats == 0:
        raise RuleError(_("A licence has at least 1 seat. Leave it empty for no maximum."), field="seats")
    if license.ends_on < license.starts_on:
        raise RuleError(_("The last day lies before the first day."), field="ends_on")
    if license.is_company_wide and not license.is_company_wide_approved:
        raise RuleError(_("NEN has not approved company-wide access for this licence."), field="is_company_wide")
    if license.is_company_wide and license.seats is not None:
        raise RuleError(_("A company-wide licence has no seats: everyone can read it."), field="seats")
    if license.pk and license.seats is not None and license.grants.count() > license.seats:
        raise RuleError(
            _("%(used)s people have this licence; it cannot have fewer seats.") % {"used": license.grants.count()},
            field="seats",
        )

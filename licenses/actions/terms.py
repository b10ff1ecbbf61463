"""Set what NEN agreed with a company: kind, term, seats, documents; and lock a licence for every action."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from companies.models import Company
from licenses.models import LAST_DAY, Document, Grant, License
from licenses.verbs import LICENSE_CHANGED, LICENSE_CREATED, LICENSE_DOCUMENTS_SET
from nenconnect.audit.actions import Actor, record
from nenconnect.audit.changes import changed_fields
from nenconnect.rules.errors import RuleError

DAY = timedelta(days=1)
TERM_FIELDS = (
    "name",
    "kind",
    "starts_on",
    "ends_on",
    "seats",
    "is_company_wide_approved",
    "max_documents",
    "allowed_kinds",
)


@transaction.atomic
def create_license(company: Company, *, by: Actor, documents: Iterable[Document] = (), **fields: Any) -> License:
    """Create a licence with its documents.

    Raises: RuleError for terms that no licence can have, and for a licence that exists.
    """
    Company.objects.select_for_update().get(pk=company.pk)  # of two clicks the second finds the licence (C40)
    license = License(company=company, **fields)
    check_terms(license)
    check_is_new(license)
    documents = list(documents)
    check_documents(license, documents)
    license.save()
    license.documents.set(documents)
    first = {name: (None, value) for name, value in fields.items()}
    record(LICENSE_CREATED, by=by, company_id=company.pk, about=license, changes=first)
    return license


@transaction.atomic
def change_terms(license: License, *, by: Actor, **fields: Any) -> None:
    """Change the name, kind, term, seats or approval of a licence.

    Raises: RuleError for terms that no licence can have; ValueError for a field that is no term.
    """
    if unknown := set(fields) - set(TERM_FIELDS):
        raise ValueError(f"not a term: {unknown}")
    license = lock_license(license)
    changes = changed_fields(license, fields)
    for name in changes:
        setattr(license, name, fields[name])
    check_terms(license)
    if changes:
        check_is_new(license)
        license.save(update_fields=list(changes))
        note_when_full(license)
        record(
            LICENSE_CHANGED,
            by=by,
            company_id=license.company_id,
            about=license,
            fields=list(changes),
            changes=changes,
        )


@transaction.atomic
def renew(license: License, *, by: Actor, seen: date) -> date:
    """Add a year; if that has passed too, start a year today. Return the new last day.

    `seen` is the last day that the page showed. Raises: RuleError if the last day is another by now.
    """
    license = lock_license(license)
    if license.ends_on != seen:
        raise RuleError(
            _("Another person changed the term. The licence now ends on %(day)s.")
            % {"day": date_format(license.ends_on, "j F Y")}
        )
    fields = following_term(license)
    change_terms(license, by=by, **fields)
    return fields["ends_on"]


def following_term(license: License) -> dict[str, date]:
    today = timezone.localdate()
    # A year to the day: 28 February 2027 goes on until 29 February 2028.
    ends_on = license.ends_on + DAY + relativedelta(years=1) - DAY
    if ends_on >= today:
        return {"ends_on": ends_on}
    return {"starts_on": today, "ends_on": today + relativedelta(years=1) - DAY}


@transaction.atomic
def set_documents(
    license: License, documents: Iterable[Document], *, by: Actor, seen: Iterable[Document] | None = None
) -> None:
    """Set the documents; keep what others added or removed since `seen`, the documents that the page showed.

    Raises: RuleError for more documents, or other kinds, than the licence may have.
    """
    license = lock_license(license)
    documents = list(documents)
    if seen is not None:
        chosen, before = set(documents), set(seen)
        documents = list(set(license.documents.all()) - (before - chosen) | (chosen - before))
    check_documents(license, documents)
    ids_before = set(license.documents.values_list("pk", flat=True))
    ids_after = {document.pk for document in documents}
    license.documents.set(documents)
    record(
        LICENSE_DOCUMENTS_SET,
        by=by,
        company_id=license.company_id,
        about=license,
        put_in=sorted(ids_after - ids_before),
        taken_out=sorted(ids_before - ids_after),
    )


def lock_license(license: License) -> License:
    """Lock the company, then the licence, and return the licence as it is now (C40)."""
    Company.objects.select_for_update().get(pk=license.company_id)
    return License.objects.select_for_update().select_related("company").get(pk=license.pk)


def note_when_full(license: License) -> None:
    if License.objects.filter(pk=license.pk).full().exists():
        license.last_full_at = timezone.now()
        license.save(update_fields=["last_full_at"])


def check_documents(license: License, documents: list[Document]) -> None:
    if license.max_documents is not None and len(documents) > license.max_documents:
        text = _("This licence may have %(max)s documents. You chose %(number)s.")
        raise RuleError(text % {"max": license.max_documents, "number": len(documents)}, field="documents")
    refused = [
        document for document in documents if license.allowed_kinds and document.kind not in license.allowed_kinds
    ]
    if refused:
        text = _("This licence may not hold %(document)s: its kind is %(kind)s.")
        raise RuleError(text % {"document": refused[0], "kind": refused[0].kind}, field="documents")


def check_company_wide(license: License) -> None:
    if not license.is_company_wide_approved:
        raise RuleError(_("NEN has not approved company-wide access for this licence."), field="is_company_wide")
    if license.seats is not None:
        raise RuleError(_("A company-wide licence has no seats: everyone can read it."), field="seats")


def check_is_new(license: License) -> None:
    same = License.objects.filter(company=license.company_id, name=license.name, starts_on=license.starts_on)
    if same.exclude(pk=license.pk).exists():
        text = _(
            "The company already has a licence “%(name)s” from %(day)s. Change that licence, or choose another "
            "name."
        )
        day = date_format(license.starts_on, "j F Y")
        raise RuleError(text % {"name": license.name, "day": day}, field="name")


def check_terms(license: License) -> None:
    if license.seats == 0:
        raise RuleError(_("A licence has at least 1 seat. Leave it empty for no maximum."), field="seats")
    if license.ends_on < license.starts_on:
        raise RuleError(_("The last day is before the first day."), field="ends_on")
    if license.ends_on > LAST_DAY:
        raise RuleError(_("Choose a last day before the year 2200."), field="ends_on")
    if license.is_company_wide:
        check_company_wide(license)
    used = Grant.objects.lasting().filter(license=license).count() if license.pk and license.seats else 0
    if license.seats is not None and used > license.seats:
        raise RuleError(
            _("%(used)s people have this licence; it cannot have fewer seats.") % {"used": used},
            field="seats",
        )
    if license.kind != License.Kind.CUSTOM and (license.max_documents is not None or license.allowed_kinds):
        raise RuleError(_("Only a custom collection has a maximum and kinds."), field="max_documents")
    if license.pk and license.max_documents is not None and license.documents.count() > license.max_documents:
        raise RuleError(
            _("The licence already has %(number)s documents. The maximum cannot be lower.")
            % {"number": license.documents.count()},
            field="max_documents",
        )

"""Let company admins change a custom collection, within the limits that NEN set (R20)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from licenses.actions.terms import lock_license
from licenses.models import Document, License
from licenses.verbs import LICENSE_DOCUMENT_ADDED, LICENSE_DOCUMENT_REMOVED
from nenconnect.audit.actions import Actor, record
from nenconnect.rules.errors import RuleError


@transaction.atomic
def add_document(license: License, document: Document, *, by: Actor) -> bool:
    """Return False if the collection has the document already, else add it.

    Raises: RuleError for a package, a licence that has ended or is full, a withdrawn document, a kind not allowed.
    """
    license = lock_license(license)
    _check_is_collection(license)
    if license.documents.filter(pk=document.pk).exists():
        return False
    if document.is_withdrawn:
        raise RuleError(_("This document was withdrawn; it can no longer be added to a collection."))
    if license.allowed_kinds and document.kind not in license.allowed_kinds:
        kinds = ", ".join(license.allowed_kinds)
        raise RuleError(
            _("“%(license)s” may only hold documents of these kinds: %(kinds)s.")
            % {"license": license, "kinds": kinds},
            field="license",
        )
    if license.max_documents is not None and license.documents.count() >= license.max_documents:
        raise RuleError(_full_message(license), field="license")
    license.documents.add(document)
    record(LICENSE_DOCUMENT_ADDED, by=by, company_id=license.company_id, about=[license, document])
    return True


@transaction.atomic
def remove_document(license: License, document: Document, *, by: Actor) -> bool:
    """Return False if the collection does not have the document, else remove it.

    Raises: RuleError for a package, which only NEN changes (R20), and for a licence that has ended.
    """
    license = lock_license(license)
    _check_is_collection(license)
    if not license.documents.filter(pk=document.pk).exists():
        return False
    license.documents.remove(document)
    record(LICENSE_DOCUMENT_REMOVED, by=by, company_id=license.company_id, about=[license, document])
    return True


def _check_is_collection(license: License) -> None:
    if license.kind != License.Kind.CUSTOM:
        raise RuleError(
            _("You can only change a custom collection. NEN chooses the documents of a package."), field="license"
        )
    if license.has_ended:
        raise RuleError(_("“%(license)s” has ended. You can no longer change it.") % {"license": license})


def _full_message(license: License) -> str:
    number = license.max_documents or 0
    return ngettext(
        "“%(license)s” is full: it may hold %(number)s document. Take one out first, or ask NEN for more.",
        "“%(license)s” is full: it may hold %(number)s documents. Take one out first, or ask NEN for more.",
        number,
    ) % {"license": license, "number": number}

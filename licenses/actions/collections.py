"""What is in a custom collection (R20): the admins of the company say, within what NEN allowed."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from licenses.actions.terms import lock
from licenses.models import Document, License
from nenconnect.errors import RuleError
from nenconnect.trail.actions import Actor, record


@transaction.atomic
def add_document(license: License, document: Document, *, by: Actor) -> None:
    """Raises RuleError for a package: its contents are NEN's (R20)."""
    license = lock(license)
    if license.kind != License.Kind.CUSTOM:
        raise RuleError(_("Documents can only be added to a custom collection."), field="license")
    license.documents.add(document)
    record("license_document_added", by=by, company_id=license.company_id, about=[license, document])

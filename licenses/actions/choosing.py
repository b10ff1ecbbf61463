"""Choose many documents for a licence, by numbers or by a rule; preview the change and save it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from licenses.actions.terms import lock_license, set_documents
from licenses.models import Document, License, bare
from nenconnect.audit.actions import Actor
from nenconnect.rules.errors import RuleError

MOST_NUMBERS = 5_000


@dataclass(frozen=True)
class Rule:
    """Select documents that match every filled-in field, at the moment of choosing; later documents stay out."""

    kind: str = ""
    begins: str = ""
    status: str = ""
    since: date | None = None

    def __bool__(self) -> bool:
        return any((self.kind, self.begins, self.status, self.since))

    def documents(self) -> QuerySet[Document]:
        documents = Document.objects.all() if self else Document.objects.none()
        if self.kind:
            documents = documents.filter(kind=self.kind)
        if self.begins:
            documents = documents.filter(bare_number__startswith=bare(self.begins))
        if self.status:
            documents = documents.filter(status=self.status)
        return documents.filter(published_on__gte=self.since) if self.since else documents


@dataclass(frozen=True)
class Chosen:
    """Hold the documents that a list and a rule select; `missing` are numbers of no document."""

    documents: frozenset[Document]
    missing: tuple[str, ...]

    @property
    def digest(self) -> str:
        # Saving is refused when the preview showed another set.
        ids = ",".join(str(pk) for pk in sorted(document.pk for document in self.documents))
        return hashlib.sha256(ids.encode()).hexdigest()[:32]


def choose(numbers: str, rule: Rule) -> Chosen:
    """Read numbers, one a line or separated by commas; spaces, dashes and dots do not matter.

    Raises: RuleError for more than `MOST_NUMBERS` numbers.
    """
    typed_numbers = {bare(number): number.strip() for number in re.split(r"[\n,;\t]", numbers) if bare(number)}
    if len(typed_numbers) > MOST_NUMBERS:
        raise RuleError(_("Use at most %(max)s numbers at a time.") % {"max": MOST_NUMBERS}, field="numbers")
    matches = list(Document.objects.filter(bare_number__in=typed_numbers))
    matched_numbers = {document.bare_number for document in matches}
    missing = tuple(typed for number, typed in typed_numbers.items() if number not in matched_numbers)
    return Chosen(frozenset([*matches, *rule.documents()]), missing)


@transaction.atomic
def change_documents(license: License, chosen: Chosen, *, how: str, by: Actor) -> None:
    license = lock_license(license)
    set_documents(license, after(license, chosen, how=how), by=by)


def after(license: License, chosen: Chosen, *, how: str) -> set[Document]:
    current = set(license.documents.all())
    if how == "add":
        return current | chosen.documents
    return current - chosen.documents if how == "remove" else set(chosen.documents)

"""Documents of a licence by the hundreds: by a list of numbers, or by a rule; resolved at once, shown, and set."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from licenses.actions.terms import lock, set_documents
from licenses.models import Document, License, bare
from nenconnect.audit.actions import Actor
from nenconnect.rules.errors import RuleError

MOST_NUMBERS = 5_000


@dataclass(frozen=True)
class Rule:
    """All documents that have each of what is filled in. Resolved once: later documents stay out."""

    kind: str = ""
    begins: str = ""
    status: str = ""
    since: date | None = None

    def __bool__(self) -> bool:
        return any((self.kind, self.begins, self.status, self.since))

    def documents(self) -> QuerySet[Document]:
        rows = Document.objects.all() if self else Document.objects.none()
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.begins:
            rows = rows.filter(bare_number__startswith=bare(self.begins))
        if self.status:
            rows = rows.filter(status=self.status)
        return rows.filter(published_on__gte=self.since) if self.since else rows


@dataclass(frozen=True)
class Chosen:
    """What a list and a rule found together; `missing` are numbers that no document has."""

    documents: frozenset[Document]
    missing: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Of what was shown: when it is saved it has to be the same."""
        ids = ",".join(str(pk) for pk in sorted(document.pk for document in self.documents))
        return hashlib.sha256(ids.encode()).hexdigest()[:32]


def choose(numbers: str, rule: Rule) -> Chosen:
    """One number a line, or parted by commas; spaces, dashes and dots in them are no matter. Raises RuleError."""
    asked = {bare(one): one.strip() for one in re.split(r"[\n,;\t]", numbers) if bare(one)}
    if len(asked) > MOST_NUMBERS:
        raise RuleError(_("Use at most %(max)s numbers at a time.") % {"max": MOST_NUMBERS}, field="numbers")
    found = list(Document.objects.filter(bare_number__in=asked))
    known = {document.bare_number for document in found}
    missing = tuple(typed for number, typed in asked.items() if number not in known)
    return Chosen(frozenset([*found, *rule.documents()]), missing)


@transaction.atomic
def change_documents(license: License, chosen: Chosen, *, how: str, by: Actor) -> None:
    """Adds them, takes them out, or holds these alone. Raises RuleError as `set_documents` does."""
    license = lock(license)
    set_documents(license, after(license, chosen, how=how), by=by)


def after(license: License, chosen: Chosen, *, how: str) -> set[Document]:
    """What the licence would hold."""
    held = set(license.documents.all())
    if how == "add":
        return held | chosen.documents
    return held - chosen.documents if how == "remove" else set(chosen.documents)

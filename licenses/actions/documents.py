"""Save documents, one by one from the desk or many at once from a table."""

from __future__ import annotations

import re
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from licenses.models import Document
from licenses.verbs import DOCUMENT_ADDED, DOCUMENT_CHANGED
from nenconnect.audit.actions import Actor, record
from nenconnect.audit.changes import changed_fields
from nenconnect.rules.errors import RuleError
from nenconnect.text.characters import validate_single_line

PDF_BEGINS, PDF_ENDS = b"%PDF-", b"%%EOF"
MAX_PDF = 500 * 2**20  # bytes
LINES = ("number", "title_nl", "title_en")


@transaction.atomic
def save_document(document: Document, *, by: Actor, file: File | None = None, **fields: Any) -> bool:
    """Set fields of a new or existing document; return whether anything changed.

    Raises: RuleError for values that no document can have.
    """
    is_new = document.pk is None
    changes = changed_fields(document, fields)
    changed = list(fields) if is_new else list(changes)
    for name in changed:
        setattr(document, name, fields[name])
    check_document(document)
    if file is not None:
        check_pdf(file)
        document.file.save(_file_name(document), file, save=False)
        document.file_missing_since = None
        changed.append("file")
    if changed:
        document.save()
        verb = DOCUMENT_ADDED if is_new else DOCUMENT_CHANGED
        details = {} if is_new else {"changes": changes}
        record(verb, by=by, company_id=None, about=document, fields=sorted(changed), **details)
    return bool(changed)


def check_document(document: Document) -> None:
    for name in LINES:
        _check_single_line(name, getattr(document, name))
    try:
        document.clean_fields(exclude=["file", "replaced_by", "bare_number", "sort_key"])
    except ValidationError as error:
        field, texts = next(iter(error.message_dict.items()))
        raise RuleError(texts[0], field=field) from None
    if document.is_plus and not document.plus_countries:
        raise RuleError(_("Choose the countries in which this Plus document may be read."), field="plus_countries")
    if document.plus_countries and not document.is_plus:
        raise RuleError(_("Tick “Plus”, or choose no countries."), field="is_plus")
    if document.replaced_by and document.replaced_by.pk == document.pk:
        raise RuleError(_("A document cannot replace itself."), field="replaced_by")


def check_pdf(file: IO[bytes] | File) -> None:
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    begin = file.read(1024)
    file.seek(max(size - 2048, 0))
    end = file.read()
    file.seek(0)
    if PDF_BEGINS not in begin or PDF_ENDS not in end:
        raise RuleError(_("This file is not a PDF. Choose the PDF of the document."), field="file")
    if size > MAX_PDF:
        raise RuleError(_("This file is larger than %(max)s MB.") % {"max": MAX_PDF // 2**20}, field="file")


def _file_name(document: Document) -> str:
    # A name of our own: the uploaded name may not be safe here.
    return (re.sub(r"[^a-z0-9]+", "-", document.number.lower()).strip("-") or "document") + ".pdf"


def _check_single_line(field: str, text: str) -> None:
    try:
        if text:
            validate_single_line(text)
    except ValidationError as error:
        raise RuleError(error.messages[0], field=field) from None

"""Open a document: a POST counts the opening, then the file comes from an address of this reader only."""

from __future__ import annotations

import logging

from django.core.exceptions import SuspiciousFileOperation
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from licenses.access import can_open
from licenses.actions.reading import count_opening, has_file, note_file_is_there, note_missing_file, opening_of
from licenses.models import Document
from pages.access import SignedInRequest
from pages.documents.files import file_response
from pages.documents.views import document_page

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])  # GET and HEAD: an old address, or a sign-in in between
def open_document(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Count the opening and lead to the file, or to the page that says why it stays closed."""
    document = get_object_or_404(Document, pk=pk)
    if request.method != "POST":
        return redirect("documents:document", pk)
    if not can_open(request.user, document):
        return document_page(request, document, status=403)
    if not _has_readable_file(document):
        return _file_missing(request, document)
    note_file_is_there(document)
    opening = count_opening(document, by=request.user)
    return redirect("documents:file", pk, opening.pk)


@require_safe
def file(request: SignedInRequest, pk: int, opening_pk: int) -> HttpResponseBase:
    """Send the PDF or a range of it.

    Rights are checked at each request (C26); an old address leads to the document's page.
    """
    document = get_object_or_404(Document, pk=pk)
    if not can_open(request.user, document):
        return document_page(request, document, status=403)
    if opening_of(opening_pk, document_pk=pk, reader=request.user) is None:
        return redirect("documents:document", pk)
    try:
        return file_response(request, document)
    except (OSError, ValueError, SuspiciousFileOperation):
        return _file_missing(request, document)


def _has_readable_file(document: Document) -> bool:
    try:
        return has_file(document)
    except SuspiciousFileOperation:  # a path that leads out of the folder
        return False


def _file_missing(request: SignedInRequest, document: Document) -> HttpResponseBase:
    if document.file:
        logger.error("The file of document %s (%s) is missing", document.pk, document)
        if request.method == "POST":
            note_missing_file(document)
    return render(request, "pages/documents/file_missing.html", {"document": document}, status=404)

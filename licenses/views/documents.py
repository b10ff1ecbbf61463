"""„Documenten": finding one, seeing why one may (not) open it, and opening it (R25)."""

from __future__ import annotations

import logging
import re

from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django_countries import countries

from accounts.access import SignedInRequest
from accounts.actions.membership import companies_to_join
from licenses.access import can_open, why, with_can_open
from licenses.forms import DocumentFilter
from licenses.models import Document
from requests_app.access import way_to

logger = logging.getLogger(__name__)

PER_PAGE = 25


@require_safe
def documents(request: SignedInRequest) -> HttpResponse:
    form = DocumentFilter(request.GET, user=request.user)
    fitting = form.narrow(with_can_open(request.user))
    page = Paginator(form.without_old(fitting), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": form,
        "page_obj": page,
        "hidden_count": fitting.count() - page.paginator.count,
        "license": form.cleaned_data.get("license"),
    }
    return render(request, "licenses/documents.html", context)


@require_safe
def document(request: SignedInRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(Document.objects.select_related("replaced_by"), pk=pk))


@require_safe
def open_document(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The file itself, for who may read it; to others the document's page, which says why not."""
    document = get_object_or_404(Document.objects.select_related("replaced_by"), pk=pk)
    if not can_open(request.user, document):
        return _page(request, document, status=403)
    try:
        file = document.file.open("rb")
    except (OSError, ValueError):  # ValueError: no file was ever put there
        logger.exception("The file of document %s (%s) is missing", document.pk, document)
        return render(request, "licenses/file_missing.html", {"document": document}, status=404)
    response = FileResponse(file, content_type="application/pdf", filename=_file_name(document))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _page(request: SignedInRequest, document: Document, status: int = 200) -> HttpResponse:
    user = request.user
    is_open = can_open(user, document)
    context = {
        "document": document,
        "is_open": is_open,
        "why": why(user, document),
        "way": None if is_open else way_to(document, user),
        "can_join": not is_open and bool(companies_to_join(user)),
        "countries": sorted(str(countries.name(code)) for code in document.plus_countries),
    }
    return render(request, "licenses/document.html", context, status=status)


def _file_name(document: Document) -> str:
    return re.sub(r"[^A-Za-z0-9.+-]+", "_", document.number).strip("._") + ".pdf"

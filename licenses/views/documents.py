"""„Documenten": finding one, seeing why one may (not) open it (R25)."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django_countries import countries

from accounts.access import SignedInRequest
from accounts.actions.membership import companies_to_join
from licenses.access import can_open, why, with_can_open
from licenses.forms import DocumentFilter
from licenses.models import Document
from requests_app.access import way_to

PER_PAGE = 25


@require_safe
def documents(request: SignedInRequest) -> HttpResponse:
    form = DocumentFilter(request.GET, user=request.user)
    fitting = form.narrow(with_can_open(request.user))
    page = Paginator(form.of_status(fitting), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": form,
        "page_obj": page,
        "hidden_count": fitting.count() - page.paginator.count if not form.data.get("status") else 0,
        "license": form.cleaned_data.get("license"),
    }
    return render(request, "licenses/documents.html", context)


@require_safe
def document(request: SignedInRequest, pk: int) -> HttpResponse:
    return document_page(request, get_object_or_404(Document.objects.select_related("replaced_by"), pk=pk))


def document_page(request: SignedInRequest, document: Document, status: int = 200) -> HttpResponse:
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

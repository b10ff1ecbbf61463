"""„Documenten": finding one, seeing why one may (not) open it (R25)."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django_countries import countries

from accounts.access import SignedInRequest
from licenses.access import with_can_open
from licenses.forms import DocumentFilter
from licenses.models import Document, License
from requests_app.access.reasons import explain, explain_licenses

PER_PAGE = 25


@require_safe
def documents(request: SignedInRequest) -> HttpResponse:
    form = DocumentFilter(request.GET, user=request.user)
    fitting = form.narrow(with_can_open(request.user))
    page = Paginator(form.of_status(fitting), PER_PAGE).get_page(request.GET.get("page"))
    license = form.cleaned_data.get("license")
    chosen = License.objects.filter(pk=license.pk) if license else License.objects.none()
    context = {
        "filter": form,
        "page_obj": page,
        "hidden_count": fitting.count() - page.paginator.count if not form.data.get("status") else 0,
        "license": license,
        "reasons": explain_licenses(chosen, request.user, to=request.user),
    }
    return render(request, "licenses/documents.html", context)


@require_safe
def document(request: SignedInRequest, pk: int) -> HttpResponse:
    return document_page(request, get_object_or_404(Document.objects.select_related("replaced_by"), pk=pk))


def document_page(request: SignedInRequest, document: Document, status: int = 200) -> HttpResponse:
    context = {
        "document": document,
        "reason": explain(document, request.user, to=request.user),
        "countries": sorted(str(countries.name(code)) for code in document.plus_countries),
    }
    return render(request, "licenses/document.html", context, status=status)

"""Find a document and see why it can or cannot be opened (R25)."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django_countries import countries

from licenses.access import list_with_can_open
from licenses.models import Document, License
from pages.access import SignedInRequest
from pages.license_forms import DocumentFilter
from requests_app.access.reasons import explain, explain_licenses

PER_PAGE = 25


@require_safe
def documents(request: SignedInRequest) -> HttpResponse:
    user = request.user
    form = DocumentFilter(request.GET, user=user)
    matches = form.filter_rows(list_with_can_open(user, only_readable=form.is_only_readable))
    counts = matches.aggregate(all=Count("pk"), shown=Count("pk", filter=form.status_filter))
    paginator = Paginator(matches.filter(form.status_filter), PER_PAGE)
    paginator.count = counts["shown"]  # both counts in one query
    license = form.cleaned_data.get("license")
    context = {
        "filter": form,
        "page_obj": paginator.get_page(request.GET.get("page")),
        "hidden_count": 0 if form.data.get("status") else counts["all"] - counts["shown"],
        "license": license,
        "reasons": license and explain_licenses(License.objects.filter(pk=license.pk), user, to=user),
    }
    return render(request, "pages/documents/documents.html", context)


@require_safe
def document(request: SignedInRequest, pk: int) -> HttpResponse:
    return document_page(request, get_object_or_404(Document.objects.select_related("replaced_by"), pk=pk))


def document_page(request: SignedInRequest, document: Document, status: int = 200) -> HttpResponse:
    context = {
        "document": document,
        "reason": explain(document, request.user, to=request.user),
        "countries": sorted(str(countries.name(code)) for code in document.plus_countries),
    }
    return render(request, "pages/documents/document.html", context, status=status)

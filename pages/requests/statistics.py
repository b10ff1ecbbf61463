from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pages.access import MemberRequest, company_admin_required
from pages.requests.filters import RequestsFilter
from reports.statistics import about_of, figures_of, total_of
from requests_app.models import DocumentRequest, LicenseRequest


@require_safe
@company_admin_required
def figures(request: MemberRequest) -> HttpResponse:
    is_documents = request.GET.get("about") == "documents"
    kind = DocumentRequest if is_documents else LicenseRequest
    form = RequestsFilter(request.GET, kind=kind, user=request.user)
    rows = form.filter_rows(kind.objects.of(request.company))
    context = {
        "filter": form,
        "is_documents": is_documents,
        "item_label": kind.item_label,
        "total": total_of(rows),
        "figures": figures_of(rows, about_of(rows)),
    }
    return render(request, "pages/requests/figures.html", context)

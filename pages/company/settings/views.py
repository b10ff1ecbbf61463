from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pages.access import MemberRequest, company_admin_required
from pages.company.settings.second_step import second_step_counts


@require_safe
@company_admin_required
def settings(request: MemberRequest) -> HttpResponse:
    return render(
        request, "pages/company/settings/settings.html", {"second_step": second_step_counts(request.company)}
    )

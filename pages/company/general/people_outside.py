"""List members whose address no allowed domain accepts (R9)."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from pages.access import MemberRequest, company_admin_required

PER_PAGE = 50


@require_safe
@company_admin_required
def people_outside(request: MemberRequest) -> HttpResponse:
    people = User.objects.outside_domains_of(request.company).order_by("name", "pk")
    page = Paginator(people, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "pages/company/general/people_outside.html", {"page_obj": page})

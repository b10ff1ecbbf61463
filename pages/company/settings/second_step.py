"""Require a second step of the company's people, and show who has one."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import second_step
from companies import actions
from companies.models import Company
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, company_admin_required
from pages.company.forms import SecondStepForm

PER_PAGE = 25


def second_step_counts(company: Company) -> dict[str, int]:
    """Count how many people must have a second step, how many have it and how many do not."""
    has_it = Count("pk", filter=Q(has_second_step=True))
    counts = second_step.people_who_must_have(company).aggregate(total=Count("pk"), have=has_it)
    return {"total": counts["total"], "have": counts["have"], "miss": counts["total"] - counts["have"]}


@require_http_methods(["GET", "POST"])
@company_admin_required
def set_second_step(request: MemberRequest) -> HttpResponse:
    company = request.company
    initial = {"who": company.second_step_for, "first_day": company.second_step_from}
    form = SecondStepForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        values = form.cleaned_data
        try:
            actions.set_second_step(company, values["who"], first_day=values["first_day"], by=request.user)
        except RuleError as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Saved. The people concerned see it on their home page."))
            return redirect("company:settings")
    return render(
        request,
        "pages/company/settings/set_second_step.html",
        {"form": form, "second_step": second_step_counts(company)},
    )


@require_safe
@company_admin_required
def second_step_people(request: MemberRequest) -> HttpResponse:
    people = second_step.people_who_must_have(request.company)
    which = request.GET.get("has", "")
    if which in {"yes", "no"}:
        people = people.who_have_second_step(which == "yes")
    page = Paginator(people.order_by("name", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "which": which, "second_step": second_step_counts(request.company)}
    return render(request, "pages/company/settings/second_step_people.html", context)

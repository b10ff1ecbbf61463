"""The second step at sign-in, as a company asks it of its people, and helps whoever lost the phone."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import second_step
from accounts.access import MemberRequest, company_admin_required
from accounts.actions.second_step import take_away
from accounts.models import User
from companies import actions
from companies.forms import SecondStepForm
from companies.models import Company
from nenconnect.errors import RuleError

PER_PAGE = 25


def numbers(company: Company) -> dict[str, int]:
    """How many of those concerned have a second step, and how many still must set it up."""
    has_it = Count("pk", filter=Q(has_second_step=True))
    found = second_step.asked_of(company).aggregate(total=Count("pk"), have=has_it)
    return {"total": found["total"], "have": found["have"], "miss": found["total"] - found["have"]}


@require_http_methods(["GET", "POST"])
@company_admin_required
def set_second_step(request: MemberRequest) -> HttpResponse:
    company = request.company
    initial = {"who": company.second_step_for, "first_day": company.second_step_from}
    form = SecondStepForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        asked = form.cleaned_data
        try:
            actions.set_second_step(company, asked["who"], first_day=asked["first_day"], by=request.user)
        except RuleError as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Saved. The people concerned see it on their home page."))
            return redirect("companies:settings")
    return render(request, "companies/set_second_step.html", {"form": form, "second_step": numbers(company)})


@require_safe
@company_admin_required
def second_step_people(request: MemberRequest) -> HttpResponse:
    """Behind the numbers: who has a second step, and who has none."""
    people = second_step.asked_of(request.company)
    which = request.GET.get("has", "")
    if which in {"yes", "no"}:
        people = people.who_have_second_step(which == "yes")
    page = Paginator(people.order_by("name", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "which": which, "second_step": numbers(request.company)}
    return render(request, "companies/second_step_people.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def remove_second_step(request: MemberRequest, pk: int) -> HttpResponse:
    """For a colleague who lost the phone and the recovery codes; GET asks."""
    person = get_object_or_404(User.objects.members_of(request.company).with_second_step(), pk=pk)
    page = reverse("companies:user", args=[pk])
    if request.method != "POST":
        is_possible = second_step.has_second_step(person) and not person.is_staff and person != request.user
        context = {"person": person, "page": page}
        return render(request, "companies/remove_second_step.html", context) if is_possible else redirect(page)
    try:
        take_away(person, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
    else:
        done = _("%(name)s has no second step any more, is signed out, and gets a mail about it.")
        messages.success(request, done % {"name": person})
    return redirect(page)

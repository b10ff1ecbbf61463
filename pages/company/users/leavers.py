"""Find who of a list is still here, block or remove them at once, and undo it within a week."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from licenses.access import has_active_license
from licenses.models import Grant
from members.actions import departures
from members.models import Departure, Leaver
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, company_admin_required
from pages.company.users.table_forms import LeaveForm, LeaversForm

REFRESH_SECONDS = 2  # while a departure runs


@require_http_methods(["GET", "POST"])
@company_admin_required
def leavers(request: MemberRequest) -> HttpResponse:
    form = LeaversForm(request.company, request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        context |= _people_and_unknown(request, form.cleaned_data["address_list"])
    since = timezone.now() - departures.UNDO
    context["recent"] = (
        request.company.departures.filter(created_at__gte=since)
        .select_related("created_by")
        .annotate(people=Count("leavers"))
    )
    return render(request, "pages/company/users/leavers.html", context)


@require_POST
@company_admin_required
def leave(request: MemberRequest) -> HttpResponse:
    form = LeaveForm(request.POST)
    people: list[User] = []
    if form.is_valid():
        people = list(User.objects.members_of(request.company).filter(pk__in=form.cleaned_data["user"]))
    try:
        kind = form.cleaned_data.get("kind", Departure.Kind.BLOCK)
        row = departures.start_departure(request.company, people, kind=kind, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
        return redirect("company:leavers")
    return redirect("company:departure", row.pk)


@require_safe
@company_admin_required
def departure(request: MemberRequest, pk: int) -> HttpResponse:
    row = _find_departure(request, pk)
    people = list(row.leavers.select_related("user").order_by("user__name", "pk"))
    waiting = Leaver.Outcome.GONE if row.state == Departure.State.RETURNING else Leaver.Outcome.WAITING
    context = {
        "departure": row,
        "leavers": people,
        "done": sum(leaver.outcome != waiting for leaver in people),
        "gone": sum(leaver.outcome == Leaver.Outcome.GONE for leaver in people),
        "until": timezone.localtime(row.created_at + departures.UNDO),
        "can_undo": row.state == Departure.State.DONE and row.created_at > timezone.now() - departures.UNDO,
    }
    response = render(request, "pages/company/users/departure.html", context)
    if row.is_running:
        response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response


@require_POST
@company_admin_required
def undo(request: MemberRequest, pk: int) -> HttpResponse:
    row = _find_departure(request, pk)
    try:
        departures.undo(row, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
    return redirect("company:departure", pk)


def _find_departure(request: MemberRequest, pk: int) -> Departure:
    return get_object_or_404(request.company.departures.select_related("created_by"), pk=pk)


def _people_and_unknown(request: MemberRequest, addresses: list[str]) -> dict[str, Any]:
    lasting = Grant.objects.lasting().filter(license__ends_on__gte=timezone.localdate())
    of_company = lasting.filter(license__company=request.company)
    grants = of_company.select_related("license").order_by("license__name", "license")
    people = (
        User.objects.members_of(request.company)
        .filter(email__in=addresses)
        .with_status(has_active_license())
        .prefetch_related(Prefetch("grants", queryset=grants, to_attr="lasting_grants"))
    )
    matches = list(people.order_by("name", "pk"))
    matched = {person.email for person in matches}
    return {
        "is_looked_up": True,
        "matches": matches,
        "unknown": [address for address in addresses if address not in matched],
    }

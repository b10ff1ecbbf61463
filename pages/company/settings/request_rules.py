"""Set the rules for requests, and who decides while an admin is away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.deputies import end_deputy, name_deputy
from accounts.models import Deputy
from companies import actions
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, company_admin_required
from pages.company.settings.request_rules_forms import DeputyForm, RequestRulesForm


@require_http_methods(["GET", "POST"])
@company_admin_required
def request_rules(request: MemberRequest) -> HttpResponse:
    form = RequestRulesForm(request.company, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.set_request_rules(request.company, by=request.user, **form.cleaned_data)
        except RuleError as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Saved. It holds for open requests as well."))
            return redirect("company:settings")
    return render(request, "pages/company/settings/request_rules.html", {"form": form})


@require_safe
@company_admin_required
def deputies(request: MemberRequest) -> HttpResponse:
    rows = Deputy.objects.of(request.company).lasting().select_related("user", "admin")
    return render(request, "pages/company/settings/deputies.html", {"deputies": rows.order_by("first_day", "pk")})


@require_http_methods(["GET", "POST"])
@company_admin_required
def add_deputy(request: MemberRequest) -> HttpResponse:
    form = DeputyForm(request.company, request.POST if request.method == "POST" else None)
    if form.is_valid():
        days = {name: form.cleaned_data[name] for name in ("first_day", "last_day")}
        try:
            name_deputy(form.deputy, by=request.user, **days)
        except RuleError as error:
            form.add_error("email" if error.field == "user" else error.field, str(error))
        else:
            messages.success(
                request, _("%(name)s is your deputy, and gets a mail about it.") % {"name": form.deputy}
            )
            return redirect("company:deputies")
    return render(request, "pages/company/settings/add_deputy.html", {"form": form})


@require_POST
@company_admin_required
def remove_deputy(request: MemberRequest, pk: int) -> HttpResponse:
    deputy = get_object_or_404(Deputy.objects.of(request.company).select_related("company", "user"), pk=pk)
    end_deputy(deputy, by=request.user)
    messages.success(request, _("%(name)s no longer decides on requests.") % {"name": deputy.user})
    return redirect("company:deputies")

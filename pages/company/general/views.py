"""Show the company, its contact details and self-registration (R5, R6)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from companies import actions
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, company_admin_required
from pages.company.forms import ContactForm


@require_safe
@company_admin_required
def company(request: MemberRequest) -> HttpResponse:
    context = {
        "company": request.company,
        "domains": request.company.domains.all(),
        "manager": request.company.account_manager,
    }
    return render(request, "pages/company/general/company.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def contact(request: MemberRequest) -> HttpResponse:
    form = ContactForm(request.POST or None, instance=request.company)
    if request.method == "POST" and form.is_valid():
        actions.change_company(request.company, by=request.user, **form.cleaned_data)
        messages.success(request, _("The contact details are saved."))
        return redirect("company:company")
    return render(request, "pages/company/general/contact.html", {"form": form})


@require_POST
@company_admin_required
def self_registration(request: MemberRequest) -> HttpResponse:
    """Turn self-registration on or off.

    The button sends the state to set, so that pressing it twice changes nothing.
    """
    allowed = request.POST.get("allowed") == "1"
    try:
        actions.set_self_registration(request.company, allowed, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Self-registration is on.") if allowed else _("Self-registration is off."))
    return redirect("company:company")

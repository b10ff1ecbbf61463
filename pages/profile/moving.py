"""Ask another company to take the person in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions.moving import ask_to_move, companies_to_move_to, withdraw_move
from accounts.models import MoveRequest
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, member_required
from pages.profile.forms import MoveChoiceForm


@require_http_methods(["GET", "POST"])
@member_required
def move(request: MemberRequest) -> HttpResponse:
    companies = companies_to_move_to(request.user)
    form = MoveChoiceForm(request.POST if request.method == "POST" else None, companies=companies)
    if form.is_valid() and _request_move(request, form):
        return redirect("profile:profile")
    pending_move = MoveRequest.objects.pending().filter(user=request.user).select_related("to_company").first()
    context = {"form": form, "companies": companies, "pending_move": pending_move}
    return render(request, "pages/profile/move.html", context)


@require_POST
@member_required
def withdraw(request: MemberRequest) -> HttpResponse:
    try:
        withdraw_move(request.user)
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your request to move is withdrawn. Everything stays as it is."))
    return redirect("profile:profile")


def _request_move(request: MemberRequest, form: MoveChoiceForm) -> bool:
    company = form.chosen_company()
    try:
        ask_to_move(request.user, company)
    except RuleError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return False
    messages.success(
        request,
        _("%(company)s has your request. You get a mail when one of its admins has decided.")
        % {"company": company.full_name},
    )
    return True

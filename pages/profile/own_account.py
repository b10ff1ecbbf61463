"""Download a person's own data (C43) and delete the account (C42)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.mails.rerouting import substitutes
from accounts.models import User
from companies.models import Company
from licenses.models import Grant
from members.actions import deleting
from nenconnect.rules.errors import RuleError
from pages.access import SignedInRequest
from pages.second_step_forms import PasswordAgainForm
from reports.own_data import own_data


@require_http_methods(["GET", "POST"])
def download_data(request: SignedInRequest) -> HttpResponse:
    """Explain on GET what the file holds, and send it on POST: a link on another site cannot fetch it."""
    if request.method == "GET":
        return render(request, "pages/profile/download_data.html")
    response = JsonResponse(own_data(request.user), json_dumps_params={"indent": 2, "ensure_ascii": False})
    name = _("nen-connect-my-data-%(day)s.json") % {"day": timezone.localdate().isoformat()}
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def delete_account(request: SignedInRequest) -> HttpResponse:
    user = request.user
    refusal = _refusal(user)
    form = PasswordAgainForm(request.POST if request.method == "POST" and not refusal else None, user=user)
    if form.is_valid():
        try:
            deleting.delete_account(user, by=user)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            logout(request)
            messages.success(request, _("Your account is deleted. A last mail says so."))
            return redirect("home:home")
    return render(
        request, "pages/profile/delete_account.html", {"form": form, "refusal": refusal, **_what_is_deleted(user)}
    )


def _refusal(user: User) -> str:
    """Return what must be done before the account can be deleted, or "".

    The page says it before a person types a password.
    """
    try:
        deleting.check_may_go(user, by=user)
    except RuleError as error:
        return str(error)
    return ""


def _what_is_deleted(user: User) -> dict[str, object]:
    return {
        "licenses": Grant.objects.filter(user=user).count(),
        "readers": substitutes(user),
        "is_contact": Company.objects.filter(contact_email__iexact=user.email).exists(),
    }

"""Show at the first sign-in what a person can read already and can request (R18)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from licenses.models import License
from nenconnect.links.own_paths import own_path
from nenconnect.rules.errors import RuleError
from pages.access import SignedInRequest
from pages.requests.asking import SENT
from pages.requests.forms import AskForm, LicensesField, limit_to_askable
from requests_app.access import askable_by
from requests_app.access.promise import promise_of
from requests_app.actions.asking import request_licenses
from requests_app.models import LicenseRequest


class ChooseLicensesForm(AskForm):
    """Ask for several licences at the first sign-in, with one reason (R18)."""

    licenses = LicensesField(
        label=gettext_lazy("Which licences do you want to request?"),
        queryset=License.objects.none(),
        error_messages={
            "required": gettext_lazy("Choose at least one licence, or skip this."),
            "invalid_choice": gettext_lazy("You cannot request this licence. Choose from the list."),
            "invalid_pk_value": gettext_lazy("You cannot request this licence. Choose from the list."),
        },
    )
    field_order = ("licenses", "label", "reason")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        limit_to_askable(self.fields["licenses"], user)


@require_http_methods(["GET", "POST"])
def license_choice(request: SignedInRequest) -> HttpResponse:
    """Let the person choose licences; `next` is the page to go on to, also after skipping."""
    after = own_path(request.GET.get("next")) or reverse("home:home")
    if not askable_by(request.user).exists():
        return redirect(after)
    form = ChooseLicensesForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_valid() and _request_chosen(request, form):
        return redirect(after)
    open_licenses = License.objects.open_to(request.user).with_counts()
    promise = promise_of(request.user.company, LicenseRequest) if request.user.company else None
    context = {"form": form, "open_licenses": open_licenses, "next": after, "promise": promise}
    return render(request, "pages/requests/license_choice.html", context)


def _request_chosen(request: SignedInRequest, form: ChooseLicensesForm) -> bool:
    chosen = form.cleaned_data["licenses"]
    try:
        license_requests = request_licenses(chosen, by=request.user, **form.details)
    except RuleError as error:
        form.add_rule_error(error)
        return False
    several = _("Your %(count)s requests were sent to the admins of your company. You get a mail about each.")
    messages.success(request, SENT if len(license_requests) == 1 else several % {"count": len(license_requests)})
    return True

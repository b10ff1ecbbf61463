"""Show and change a person's own details and licences, and join a company (R19)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.details import DETAIL_FIELDS, change_details
from accounts.actions.joining import companies_to_ask, companies_to_join, join
from accounts.actions.moving import companies_to_move_to
from accounts.mails.rerouting import substitutes
from accounts.models import MoveRequest, User
from companies.models import Company
from licenses.models import License
from nenconnect.rules.errors import RuleError
from pages.access import SignedInRequest
from pages.profile.forms import ProfileForm
from requests_app.access import askable_now_or_later_by
from requests_app.access.reasons import explain_licenses
from requests_app.models import LicenseRequest


@require_http_methods(["GET", "HEAD", "POST"])  # HEAD: mail scanners follow the link in a mail (C8)
def profile(request: SignedInRequest) -> HttpResponse:
    user = request.user
    initial = {name: getattr(user, name) for name in DETAIL_FIELDS}
    posted = request.POST if request.method == "POST" else None
    form = ProfileForm(posted, initial=initial, company=user.company)
    if form.is_valid() and _save_profile(user, form):
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Your details are saved."))
        return redirect("profile:profile")
    context = {
        "form": form,
        "companies_to_join": companies_to_join(user),
        "closed_companies": companies_to_ask(user),
        "readers": substitutes(user),
        "can_move": bool(companies_to_move_to(user)),
        "pending_move": MoveRequest.objects.pending().filter(user=user).select_related("to_company").first(),
    }
    return render(request, "pages/profile/profile.html", context)


@require_safe
def profile_licenses(request: SignedInRequest) -> HttpResponse:
    user = request.user
    license_requests = LicenseRequest.objects.filter(user=user, company=user.company).select_related("license")
    context = {
        "open_licenses": explain_licenses(License.objects.open_to(user), user, to=user),
        "license_requests": license_requests,
        "can_ask": askable_now_or_later_by(user),
    }
    return render(request, "pages/profile/profile_licenses.html", context)


@require_POST
def join_company(request: SignedInRequest, pk: int) -> HttpResponse:
    if request.user.company_id:
        raise Http404
    admitting = Company.objects.admitting(request.user.email)
    asking = Company.objects.filter(join_invitations__user=request.user)
    company = get_object_or_404((admitting | asking).distinct(), pk=pk)
    try:
        join(request.user, company)
        messages.success(
            request,
            _("At %(company)s you are now a user.") % {"company": company.full_name},
        )
    except RuleError as error:
        messages.error(request, str(error))
        return redirect("profile:profile")
    return redirect("home:home")


def _save_profile(user: User, form: ProfileForm) -> bool:
    try:
        change_details(user, by=user, **form.cleaned_data)
    except RuleError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    return form.is_valid()

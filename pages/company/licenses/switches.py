"""The two switches of a licence (R21, R22): what each would do, in numbers, and the button that does it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from licenses.actions import switches
from licenses.actions.terms import check_company_wide
from licenses.models import CompanyWideEnd, License
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, company_admin_required
from pages.company.licenses.one_license import do, find_license, refuse_ended, switched_on, to_page
from requests_app import previews
from requests_app.actions import company_wide


@require_http_methods(["GET", "POST"])
@company_admin_required
def set_company_wide(request: MemberRequest, pk: int) -> HttpResponse:
    license = find_license(request, pk)
    if refused := refuse_ended(request, license):
        return refused
    if request.method == "GET":
        is_on = not license.is_company_wide
        if is_on and (refused := _refuse_terms(request, license)):
            return refused
        preview = previews.company_wide_on(license) if is_on else previews.company_wide_off(license)
        context = {"license": license, "is_on": is_on, "preview": preview}
        return render(request, "pages/company/licenses/set_company_wide.html", context)
    return _switch_company_wide(request, license, is_on=switched_on(request))


def _refuse_terms(request: MemberRequest, license: License) -> HttpResponse | None:
    """No page offers what would be refused: it lacks NEN's approval, or has seats."""
    try:
        check_company_wide(license)
    except RuleError as error:
        messages.error(request, str(error))
        return to_page(request, license.pk)
    return None


def _switch_company_wide(request: MemberRequest, license: License, *, is_on: bool) -> HttpResponse:
    names = {"license": license}
    if is_on:
        done = _("“%(license)s” is company-wide now: everyone at your company can read it.") % names
        otherwise = _("“%(license)s” was company-wide already.") % names
    else:
        done = _("“%(license)s” is no longer company-wide. Who had access keeps it; new users must ask.") % names
        otherwise = _("“%(license)s” was not company-wide any more.") % names
    ending = _("“%(license)s” is being turned off as company-wide, in some minutes. Who had access keeps it.")

    def change() -> bool:
        return company_wide.set_company_wide(license, is_on, by=request.user)

    def in_the_end(said: str) -> str:
        """A worker may still have to end it."""
        return ending % names if CompanyWideEnd.objects.filter(license=license).exists() else said

    return do(request, license.pk, change, lambda: in_the_end(done), lambda: in_the_end(otherwise))


@require_http_methods(["GET", "POST"])
@company_admin_required
def set_shown(request: MemberRequest, pk: int) -> HttpResponse:
    """„Toon in licentie selectie" (R22)."""
    license = find_license(request, pk)
    if refused := refuse_ended(request, license):
        return refused
    if request.method == "GET":
        is_on = not license.is_shown
        preview = previews.showing(license) if is_on else previews.hiding(license)
        return render(
            request,
            "pages/company/licenses/set_shown.html",
            {"license": license, "is_on": is_on, "preview": preview},
        )
    is_on = switched_on(request)
    names = {"license": license}
    if is_on:
        done = _("Users can see and request “%(license)s” now.") % names
        otherwise = _("“%(license)s” was shown already.") % names
    else:
        done = _("“%(license)s” is hidden: users can no longer request it.") % names
        otherwise = _("“%(license)s” was hidden already.") % names
    return do(request, pk, lambda: switches.set_shown(license, is_on, by=request.user), done, otherwise)

"""Turn the two switches of a licence, after a page that shows the effect in numbers (R21, R22)."""

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
from pages.company.licenses.one_license import (
    find_license,
    is_switched_on,
    refuse_ended,
    run_action,
    to_license_page,
)
from requests_app.actions import company_wide
from requests_app.previews.license_changes import (
    preview_company_wide,
    preview_end_of_company_wide,
    preview_hiding,
    preview_showing,
)


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
        preview = preview_company_wide(license) if is_on else preview_end_of_company_wide(license)
        context = {"license": license, "is_on": is_on, "preview": preview}
        return render(request, "pages/company/licenses/set_company_wide.html", context)
    return _switch_company_wide(request, license, is_on=is_switched_on(request))


def _refuse_terms(request: MemberRequest, license: License) -> HttpResponse | None:
    """Refuse a licence without NEN's approval or with seats, before the page offers the switch."""
    try:
        check_company_wide(license)
    except RuleError as error:
        messages.error(request, str(error))
        return to_license_page(request, license.pk)
    return None


def _switch_company_wide(request: MemberRequest, license: License, *, is_on: bool) -> HttpResponse:
    names = {"license": license}
    if is_on:
        done = _("“%(license)s” is company-wide now: everyone at your company can read it.") % names
        unchanged = _("“%(license)s” was company-wide already.") % names
    else:
        done = _("“%(license)s” is no longer company-wide. Who had access keeps it; new users must ask.") % names
        unchanged = _("“%(license)s” was no longer company-wide.") % names
    ending = _("“%(license)s” is being turned off as company-wide, in some minutes. Who had access keeps it.")

    def change() -> bool:
        return company_wide.set_company_wide(license, is_on, by=request.user)

    def done_or_ending(text: str) -> str:
        return ending % names if CompanyWideEnd.objects.filter(license=license).exists() else text

    return run_action(request, license.pk, change, lambda: done_or_ending(done), lambda: done_or_ending(unchanged))


@require_http_methods(["GET", "POST"])
@company_admin_required
def set_shown(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the licence to users or hide it (R22)."""
    license = find_license(request, pk)
    if refused := refuse_ended(request, license):
        return refused
    if request.method == "GET":
        is_on = not license.is_shown
        preview = preview_showing(license) if is_on else preview_hiding(license)
        return render(
            request,
            "pages/company/licenses/set_shown.html",
            {"license": license, "is_on": is_on, "preview": preview},
        )
    is_on = is_switched_on(request)
    names = {"license": license}
    if is_on:
        done = _("Users can see and request “%(license)s” now.") % names
        unchanged = _("“%(license)s” was shown already.") % names
    else:
        done = _("“%(license)s” is hidden: users can no longer request it.") % names
        unchanged = _("“%(license)s” was hidden already.") % names
    return run_action(request, pk, lambda: switches.set_shown(license, is_on, by=request.user), done, unchanged)

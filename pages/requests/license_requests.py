"""„Aanvragen – Licenties": asking, looking on, deciding (R26–R28)."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licenses.models import License
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, member_required, request_decider_required
from pages.requests.deciding_forms import RejectForm, UntilForm
from pages.requests.forms import RequestLicenseForm, seats
from pages.requests.outcome import SENT, settle
from pages.requests.overview import overview
from pages.requests.request_history import history_of, thread_of
from pages.requests.requester_pages import again, own_facts
from requests_app.access import askable_later_by
from requests_app.access.promise import promise_of
from requests_app.actions import license_requests as actions
from requests_app.actions import waiting_list
from requests_app.actions.deciding import withdraw
from requests_app.models import LicenseRequest


@require_safe
@member_required
def license_requests(request: MemberRequest) -> HttpResponse:
    rows = LicenseRequest.objects.visible_to(request.user).select_related("license")
    return overview(request, rows, "pages/requests/license_requests.html")


@require_http_methods(["GET", "POST"])
@member_required
def request_license(request: MemberRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    chosen = {"license": request.GET.get("license"), **again(request, LicenseRequest)}
    form = RequestLicenseForm(data, user=request.user, initial=chosen)
    if form.is_valid() and (asked := _ask(request, form)):
        messages.success(request, SENT)
        return redirect("requests:license_request", asked.pk)
    has_licenses = License.objects.of(request.company).in_term().filter(is_shown=True).exists()
    context = {
        "form": form,
        "has_licenses": has_licenses,
        "promise": promise_of(request.company, LicenseRequest),
        "not_now": askable_later_by(request.user),
    }
    return render(request, "pages/requests/request_license.html", context)


def _ask(request: MemberRequest, form: RequestLicenseForm) -> LicenseRequest | None:
    try:
        return actions.request_license(form.cleaned_data["license"], by=request.user, **form.said)
    except RuleError as error:
        form.add_rule_error(error)
        return None


@require_safe
@member_required
def license_request(request: MemberRequest, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    context: dict[str, object] = {"row": row, **own_facts(row, request.user)}
    if row.waiting_since and (request.user.decides_requests or row.user_id == request.user.pk):
        context["place"] = waiting_list.place_of(row)
    if request.user.decides_requests:
        license = License.objects.with_counts().get(pk=row.license_id)
        context |= {"license": license, "seats": seats(license)}
        context["has"] = License.objects.open_to(row.requester) if row.is_open else None
        context |= {"history": history_of(row), "until": UntilForm()}
    if request.user.decides_requests or row.is_own:
        context |= thread_of(row)
    return render(request, "pages/requests/license_request.html", context)


@require_POST
@request_decider_required
def approve_license(request: MemberRequest, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    form = UntilForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["ends_on"][0]))
        return redirect("requests:license_request", pk)
    done = _("%(name)s can use “%(license)s” now, and gets a mail about it.")
    return settle(
        request,
        partial(actions.approve, row, by=request.user, ends_on=form.cleaned_data["ends_on"]),
        done=done % {"name": row.user, "license": row.license},
        kind="license",
        pk=pk,
    )


@require_POST
@request_decider_required
def put_in_line(request: MemberRequest, pk: int) -> HttpResponse:
    """Of a licence without a free seat (R24)."""
    row = _visible(request, pk)
    done = _("The request waits for a free seat; %(name)s gets a mail with the place in line.") % {
        "name": row.user
    }
    return settle(
        request, partial(waiting_list.put_in_line, row, by=request.user), done=done, kind="license", pk=pk
    )


@require_http_methods(["GET", "POST"])
@request_decider_required
def reject_license(request: MemberRequest, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    form = RejectForm(request.POST if request.method == "POST" else None, company=request.company)
    if "insert" in request.POST:
        form = form.with_sentence(request.company)
    elif form.is_valid():
        done = _("The request is rejected; %(name)s gets a mail about it.") % {"name": row.user}
        reject = partial(actions.reject, row, by=request.user, **form.answer)
        return settle(request, reject, done=done, kind="license", pk=pk)
    if not row.is_open:
        return redirect("requests:license_request", pk)  # it says by whom and when (C27)
    return render(request, "pages/requests/reject_license.html", {"form": form, "row": row})


@require_POST
@member_required
def withdraw_license(request: MemberRequest, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    return settle(
        request,
        partial(withdraw, row, by=request.user),
        done=_("You have withdrawn your request. You can request the licence again later."),
        kind="license",
        pk=pk,
    )


def _visible(request: MemberRequest, pk: int) -> LicenseRequest:
    rows = LicenseRequest.objects.visible_to(request.user).select_related("license", "label", "company")
    found: LicenseRequest = get_object_or_404(rows, pk=pk)
    return found

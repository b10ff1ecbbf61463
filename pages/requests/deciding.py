"""Approve or reject a request, or put it on the waiting list (R24, R28, R29)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, request_decider_required
from pages.requests.forms import ApproveDocumentForm, ApproveLicenseForm, RejectForm
from requests_app.actions import deciding, waiting_list
from requests_app.models import AccessRequest, LicenseRequest


@require_http_methods(["GET", "POST"])
@request_decider_required
def approve(
    request: MemberRequest,
    pk: int,
    kind: type[AccessRequest],
    form_class: type[ApproveLicenseForm | ApproveDocumentForm],
) -> HttpResponse:
    """Approve, or show the form that asks to which licence a standard leads; a licence needs no such form."""
    row = get_object_or_404(kind.objects.visible_to(request.user), pk=pk)
    form = form_class(request.POST if request.method == "POST" else None, row=row)
    if form.is_valid():
        done = row.approved_text % {"name": row.user, row.item_field: row.item}
        return settle(request, row, partial(form.approve, by=request.user), done=done)
    if row.is_open and row.needs_destination:
        context = {"form": form, "row": row, "kind": row.url_name}
        return render(request, "pages/requests/approve.html", context)
    for message in form.errors.get("ends_on", []):
        messages.error(request, str(message))
    return redirect(row.page)  # the page says who decided and when (C27)


@require_http_methods(["GET", "POST"])
@request_decider_required
def reject(request: MemberRequest, pk: int, kind: type[AccessRequest]) -> HttpResponse:
    row = get_object_or_404(kind.objects.visible_to(request.user), pk=pk)
    form = RejectForm(request.POST if request.method == "POST" else None, company=request.company)
    if "insert" in request.POST:
        form = form.with_sentence(request.company)
    elif form.is_valid():
        done = _("The request is rejected; %(name)s gets a mail about it.") % {"name": row.user}
        return settle(request, row, partial(deciding.reject, row, by=request.user, **form.answer), done=done)
    if not row.is_open:
        return redirect(row.page)  # the page says who decided and when (C27)
    return render(request, "pages/requests/reject.html", {"form": form, "row": row, "kind": kind.url_name})


@require_POST
@request_decider_required
def put_in_line(request: MemberRequest, pk: int) -> HttpResponse:
    """Put the request on the waiting list of a licence without a free seat (R24)."""
    row = get_object_or_404(LicenseRequest.objects.visible_to(request.user), pk=pk)
    done = _("The request waits for a free seat; %(name)s gets a mail with the place in line.") % {
        "name": row.user
    }
    return settle(request, row, partial(waiting_list.put_in_line, row, by=request.user), done=done)


def settle(request: MemberRequest, row: AccessRequest, change: Callable[[], object], *, done: str) -> HttpResponse:
    """Change the request and return to the list; show a refusal on the page of the request (C27)."""
    try:
        change()
    except RuleError as error:
        messages.error(request, str(error))
        return redirect(row.page)
    messages.success(request, done)
    return redirect(f"requests:{row.url_name}_requests")

"""Approving, rejecting, putting in line: for who decides (R24, R28, R29)."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pages.access import MemberRequest, request_decider_required
from pages.requests.deciding_forms import ApproveDocumentForm, RejectForm, UntilForm
from pages.requests.outcome import find, settle, to_page
from requests_app.access import licenses_with
from requests_app.actions import approving_documents, deciding, waiting_list
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest


@require_POST
@request_decider_required
def approve_license(request: MemberRequest, pk: int) -> HttpResponse:
    row = find(request, LicenseRequest, pk)
    form = UntilForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["ends_on"][0]))
        return to_page(row)
    done = _("%(name)s can use “%(license)s” now, and gets a mail about it.")
    approve = partial(deciding.approve, row, by=request.user, ends_on=form.cleaned_data["ends_on"])
    return settle(request, row, approve, done=done % {"name": row.user, "license": row.license})


@require_http_methods(["GET", "POST"])
@request_decider_required
def approve_document(request: MemberRequest, pk: int) -> HttpResponse:
    row = find(request, DocumentRequest, pk)
    form = ApproveDocumentForm(request.POST if request.method == "POST" else None, document_request=row)
    if form.is_valid():
        done = _("%(name)s can read %(document)s now, and gets a mail about it.")
        approve = partial(approving_documents.approve_document, row, by=request.user, **form.destination)
        return settle(request, row, approve, done=done % {"name": row.user, "document": row.document})
    if not row.is_open:
        return to_page(row)  # it says by whom and when (C27)
    is_held = licenses_with(row.document, request.company.pk).exists()
    context = {"form": form, "row": row, "is_held": is_held, "kind": row.url_name}
    return render(request, "pages/requests/approve_document.html", context)


@require_http_methods(["GET", "POST"])
@request_decider_required
def reject(request: MemberRequest, pk: int, kind: type[AccessRequest]) -> HttpResponse:
    row = find(request, kind, pk)
    form = RejectForm(request.POST if request.method == "POST" else None, company=request.company)
    if "insert" in request.POST:
        form = form.with_sentence(request.company)
    elif form.is_valid():
        done = _("The request is rejected; %(name)s gets a mail about it.") % {"name": row.user}
        return settle(request, row, partial(deciding.reject, row, by=request.user, **form.answer), done=done)
    if not row.is_open:
        return to_page(row)  # it says by whom and when (C27)
    return render(request, "pages/requests/reject.html", {"form": form, "row": row, "kind": kind.url_name})


@require_POST
@request_decider_required
def put_in_line(request: MemberRequest, pk: int) -> HttpResponse:
    """Of a licence without a free seat (R24)."""
    row = find(request, LicenseRequest, pk)
    done = _("The request waits for a free seat; %(name)s gets a mail with the place in line.") % {
        "name": row.user
    }
    return settle(request, row, partial(waiting_list.put_in_line, row, by=request.user), done=done)

"""Several requests at once: tick, see in numbers what will happen, and do it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from pages.access import MemberRequest, request_decider_required
from pages.requests.deciding_forms import ApproveTogetherForm, RejectForm, chosen_ids
from pages.requests.outcome import to_list
from requests_app.access.collections import collections_for, destination_of
from requests_app.actions import deciding
from requests_app.actions.approving_documents import approve_document
from requests_app.actions.several_at_once import Outcome, decide_together
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest
from requests_app.previews.approvals import preview_approval


@require_http_methods(["GET", "POST"])
@request_decider_required
def approve(request: MemberRequest, kind: type[AccessRequest]) -> HttpResponse:
    is_sent = request.method == "POST"
    ids = chosen_ids(request.POST if is_sent else request.GET, kind.objects.visible_to(request.user))
    if not ids:
        return _nothing_chosen(request, kind)
    collections = collections_for(request.company, ids) if kind is DocumentRequest else None
    form = ApproveTogetherForm(request.POST if is_sent else None, collections=collections)
    if is_sent and form.is_valid():
        change = partial(_approve, form=form, by=request.user)
        return _outcome(request, kind, decide_together(kind, ids, change, company=request.company))
    numbers = preview_approval(kind, ids)
    context = {
        "form": form,
        "numbers": numbers,
        "chosen": ids,
        "kind": kind.url_name,
        "wanted_label": kind.wanted_label,
    }
    return render(request, "pages/requests/approve_together.html", context)


def _approve(row: AccessRequest, *, form: ApproveTogetherForm, by: User) -> None:
    ends_on = form.cleaned_data["ends_on"]
    if isinstance(row, DocumentRequest):
        license = destination_of(row, form.cleaned_data.get("license"))
        approve_document(row, license=license, by=by, ends_on=ends_on)
    elif isinstance(row, LicenseRequest):
        deciding.approve(row, by=by, ends_on=ends_on)


@require_http_methods(["GET", "POST"])
@request_decider_required
def reject(request: MemberRequest, kind: type[AccessRequest]) -> HttpResponse:
    is_sent = request.method == "POST"
    ids = chosen_ids(request.POST if is_sent else request.GET, kind.objects.visible_to(request.user))
    if not ids:
        return _nothing_chosen(request, kind)
    form = RejectForm(request.POST if is_sent else None, company=request.company)
    if is_sent and "insert" in request.POST:
        form = form.with_sentence(request.company)
    elif form.is_valid():
        change = partial(deciding.reject, by=request.user, **form.answer)
        return _outcome(request, kind, decide_together(kind, ids, change, company=request.company))
    numbers = preview_approval(kind, ids)
    context = {
        "form": form,
        "numbers": numbers,
        "chosen": ids,
        "kind": kind.url_name,
        "wanted_label": kind.wanted_label,
    }
    return render(request, "pages/requests/reject_together.html", context)


def _names(kind: type[AccessRequest]) -> dict[str, Any]:
    return {"kind": kind.url_name, "wanted_label": kind.wanted_label}


def _outcome(request: MemberRequest, kind: type[AccessRequest], outcomes: list[Outcome]) -> HttpResponse:
    refused = [one for one in outcomes if one.refusal]
    context = {"done": len(outcomes) - len(refused), "refused": refused, "kind": kind.url_name}
    return render(request, "pages/requests/decided_together.html", context)


def _nothing_chosen(request: MemberRequest, kind: type[AccessRequest]) -> HttpResponse:
    messages.error(request, _("Tick at least one request that is open."))
    return to_list(kind)

"""Several requests at once: tick, see in numbers what will happen, and do it."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pages.access import MemberRequest, request_decider_required
from pages.requests.deciding_forms import ApproveTogetherForm, RejectForm, chosen_ids
from pages.requests.kinds import DOCUMENTS, RequestKind
from requests_app.access.together import approval_in_numbers, collections_for, destination_of
from requests_app.actions.together import Outcome, decide_together
from requests_app.models import AccessRequest, DocumentRequest


@require_http_methods(["GET", "POST"])
@request_decider_required
def approve(request: MemberRequest, kind: RequestKind) -> HttpResponse:
    is_sent = request.method == "POST"
    ids = chosen_ids(request.POST if is_sent else request.GET, kind.rows(request.user))
    if not ids:
        return _nothing_chosen(request, kind)
    collections = collections_for(request.company, ids) if kind is DOCUMENTS else None
    form = ApproveTogetherForm(request.POST if is_sent else None, collections=collections)
    if is_sent and form.is_valid():
        change = partial(_approve, form=form, request=request, kind=kind)
        return _outcome(request, kind, decide_together(kind.model, ids, change, company=request.company))
    numbers = approval_in_numbers(kind.model, ids)
    context = {"form": form, "numbers": numbers, "chosen": ids, "kind": kind.name}
    return render(request, "pages/requests/approve_together.html", context)


def _approve(row: AccessRequest, *, form: ApproveTogetherForm, request: MemberRequest, kind: RequestKind) -> None:
    if isinstance(row, DocumentRequest):
        license = destination_of(row, form.cleaned_data.get("license"))
        kind.approve(row, license=license, by=request.user, ends_on=form.cleaned_data["ends_on"])
    else:
        kind.approve(row, by=request.user, ends_on=form.cleaned_data["ends_on"])


@require_http_methods(["GET", "POST"])
@request_decider_required
def reject(request: MemberRequest, kind: RequestKind) -> HttpResponse:
    is_sent = request.method == "POST"
    ids = chosen_ids(request.POST if is_sent else request.GET, kind.rows(request.user))
    if not ids:
        return _nothing_chosen(request, kind)
    form = RejectForm(request.POST if is_sent else None, company=request.company)
    if is_sent and "insert" in request.POST:
        form = form.with_sentence(request.company)
    elif form.is_valid():

        def change(row: AccessRequest) -> None:
            kind.reject(row, by=request.user, **form.answer)

        return _outcome(request, kind, decide_together(kind.model, ids, change, company=request.company))
    numbers = approval_in_numbers(kind.model, ids)
    context = {"form": form, "numbers": numbers, "chosen": ids, "kind": kind.name}
    return render(request, "pages/requests/reject_together.html", context)


def _outcome(request: MemberRequest, kind: RequestKind, outcomes: list[Outcome]) -> HttpResponse:
    refused = [one for one in outcomes if one.refusal]
    context = {"done": len(outcomes) - len(refused), "refused": refused, "kind": kind.name}
    return render(request, "pages/requests/decided_together.html", context)


def _nothing_chosen(request: MemberRequest, kind: RequestKind) -> HttpResponse:
    messages.error(request, _("Tick at least one request that is open."))
    return kind.to_list()

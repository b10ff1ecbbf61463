"""Decide on several requests at once: tick, preview in numbers, decide."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from companies.models import Company
from licenses.models import License
from pages.access import MemberRequest, request_decider_required
from pages.requests.forms import DestinationField, RejectForm, UntilForm
from requests_app.access.collections import collections_for, destination_of
from requests_app.actions import deciding
from requests_app.actions.approving_documents import approve_document
from requests_app.actions.several_at_once import MAX_AT_ONCE, DecisionOutcome, decide_together
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest, RequestQuerySet
from requests_app.previews.approvals import preview_approval


class ApproveLicensesForm(UntilForm):
    def __init__(self, *args: Any, company: Company, ids: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def approve(self, row: LicenseRequest, *, by: User) -> None:
        deciding.approve(row, by=by, ends_on=self.cleaned_data["ends_on"])


class ApproveDocumentsForm(UntilForm):
    """Ask also for the collection that takes the standards which no licence holds yet."""

    license = DestinationField(
        label=gettext_lazy("Collection"),
        queryset=License.objects.none(),
        required=False,
        empty_label=None,
        help_text=gettext_lazy("For standards that no licence holds yet."),
    )
    field_order = ("license", "ends_on")

    def __init__(self, *args: Any, company: Company, ids: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(DestinationField, self.fields["license"]).queryset = collections_for(company, ids)

    def approve(self, row: DocumentRequest, *, by: User) -> None:
        license = destination_of(row, self.cleaned_data["license"])
        approve_document(row, license=license, by=by, ends_on=self.cleaned_data["ends_on"])


@require_http_methods(["GET", "POST"])
@request_decider_required
def approve(
    request: MemberRequest,
    kind: type[AccessRequest],
    form_class: type[ApproveLicensesForm | ApproveDocumentsForm],
) -> HttpResponse:
    is_sent = request.method == "POST"
    ids = _chosen_ids(request.POST if is_sent else request.GET, kind.objects.visible_to(request.user))
    if not ids:
        return _nothing_chosen(request, kind)
    form = form_class(request.POST if is_sent else None, company=request.company, ids=ids)
    if is_sent and form.is_valid():
        change = partial(form.approve, by=request.user)
        return _outcome(request, kind, decide_together(kind, ids, change, company=request.company))
    numbers = preview_approval(kind, ids)
    context = {
        "form": form,
        "numbers": numbers,
        "chosen": ids,
        "kind": kind.url_name,
        "item_label": kind.item_label,
    }
    return render(request, "pages/requests/approve_together.html", context)


@require_http_methods(["GET", "POST"])
@request_decider_required
def reject(request: MemberRequest, kind: type[AccessRequest]) -> HttpResponse:
    is_sent = request.method == "POST"
    ids = _chosen_ids(request.POST if is_sent else request.GET, kind.objects.visible_to(request.user))
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
        "item_label": kind.item_label,
    }
    return render(request, "pages/requests/reject_together.html", context)


def _outcome(request: MemberRequest, kind: type[AccessRequest], outcomes: list[DecisionOutcome]) -> HttpResponse:
    refused = [outcome for outcome in outcomes if outcome.refusal]
    context = {"done": len(outcomes) - len(refused), "refused": refused, "kind": kind.url_name}
    return render(request, "pages/requests/decided_together.html", context)


def _nothing_chosen(request: MemberRequest, kind: type[AccessRequest]) -> HttpResponse:
    messages.error(request, _("Tick at least one request that is open."))
    return redirect(f"requests:{kind.url_name}_requests")


def _chosen_ids(sent: QueryDict, rows: RequestQuerySet) -> list[int]:
    """Return the ticked requests that exist (C24), at most as many as fit at once."""
    ticked = {int(pk) for pk in sent.getlist("chosen") if pk.isascii() and pk.isdigit() and len(pk) < 18}
    return list(rows.filter(pk__in=ticked).order_by("pk").values_list("pk", flat=True)[:MAX_AT_ONCE])

"""„Aanvragen – Normen": asking for a standard, looking on, deciding (R29)."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licenses.models import Document, License
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, member_required, request_decider_required
from pages.requests.deciding_forms import ApproveDocumentForm, RejectForm
from pages.requests.forms import AskForm
from pages.requests.outcome import SENT, settle
from pages.requests.overview import overview
from pages.requests.request_history import history_of, thread_of
from pages.requests.requester_pages import again, can_ask_for, own_facts
from requests_app.access import (
    askable_by,
    can_read_already,
    can_read_already_annotation,
    licenses_with,
)
from requests_app.access.promise import promise_of
from requests_app.actions import document_requests as actions
from requests_app.actions.deciding import withdraw
from requests_app.models import DocumentRequest


@require_safe
@member_required
def document_requests(request: MemberRequest) -> HttpResponse:
    rows = DocumentRequest.objects.visible_to(request.user).select_related("document", "license")
    if request.user.decides_requests:
        rows = rows.annotate(is_readable=can_read_already_annotation())
    return overview(request, rows, "pages/requests/document_requests.html")


@require_http_methods(["GET", "POST"])
@member_required
def request_document(request: MemberRequest, pk: int) -> HttpResponse:
    document = get_object_or_404(Document, pk=pk)
    data = request.POST if request.method == "POST" else None
    form = AskForm(data, company=request.company, initial=again(request, DocumentRequest))
    if form.is_valid():
        return _ask(request, document, form)
    if not can_ask_for(document, request.user):
        return redirect("documents:document", pk)  # it says what one can do instead
    context = {
        "form": form,
        "document": document,
        "in_licenses": askable_by(request.user).filter(documents=document).order_by("name", "pk"),
        "promise": promise_of(request.company, DocumentRequest),
    }
    return render(request, "pages/requests/request_document.html", context)


def _ask(request: MemberRequest, document: Document, form: AskForm) -> HttpResponse:
    try:
        asked = actions.request_document(document, by=request.user, **form.said)
    except RuleError as error:
        messages.error(request, str(error))
        return redirect("documents:document", document.pk)
    messages.success(request, SENT)
    return redirect("requests:document_request", asked.pk)


@require_safe
@member_required
def document_request(request: MemberRequest, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    context: dict[str, object] = {"row": row, **own_facts(row, request.user)}
    if request.user.decides_requests:
        context["history"] = history_of(row)
    if request.user.decides_requests or row.is_own:
        context |= thread_of(row)
    if request.user.decides_requests and row.is_open:
        context["has"] = License.objects.open_to(row.requester)
        context["is_readable"] = can_read_already(row)
    return render(request, "pages/requests/document_request.html", context)


@require_http_methods(["GET", "POST"])
@request_decider_required
def approve_document(request: MemberRequest, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    form = ApproveDocumentForm(request.POST if request.method == "POST" else None, document_request=row)
    if form.is_valid():
        done = _("%(name)s can read %(document)s now, and gets a mail about it.")
        return settle(
            request,
            partial(actions.approve, row, by=request.user, **form.destination),
            done=done % {"name": row.user, "document": row.document},
            kind="document",
            pk=pk,
        )
    if not row.is_open:
        return redirect("requests:document_request", pk)  # it says by whom and when (C27)
    is_held = licenses_with(row.document, request.company.pk).exists()
    return render(request, "pages/requests/approve_document.html", {"form": form, "row": row, "is_held": is_held})


@require_http_methods(["GET", "POST"])
@request_decider_required
def reject_document(request: MemberRequest, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    form = RejectForm(request.POST if request.method == "POST" else None, company=request.company)
    if "insert" in request.POST:
        form = form.with_sentence(request.company)
    elif form.is_valid():
        done = _("The request is rejected; %(name)s gets a mail about it.") % {"name": row.user}
        reject = partial(actions.reject, row, by=request.user, **form.answer)
        return settle(request, reject, done=done, kind="document", pk=pk)
    if not row.is_open:
        return redirect("requests:document_request", pk)  # it says by whom and when (C27)
    return render(request, "pages/requests/reject_document.html", {"form": form, "row": row})


@require_POST
@member_required
def withdraw_document(request: MemberRequest, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    return settle(
        request,
        partial(withdraw, row, by=request.user),
        done=_("You have withdrawn your request. You can request the document again later."),
        kind="document",
        pk=pk,
    )


def _visible(request: MemberRequest, pk: int) -> DocumentRequest:
    about = ("document", "license", "label", "company")
    rows = DocumentRequest.objects.visible_to(request.user).select_related(*about)
    found: DocumentRequest = get_object_or_404(rows, pk=pk)
    return found

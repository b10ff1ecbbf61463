"""Asking for a licence (R26) or a standard (R29)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from licenses.models import Document, License
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, member_required
from pages.requests.forms import AskForm, RequestLicenseForm
from pages.requests.outcome import SENT, to_page
from pages.requests.requester_pages import again, can_ask_for
from requests_app.access import askable_by, askable_later_by
from requests_app.access.promise import promise_of
from requests_app.actions import asking
from requests_app.models import DocumentRequest, LicenseRequest


@require_http_methods(["GET", "POST"])
@member_required
def request_license(request: MemberRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    chosen = {"license": request.GET.get("license"), **again(request, LicenseRequest)}
    form = RequestLicenseForm(data, user=request.user, initial=chosen)
    if form.is_valid():
        try:
            new = asking.request_license(form.cleaned_data["license"], by=request.user, **form.details)
        except RuleError as error:
            form.add_rule_error(error)
        else:
            messages.success(request, SENT)
            return to_page(new)
    context = {
        "form": form,
        "has_licenses": License.objects.of(request.company).in_term().filter(is_shown=True).exists(),
        "promise": promise_of(request.company, LicenseRequest),
        "not_now": askable_later_by(request.user),
        "kind": LicenseRequest.url_name,
    }
    return render(request, "pages/requests/request_license.html", context)


@require_http_methods(["GET", "POST"])
@member_required
def request_document(request: MemberRequest, pk: int) -> HttpResponse:
    document = get_object_or_404(Document, pk=pk)
    data = request.POST if request.method == "POST" else None
    form = AskForm(data, company=request.company, initial=again(request, DocumentRequest))
    if form.is_valid():
        try:
            new = asking.request_document(document, by=request.user, **form.details)
        except RuleError as error:
            messages.error(request, str(error))
            return redirect("documents:document", document.pk)
        messages.success(request, SENT)
        return to_page(new)
    if not can_ask_for(document, request.user):
        return redirect("documents:document", pk)  # it says what one can do instead
    context = {
        "form": form,
        "document": document,
        "in_licenses": askable_by(request.user).filter(documents=document).order_by("name", "pk"),
        "promise": promise_of(request.company, DocumentRequest),
        "kind": DocumentRequest.url_name,
    }
    return render(request, "pages/requests/request_document.html", context)

"""Request a licence (R26) or a standard (R29)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, member_required
from pages.requests.forms import RequestDocumentForm, RequestLicenseForm
from requests_app.access.promise import promise_of
from requests_app.models import AccessRequest

SENT = _("Your request was sent to the admins of your company. You get a mail when they have decided.")


@require_http_methods(["GET", "POST"])
@member_required
def ask(
    request: MemberRequest, /, form_class: type[RequestLicenseForm | RequestDocumentForm], **pk: int
) -> HttpResponse:
    kind = form_class.kind
    data = request.POST if request.method == "POST" else None
    form = form_class(data, user=request.user, initial=_initial_values(request, kind), **pk)
    if form.is_valid():
        try:
            license_request = form.send()
        except RuleError as error:
            form.add_rule_error(error)
        else:
            messages.success(request, SENT)
            return redirect(license_request.page)
    if page := form.page_instead():
        for message in form.non_field_errors():
            messages.error(request, str(message))
        return redirect(page)
    context = {"form": form, "kind": kind.url_name, "promise": promise_of(request.company, kind), **form.context()}
    return render(request, "pages/requests/ask.html", context)


def _initial_values(request: MemberRequest, kind: type[AccessRequest]) -> dict[str, Any]:
    initial: dict[str, Any] = {"license": request.GET.get("license")}
    pk = request.GET.get("again", "")
    if pk.isascii() and pk.isdecimal() and len(pk) < 19:
        earlier = kind.objects.filter(company=request.company, user=request.user, pk=int(pk))
        initial |= earlier.values("reason", "label").first() or {}
    return initial

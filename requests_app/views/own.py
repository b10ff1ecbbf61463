"""What one does with one's own request: add a word, remind the admins once, ask again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import MemberRequest, member_required
from nenconnect.errors import RuleError
from requests_app.actions import own
from requests_app.forms import AddWordForm
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest

KINDS: dict[str, type[AccessRequest]] = {"license": LicenseRequest, "document": DocumentRequest}


@require_http_methods(["GET", "POST"])
@member_required
def add_word(request: MemberRequest, kind: str, pk: int) -> HttpResponse:
    row = _own(request, kind, pk)
    if not row.is_open:
        return redirect(f"requests_app:{kind}_request", pk)
    form = AddWordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            own.add_word(row, form.cleaned_data["reason"], by=request.user)
        except RuleError as error:
            form.add_rule_error(error)
        else:
            messages.success(request, _("It is added to your request."))
            return redirect(f"requests_app:{kind}_request", pk)
    return render(request, "requests_app/add_word.html", {"form": form, "row": row, "kind": kind})


@require_POST
@member_required
def nudge(request: MemberRequest, kind: str, pk: int) -> HttpResponse:
    row = _own(request, kind, pk)
    try:
        own.nudge(row, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The admins get a reminder of your request."))
    return redirect(f"requests_app:{kind}_request", pk)


def _own(request: MemberRequest, kind: str, pk: int) -> AccessRequest:
    rows = KINDS[kind]._default_manager.filter(company=request.company, user=request.user)
    return get_object_or_404(rows.select_related("company"), pk=pk)


def own_facts(row: AccessRequest) -> dict[str, Any]:
    """For the page of a request: what whoever asked can do with it."""
    if not (row.is_own and row.is_open):
        return {}
    return {"is_late": own.is_late(row), "can_nudge": own.is_late(row) and row.nudged_at is None}


def again(request: MemberRequest, kind: type[AccessRequest]) -> dict[str, Any]:
    """The reason and label of an own request that is asked anew: `again` in the address names it."""
    pk = request.GET.get("again", "")
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        return {}
    row = kind._default_manager.filter(company=request.company, user=request.user, pk=int(pk)).first()
    return {"reason": row.reason, "label": row.label_id} if row else {}

"""Let the requester add a word, remind the admins once, withdraw, or ask again."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from licenses.models import License
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, member_required
from pages.forms import RuleForm
from pages.requests.deciding import settle
from pages.requests.forms import ReasonField
from requests_app.access import askable_by, may_ask_from
from requests_app.access.reasons import can_ask_for
from requests_app.actions import deciding, requester_actions
from requests_app.models import AccessRequest


class AddWordForm(RuleForm):
    reason = ReasonField(
        label=gettext_lazy("What do you want to add?"),
        help_text=gettext_lazy(
            "It comes below your reason. Your colleagues see it, but not your name. The admins see both."
        ),
    )


@require_http_methods(["GET", "POST"])
@member_required
def add_word(request: MemberRequest, kind: type[AccessRequest], pk: int) -> HttpResponse:
    row = _request_of(request, kind, pk)
    if not row.is_open:
        return redirect(row.page)
    form = AddWordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            requester_actions.add_word(row, form.cleaned_data["reason"], by=request.user)
        except RuleError as error:
            form.add_rule_error(error)
        else:
            messages.success(request, _("It is added to your request."))
            return redirect(row.page)
    return render(request, "pages/requests/add_word.html", {"form": form, "row": row, "kind": kind.url_name})


@require_POST
@member_required
def nudge(request: MemberRequest, kind: type[AccessRequest], pk: int) -> HttpResponse:
    row = _request_of(request, kind, pk)
    try:
        requester_actions.nudge(row, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The admins get a reminder of your request."))
    return redirect(row.page)


@require_POST
@member_required
def withdraw(request: MemberRequest, pk: int, kind: type[AccessRequest]) -> HttpResponse:
    row = get_object_or_404(kind.objects.visible_to(request.user), pk=pk)
    change = partial(deciding.withdraw, row, by=request.user)
    return settle(request, row, change, done=str(kind.withdrawn_text))


def _request_of(request: MemberRequest, kind: type[AccessRequest], pk: int) -> AccessRequest:
    rows = kind.objects.filter(company=request.company, user=request.user)
    return get_object_or_404(rows.select_related("company"), pk=pk)


def requester_options(row: AccessRequest, user: User) -> dict[str, Any]:
    if row.is_own and row.is_open:
        return {
            "is_late": requester_actions.is_late(row),
            "can_nudge": requester_actions.is_late(row) and row.nudged_at is None,
        }
    if row.is_own and row.is_unfulfilled:
        return _asking_again(row, user)
    return {}


def _asking_again(row: AccessRequest, user: User) -> dict[str, Any]:
    item = row.item
    if isinstance(item, License):
        can_ask = askable_by(user).filter(pk=item.pk).exists()
    else:
        can_ask = can_ask_for(item, user)
    return {"can_ask_again": can_ask, "not_before": may_ask_from(user, item)}

"""Accept or decline people who ask to come over from another company."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actions.moving import decline_move
from accounts.models import MoveRequest
from companies.models import Company
from members.actions.moving import accept_move
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, company_admin_required

SHOWN = 20  # on the page with all users


def moves_to_decide(company: Company) -> dict[str, Any]:
    waiting = MoveRequest.objects.to_decide_by(company)
    shown = list(waiting.select_related("user", "from_company").order_by("asked_at", "pk")[:SHOWN])
    return {"moves": shown, "more_moves": waiting.count() - SHOWN if len(shown) == SHOWN else 0}


@require_safe
@company_admin_required
def move_request(request: MemberRequest, pk: int) -> HttpResponse:
    """Show a request to move; a person who was declined or has left again is followed no further."""
    move = _find_move(request, pk)
    can_see_person = move.is_open or move.user.company_id == request.company.pk
    return render(
        request, "pages/company/users/move_request.html", {"move": move, "can_see_person": can_see_person}
    )


@require_POST
@company_admin_required
def accept(request: MemberRequest, pk: int) -> HttpResponse:
    move = _find_move(request, pk)
    try:
        accept_move(move, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
        return redirect("company:move_request", pk)
    messages.success(
        request,
        _("%(name)s is a user of your company now, and gets a mail. Give the licences that are needed here.")
        % {"name": move.user},
    )
    return redirect("company:user", move.user_id)


@require_POST
@company_admin_required
def decline(request: MemberRequest, pk: int) -> HttpResponse:
    move = _find_move(request, pk)
    try:
        decline_move(move, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
        return redirect("company:move_request", pk)
    messages.success(request, _("Declined. %(name)s gets a mail.") % {"name": move.user})
    return redirect("company:users")


def _find_move(request: MemberRequest, pk: int) -> MoveRequest:
    rows = MoveRequest.objects.filter(to_company=request.company).exclude(status=MoveRequest.Status.WITHDRAWN)
    return get_object_or_404(rows.select_related("user", "from_company", "to_company", "decided_by"), pk=pk)

"""Asking the requester something before deciding, and the answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, member_required, request_decider_required
from pages.requests.deciding_forms import MessageForm
from pages.requests.outcome import find, to_page
from requests_app.actions import asking_first
from requests_app.models import AccessRequest, RequestMessage


@require_http_methods(["GET", "POST"])
@request_decider_required
def ask_first(request: MemberRequest, pk: int, kind: type[AccessRequest]) -> HttpResponse:
    row = find(request, kind, pk)
    if request.method != "POST" and not row.is_open:
        return to_page(row)  # it says by whom and when (C27)
    form = MessageForm(request.POST or None, label=_("Your question"), help_text=_who_reads())
    if request.method == "POST" and form.is_valid():
        try:
            asking_first.ask_first(row, form.cleaned_data["text"], by=request.user)
        except RuleError as error:
            messages.error(request, str(error))
        else:
            done = _("Your question is on its way to %(name)s. You get a mail with the answer.")
            messages.success(request, done % {"name": row.user})
        return to_page(row)
    return render(request, "pages/requests/ask_first.html", {"form": form, "row": row, "kind": kind.url_name})


@require_http_methods(["GET", "POST"])
@member_required
def answer(request: MemberRequest, pk: int, kind: type[AccessRequest]) -> HttpResponse:
    row = find(request, kind, pk)
    may_answer = row.is_own and row.is_open and RequestMessage.objects.about(row).questions().exists()
    if request.method != "POST" and not may_answer:
        return to_page(row)
    form = MessageForm(request.POST or None, label=_("Your answer"), help_text=_who_reads())
    if request.method != "POST" or (may_answer and not form.is_valid()):
        context = {
            "form": form,
            "row": row,
            "kind": kind.url_name,
            "thread": RequestMessage.objects.about(row).select_related("author"),
        }
        return render(request, "pages/requests/answer.html", context)
    try:
        asking_first.answer(row, form.cleaned_data.get("text", "") if form.is_valid() else "", by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your answer was sent."))
    return to_page(row)


def _who_reads() -> str:
    return _("Only the person who asked and those who decide read this, nobody else.")

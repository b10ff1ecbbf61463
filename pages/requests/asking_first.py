"""Ask the requester something before deciding, and answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, member_required, request_decider_required
from pages.forms import RuleForm
from pages.requests.forms import ReasonField
from requests_app.actions import asking_first
from requests_app.models import AccessRequest, RequestMessage


class MessageForm(RuleForm):
    text = ReasonField(label=gettext_lazy("Your question"))

    def __init__(self, *args: Any, label: str, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label, self.fields["text"].help_text = label, help_text

    def clean_text(self) -> str:
        if not self.cleaned_data["text"]:
            raise ValidationError(_("Write a text first."))
        return str(self.cleaned_data["text"])


@require_http_methods(["GET", "POST"])
@request_decider_required
def ask_first(request: MemberRequest, pk: int, kind: type[AccessRequest]) -> HttpResponse:
    row = get_object_or_404(kind.objects.visible_to(request.user), pk=pk)
    if request.method != "POST" and not row.is_open:
        return redirect(row.page)  # the page says who decided and when (C27)
    form = MessageForm(request.POST or None, label=_("Your question"), help_text=_who_reads())
    if request.method == "POST" and form.is_valid():
        try:
            asking_first.ask_first(row, form.cleaned_data["text"], by=request.user)
        except RuleError as error:
            messages.error(request, str(error))
        else:
            done = _("Your question is on its way to %(name)s. You get a mail with the answer.")
            messages.success(request, done % {"name": row.user})
        return redirect(row.page)
    return render(request, "pages/requests/ask_first.html", {"form": form, "row": row, "kind": kind.url_name})


@require_http_methods(["GET", "POST"])
@member_required
def answer(request: MemberRequest, pk: int, kind: type[AccessRequest]) -> HttpResponse:
    row = get_object_or_404(kind.objects.visible_to(request.user), pk=pk)
    may_answer = row.is_own and row.is_open and RequestMessage.objects.about(row).questions().exists()
    if request.method != "POST" and not may_answer:
        return redirect(row.page)
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
    return redirect(row.page)


def _who_reads() -> str:
    return _("Only the requester and the people who decide can read this.")

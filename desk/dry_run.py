"""Save a page of NEN's desk, show what a customer will notice, and roll back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from desk.action_admin import ActionAdmin, Refusal

BUTTON = "_look"


class DryRunDone(Exception):
    """Leave the page's transaction, so that nothing is saved; `shown` goes to the template."""

    def __init__(self, **shown: Any) -> None:
        self.shown = shown


class DryRunAdmin(ActionAdmin):
    """Show a dry run: a subclass raises DryRunDone when all is saved, its template has the button."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DryRunDone as done:
            notice = Refusal(None, None, gettext("Nothing is saved yet. Is this right? Then save."))
            request.refusals = [notice]  # type: ignore[attr-defined]
            answer = super().changeform_view(request, *args, **kwargs)
            assert isinstance(answer, TemplateResponse)
            context = answer.context_data or {}
            context["adminform"].form.errors.clear()  # the notice, which kept the form from being saved
            context |= done.shown | {"errors": None}
            return answer


def is_dry_run(request: HttpRequest) -> bool:
    return BUTTON in request.POST

"""NEN's desk shows what will be noticed before it is saved: the page is saved, looked at, and undone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from desk.action_admin import ActionAdmin, Refusal

BUTTON = "_look"


class Looked(Exception):
    """Leaves the transaction of the page, so that nothing of it is saved. `shown` is what the page tells."""

    def __init__(self, **shown: Any) -> None:
        self.shown = shown


class LookingAdmin(ActionAdmin):
    """Subclasses raise Looked once all of it is done; their template shows it, and has the button."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What was only looked at is not saved: the page comes back as it was typed, with what will be noticed."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Looked as looked:
            only_looked = Refusal(None, None, gettext("Nothing is saved yet. Is this right? Then save."))
            request.refusals = [only_looked]  # type: ignore[attr-defined]
            answer = super().changeform_view(request, *args, **kwargs)
            assert isinstance(answer, TemplateResponse)
            context = answer.context_data or {}
            context["adminform"].form.errors.clear()  # the one word that kept it from being saved
            context |= looked.shown | {"errors": None}
            return answer


def is_asked(request: HttpRequest) -> bool:
    return BUTTON in request.POST

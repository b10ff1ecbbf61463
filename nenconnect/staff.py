"""NEN's desk changes things only through the actions of the domain (C25).

A page is saved whole or not at all: each action runs in the page's one transaction, and what a rule refuses comes
back beside the field that it is about, with everything that was typed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.db import transaction
from django.forms.models import construct_instance
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext

from nenconnect.errors import RuleError


@dataclass(frozen=True)
class Refusal:
    """What a rule said about the form with this prefix."""

    prefix: str | None
    field: str | None
    text: str


class Refused(Exception):
    """Leaves the transaction of the page, so that nothing of it is saved."""

    def __init__(self, refusals: list[Refusal]) -> None:
        self.refusals = refusals


class Attempts:
    """Runs actions one by one, and gathers what the rules refuse: the page shows all of it at once."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []

    @contextmanager
    def of(self, form: forms.BaseForm) -> Iterator[None]:
        try:
            with transaction.atomic():
                yield
        except RuleError as error:
            self.refusals.append(Refusal(form.prefix, error.field, str(error)))

    def settle(self) -> None:
        """Raises Refused when anything was."""
        if self.refusals:
            raise Refused(self.refusals)


@contextmanager
def as_field_error() -> Iterator[None]:
    """In clean_<field>: a rule that needs nothing saved first speaks together with all other mistakes."""
    try:
        yield
    except RuleError as error:
        raise forms.ValidationError(str(error)) from error


class ActionForm(forms.ModelForm):
    """A form whose values go to an action. `refusals` holds what the rules said in the attempt before."""

    refusals: ClassVar[list[Refusal]] = []
    # The action's word for a field, where ours is another.
    field_names: ClassVar[dict[str, str]] = {}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for refusal in self.refusals:
            if refusal.prefix == self.prefix:
                name = self.field_names.get(refusal.field or "", refusal.field)
                self.add_error(name if name in self.fields else None, refusal.text)
        return cleaned

    def _post_clean(self) -> None:
        """Without the model's constraints: the actions refuse in words, the database is only behind them."""
        self.instance = construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)
        if self._validate_unique:  # type: ignore[attr-defined]
            self.validate_unique()
        if not self.errors:
            try:
                self.check_rules()
            except RuleError as error:
                self.add_error(error.field, str(error))

    def answer_with(self, name: str, value: Any) -> None:
        """The page that comes back holds this in a hidden field, so that saving it again says it was read."""
        self.data = cast(QueryDict, self.data).copy()
        self.data[name] = value

    def check_rules(self) -> None:
        """Subclasses: raises RuleError for what the action would refuse, before anything is saved."""


class StaffAdmin(BaseModelAdmin):
    """Whoever is let in at NEN's desk may do what the desk offers. Nothing is deleted without an action."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True


class ReadOnlyAdmin(StaffAdmin):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SavingAdmin(StaffAdmin, admin.ModelAdmin):
    """Says what was saved in our own words: Django's put one article before every noun."""

    def response_add(self, request: HttpRequest, obj: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        request.saved = obj  # type: ignore[attr-defined]
        return super().response_add(request, obj, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        request.saved = obj  # type: ignore[attr-defined]
        return super().response_change(request, obj)

    def message_user(
        self, request: HttpRequest, message: Any, level: int | str = messages.INFO, *args: Any, **kwargs: Any
    ) -> None:
        if level == messages.SUCCESS and hasattr(request, "saved"):
            message = gettext("Saved: %(thing)s.") % {"thing": request.saved}
        super().message_user(request, message, level, *args, **kwargs)


class ActionAdmin(SavingAdmin):
    """Subclasses call actions in save_model and save_related, and raise Refused through Attempts.settle()."""

    form = ActionForm

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refused as refused:
            request.refusals = refused.refusals  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[forms.ModelForm]:
        return _told(super().get_form(request, *args, **kwargs), request)


class ActionInline(StaffAdmin):
    """Mixed into an inline of an ActionAdmin."""

    def get_formset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        formset = super().get_formset(request, *args, **kwargs)  # type: ignore[misc]
        formset.form = _told(formset.form, request)
        return formset


def _told(form: type[forms.ModelForm], request: HttpRequest) -> type[forms.ModelForm]:
    """Django makes a form class for each request; this one knows what was refused."""
    form.refusals = getattr(request, "refusals", [])  # type: ignore[attr-defined]
    return form

"""NEN's desk changes things only through the actions of the domain (C25).

A page is saved whole or not at all: each action runs in the page's one transaction, and what a rule refuses comes
back beside the field that it is about, with everything that was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AutocompleteSelectMultiple, RelatedFieldWidgetWrapper
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.forms.models import construct_instance
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils.translation import gettext, gettext_noop

from accounts import staff_roles
from accounts.staff_roles import ADD, CHANGE, LOOK
from nenconnect.rules.errors import RuleError

# Django begins the thing with a capital, which its own Dutch has in the middle of the sentence.
gettext_noop("Add another %(verbose_name)s")


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
    """What the person's role allows (accounts/staff_roles.py). Nothing is deleted without an action.

    Whoever manages companies sees those alone, in lists, in forms' choices and by typing a number.
    """

    show_facets = admin.ShowFacets.NEVER  # a number beside each filter takes a query each, and no one asked

    def may(self, request: HttpRequest, right: str) -> bool:
        return staff_roles.may(request.user, right, self.model)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, LOOK)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, ADD)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, CHANGE)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request, LOOK)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return staff_roles.own_rows(super().get_queryset(request), request.user)

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest | None) -> QuerySet | None:
        """The choices of a field: no company of somebody else can be posted by its number.

        Of people there is one choice alone: who of NEN manages a company, and they belong to none.
        """
        rows: QuerySet | None = super().get_field_queryset(db, db_field, request)  # type: ignore[arg-type]
        related = db_field.remote_field.model
        if request is None or related is get_user_model() or not staff_roles.is_limited(request.user, related):
            return rows
        return staff_roles.own_rows(related._default_manager.all() if rows is None else rows, request.user)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """To choose from alone: what is chosen has a page of its own, and a window of it would save by itself."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        if field is not None and isinstance(field.widget, AutocompleteSelectMultiple):
            field.widget.is_required = True  # else it gets a button that takes all of them out at once
        return field

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The list's buttons change things, also of lists that have no form."""
        return super().get_actions(request) if self.may(request, CHANGE) else {}  # type: ignore[misc]

    def guarded(self, view: Callable[..., HttpResponseBase], right: str = CHANGE) -> Callable[..., Any]:
        """For the pages of get_urls: like `admin_site.admin_view`, and by the role as the other pages are."""

        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.may(request, right):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return self.admin_site.admin_view(checked)


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
            message = gettext("“%(thing)s” is saved.") % {"thing": request.saved}
        super().message_user(request, message, level, *args, **kwargs)


class ActionAdmin(SavingAdmin):
    """Subclasses call actions in save_model and save_related, and raise Refused through Attempts.settle()."""

    form = ActionForm

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        show = partial(super().changeform_view, request, *args, **kwargs)
        try:
            return show()
        except Refused as refused:
            request.refusals = refused.refusals  # type: ignore[attr-defined]
            return show()

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[forms.ModelForm]:
        form = super().get_form(request, *args, **kwargs)
        allowed = staff_roles.fields_for(request.user, self.model)
        for name, field in form.base_fields.items():
            if allowed is not None and name not in allowed:
                field.disabled = True  # whatever is posted, it stays as it is
        return _told(form, request)


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

"""Let NEN's desk change things only through the actions of the domain (C25)."""

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
from desk.autocomplete import IdSelect, IdSelectMultiple
from nenconnect.rules.errors import RuleError

# Django begins the thing with a capital, which its own Dutch has in the middle of the sentence.
gettext_noop("Add another %(verbose_name)s")

MAX_NEW_ROWS = 50  # that one form of the desk can add


@dataclass(frozen=True)
class Refusal:
    """Hold what a rule refused about the form with this prefix."""

    prefix: str | None
    field: str | None
    text: str


class RefusedByRule(Exception):
    """Leave the page's transaction, so that nothing is saved."""

    def __init__(self, refusals: list[Refusal]) -> None:
        self.refusals = refusals


class Attempts:
    """Run actions one by one and collect the refusals, so that the page shows them all at once."""

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
        """Raise Refused when a rule refused something."""
        if self.refusals:
            raise RefusedByRule(self.refusals)


@contextmanager
def as_field_error() -> Iterator[None]:
    try:
        yield
    except RuleError as error:
        raise forms.ValidationError(str(error)) from error


class ActionForm(forms.ModelForm):
    """Give the form's values to an action; `refusals` holds what the rules refused before."""

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
        self.instance = construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)
        if self._validate_unique:  # type: ignore[attr-defined]
            self.validate_unique()
        if not self.errors:
            try:
                self.check_rules()
            except RuleError as error:
                self.add_error(error.field, str(error))

    def answer_with(self, name: str, value: Any) -> None:
        """Keep in a hidden field what the page showed, so that saving again confirms that it was read."""
        self.data = cast(QueryDict, self.data).copy()
        self.data[name] = value

    def check_rules(self) -> None:
        """Raise RuleError for what the action would refuse, before anything is saved."""


class StaffAdmin(BaseModelAdmin):
    """Allow what the person's role allows (accounts/staff_roles.py); nothing is deleted without an action."""

    show_facets = admin.ShowFacets.NEVER  # a number beside each filter takes a query each, and no one asked

    def may(self, request: HttpRequest, right: str) -> bool:
        return staff_roles.has_permission(request.user, right, self.model)

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
        return staff_roles.managed_rows(super().get_queryset(request), request.user)

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest | None) -> QuerySet | None:
        """Limit the choices of a field to what this person may see, also when an id is posted by hand."""
        rows: QuerySet | None = super().get_field_queryset(db, db_field, request)  # type: ignore[arg-type]
        related = db_field.remote_field.model
        if request is None or related is get_user_model() or not staff_roles.is_limited(request.user, related):
            return rows
        return staff_roles.managed_rows(related._default_manager.all() if rows is None else rows, request.user)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Take away the links that add or change the chosen row in a window of its own."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        if field is not None and isinstance(field.widget, AutocompleteSelectMultiple):
            field.widget.is_required = True  # else it gets a button that takes all of them out at once
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = IdSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = IdSelectMultiple(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Require the right to change for the buttons of a list, also of a list without a form."""
        return super().get_actions(request) if self.may(request, CHANGE) else {}  # type: ignore[misc]

    def guarded(self, view: Callable[..., HttpResponseBase], right: str = CHANGE) -> Callable[..., Any]:
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
    """Confirm in our own words what was saved: Django uses one article for every noun."""

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
    """Save through actions: subclasses call them in save_model and save_related, and raise Refused."""

    form = ActionForm

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        show = partial(super().changeform_view, request, *args, **kwargs)
        try:
            return show()
        except RefusedByRule as refused:
            request.refusals = refused.refusals  # type: ignore[attr-defined]
            return show()

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[forms.ModelForm]:
        form = super().get_form(request, *args, **kwargs)
        allowed = staff_roles.fields_for(request.user, self.model)
        for name, field in form.base_fields.items():
            if allowed is not None and name not in allowed:
                field.disabled = True  # whatever is posted, it stays as it is
        return form_with_refusals(form, request)


class ActionInline(StaffAdmin):
    """Give an inline of an ActionAdmin the same guards."""

    def get_formset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        formset = super().get_formset(request, *args, **kwargs)  # type: ignore[misc]
        formset.form = form_with_refusals(formset.form, request)
        return with_row_limit(formset, MAX_NEW_ROWS)


class ReadOnlyInline(ReadOnlyAdmin):
    """Show rows of a company on its page; the form may send no more rows than there are."""

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)  # type: ignore[misc]
        return with_row_limit(formset, self.model._default_manager.filter(company=obj).count())


def with_row_limit(formset: Any, rows: int) -> Any:
    """Refuse more rows than this with a message; Django builds 2,000 forms before it counts them (C76)."""
    formset.max_num = formset.absolute_max = rows
    return formset


def form_with_refusals(form: type[forms.ModelForm], request: HttpRequest) -> type[forms.ModelForm]:
    form.refusals = getattr(request, "refusals", [])  # type: ignore[attr-defined]
    return form

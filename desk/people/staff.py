"""Manage NEN staff and their roles; for administrators only (accounts/staff_roles.py)."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.actions.staff import NO_ROLE, role_of, set_staff_role
from accounts.models import StaffMember, User
from accounts.staff_roles import StaffRole
from companies.addresses import canonical_address
from desk.action_admin import ActionAdmin, ActionForm, Attempts, as_field_error


class StaffMemberForm(ActionForm):
    staff_role = forms.ChoiceField(label=_("Role at NEN"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = cast(forms.ChoiceField, self.fields["staff_role"])
        role.choices = list(StaffRole.choices)
        if self.instance.pk:
            role.choices = [(NO_ROLE, pgettext("role at NEN", "No role: no longer NEN staff")), *role.choices]
            role.required, role.initial = False, role_of(self.instance)
            role.help_text = _("A person without a role can no longer use this desk. The account stays.")
        else:
            self.fields["email"].help_text = _(
                "Of an account that the person registered, and that has no company."
            )

    def clean_email(self) -> str:
        with as_field_error():
            address = canonical_address(self.cleaned_data["email"])
        if not User.objects.filter(email=address).exists():
            raise forms.ValidationError(
                gettext("There is no account with this address. Have the person register first, at “Register”.")
            )
        return address

    def validate_unique(self) -> None:
        pass


@admin.register(StaffMember)
class StaffMemberAdmin(ActionAdmin):
    form = StaffMemberForm
    list_display = ["name", "email", "role_in_words", "second_step", "can_sign_in", "last_login"]
    search_fields = ["name", "email"]
    ordering = ["name", "pk"]
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_second_step().prefetch_related("groups")  # type: ignore[attr-defined,no-any-return]

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return ["name", "email", "staff_role", "second_step", "last_login"] if obj else ["email", "staff_role"]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return ["name", "email", "second_step", "last_login"] if obj else []

    @admin.display(description=_("role at NEN"))
    def role_in_words(self, member: User) -> str:
        if member.is_superuser:
            return str(StaffRole.ADMINISTRATOR.label)
        roles = [str(StaffRole(group.name).label) for group in member.groups.all() if group.name in StaffRole]
        return ", ".join(roles) or "–"

    @admin.display(description=_("second step"), boolean=True)
    def second_step(self, member: User) -> bool:
        return bool(getattr(member, "has_second_step", False))

    @admin.display(description=_("can sign in"), boolean=True)
    def can_sign_in(self, member: User) -> bool:
        return bool(member.is_active)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        typed = form.cleaned_data
        attempts = Attempts()
        with attempts.of(form):
            person = User.objects.get(pk=obj.pk) if change else User.objects.get(email=typed["email"])
            set_staff_role(person, typed["staff_role"], by=cast(User, request.user))
            obj.pk, obj.name = person.pk, person.name
        attempts.settle()

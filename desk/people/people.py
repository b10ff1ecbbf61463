"""Manage people by the same actions as a company admin (R37, C23, C25)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.actions import details, membership, registration, second_step
from accounts.actions.address_change import ask_address_change
from accounts.models import User
from accounts.next_step import PersonStep, next_step
from companies.models import LabelValue
from desk.action_admin import ActionAdmin, Attempts
from desk.edit_conflicts import SeenForm, is_saving
from desk.long_lists import LongList
from desk.people.people_list import ActiveFilter, PeopleList, UndeliverableFilter, say_statuses
from desk.people.person_pages import PersonPages
from desk.people.search import people_found
from nenconnect.rules.errors import RuleError
from nenconnect.text.characters import validate_single_line

admin.site.unregister(Group)  # who is in which, StaffMemberAdmin says
admin.site.unregister(EmailAddress)  # allauth's; an address changes by our actions, or not at all
admin.site.unregister(Authenticator)  # allauth's too: it shows secrets, and adds without the person
admin.site.unregister(UserSession)  # allauth's too: it shows keys of open sessions, and ends them past our actions

DETAILS = ("name", "phone", "country", "language", "is_mail_rerouted")


class PersonForm(SeenForm):
    watched = ("email", *DETAILS, "label")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "phone"):
            cast(forms.CharField, self.fields[name]).validators.append(validate_single_line)
        if "company" in self.fields:
            self.fields["company"].required = True  # a personal account is its owner's to make, by registering
        if "email" in self.fields and self.instance.pk:
            self.fields["email"].required = False  # left empty it stays
        if "label" in self.fields:  # of a person whose company uses one
            label, company = cast(forms.ModelChoiceField, self.fields["label"]), self.instance.company
            label.queryset, label.label = LabelValue.objects.to_choose_at(company), company.user_label

    def clean_email(self) -> str:
        return self.cleaned_data["email"] or str(self.initial.get("email", ""))

    def validate_unique(self) -> None:
        """Accept an address that exists: `add_user` decides what happens to it (R13)."""


@admin.register(User)
class UserAdmin(PersonPages, LongList, ActionAdmin):
    form = PersonForm
    list_display = ["name", "email", "company", "role", "status_in_words"]
    list_select_related = ["company"]
    shown_fields = (
        *("name", "email", "company__name", "role"),
        *("is_blocked", "registered_at", "registration_deadline"),  # the status
    )
    list_filter = [
        "role",
        "is_blocked",
        "is_staff",
        ActiveFilter,
        UndeliverableFilter,
    ]
    ordering = ("-pk",)
    search_fields = ("email",)  # see get_search_results
    search_help_text = _("How an e-mail address begins, or words of a name or address.")
    autocomplete_fields = ["company"]
    actions = [
        "send_registration_again",
        "block",
        "unblock",
        "remove_second_step",
        "make_admin",
        "make_user",
    ]

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        people: QuerySet[User] = super().get_queryset(request)
        return people if request.user.is_superuser else people.filter(is_staff=False)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PeopleList]:
        return PeopleList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> User | None:
        person: User | None = super().get_object(request, object_id, from_field)
        if person and is_saving(request):
            try:
                person = membership.locked_member(person)
            except RuleError:  # left or deleted at this very moment: the page and its action say so
                person = super().get_object(request, object_id, from_field)
        if person:
            say_statuses([person])
        return person

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        return people_found(queryset, search_term), False

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        if obj is None:
            return ["company", "role", "email", *DETAILS]
        label = ["label"] if obj.company and obj.company.user_label else []
        return ["email", *DETAILS, *label, *self.get_readonly_fields(request, obj)]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        if obj is None:
            return []
        return [
            "company",
            "role",
            "status_in_words",
            "next_step_in_words",
            *(["merged_into"] if obj.merged_into_id else []),
            "is_staff",
            "created_at",
            "registration_sent_at",
            "registration_deadline",
            "registered_at",
            "undeliverable_since",
            "undeliverable_reason",
            "first_signed_in_at",
            "last_login",
        ]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        attempts = Attempts()
        with attempts.of(form):
            if change:
                fields = {name: form.cleaned_data[name] for name in (*DETAILS, "label") if name in form.fields}
                details.change_details(obj, by=cast(User, request.user), **fields)
                if form.cleaned_data["email"] != form.initial["email"]:
                    self._change_address(request, obj, form.cleaned_data["email"])
            else:
                self._add_person(request, obj, form.cleaned_data)
        attempts.settle()

    def _add_person(self, request: HttpRequest, obj: User, typed: dict[str, Any]) -> None:
        company = typed["company"]
        new = registration.NewColleague(**{name: typed[name] for name in ("email", "role", *DETAILS)})
        person = registration.add_user(company, new, by=cast(User, request.user), origin=User.Origin.NEN)
        obj.pk = person.pk
        text = gettext("The registration mail goes to %(email)s.")
        if person.company_id != company.pk:  # R13
            text = gettext(
                "%(email)s has a personal account already. We have mailed the owner, who joins by confirming."
            )
        messages.info(request, text % {"email": person.email})

    def _change_address(self, request: HttpRequest, obj: User, address: str) -> None:
        change = ask_address_change(obj, address, by=cast(User, request.user), origin=User.Origin.NEN)
        text = gettext("The user name is %(email)s now, and a new registration mail goes there.")
        if change:
            text = gettext("A mail went to %(email)s. The user name changes once it is confirmed there.")
        messages.info(request, text % {"email": address})

    @admin.display(description=_("status"))
    def status_in_words(self, user: User) -> str:
        return user.status_label

    @admin.display(description=_("what to do"))
    def next_step_in_words(self, user: User) -> str:
        cure = next_step(user)
        return cure.why if cure.step in (PersonStep.NONE, PersonStep.WAIT) else f"{cure.step.label}. {cure.why}"

    @admin.action(description=_("Send registration mail again"))
    def send_registration_again(self, request: HttpRequest, people: QuerySet[User]) -> None:
        by = cast(User, request.user)
        _change_each(request, people, lambda user: registration.send_registration_again(user, by=by))

    @admin.action(description=_("Block"))
    def block(self, request: HttpRequest, people: QuerySet[User]) -> None:
        _change_each(request, people, lambda user: membership.block(user, by=cast(User, request.user)))

    @admin.action(description=_("Unblock"))
    def unblock(self, request: HttpRequest, people: QuerySet[User]) -> None:
        _change_each(request, people, lambda user: membership.unblock(user, by=cast(User, request.user)))

    @admin.action(description=_("Remove second step"), permissions=["change"])
    def remove_second_step(self, request: HttpRequest, people: QuerySet[User]) -> None:
        _change_each(request, people, lambda user: second_step.take_away(user, by=cast(User, request.user)))

    @admin.action(description=_("Make company admin"))
    def make_admin(self, request: HttpRequest, people: QuerySet[User]) -> None:
        _change_roles(request, people, User.Role.ADMIN)

    @admin.action(description=_("Make user"))
    def make_user(self, request: HttpRequest, people: QuerySet[User]) -> None:
        _change_roles(request, people, User.Role.USER)


def _change_roles(request: HttpRequest, people: QuerySet[User], role: str) -> None:
    by = cast(User, request.user)
    in_company = people.filter(company__isnull=False)
    _change_each(request, in_company, lambda user: membership.change_role(user, role, by=by))
    if alone := people.count() - in_company.count():
        text = ngettext(
            "%(number)s person has no company, and so no role.",
            "%(number)s people have no company, and so no role.",
            alone,
        )
        messages.warning(request, text % {"number": alone})


def _change_each(request: HttpRequest, people: QuerySet[User], change: Callable[[User], None]) -> None:
    done = 0
    for user in people.order_by("company", "pk"):
        try:
            change(user)
        except RuleError as error:
            messages.error(request, f"{user.email}: {error}")
        else:
            done += 1
    if done:
        text = ngettext("%(number)s person is changed.", "%(number)s people are changed.", done)
        messages.success(request, text % {"number": done})

"""Show the history of a person, move a person, and merge two accounts."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import staff_roles
from accounts.models import SignInAttempts, User
from accounts.next_step import next_step
from accounts.staff_roles import CHANGE, LOOK
from companies.models import Company
from desk.action_admin import StaffAdmin
from desk.autocomplete import IdSelect
from licenses.models import Grant
from members.actions.merging import Merge, check_can_merge, merge_accounts
from members.actions.moving import move_person
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from reports.person_history import history_of
from requests_app.previews.moving import preview_move


class StaffMoveForm(forms.Form):
    company = forms.ModelChoiceField(
        Company.objects.none(),
        label=_("To which company"),
        widget=IdSelect(User._meta.get_field("company"), admin.site),
    )

    def __init__(self, *args: Any, companies: QuerySet[Company], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["company"]).queryset = companies


class AccountMergeForm(forms.Form):
    THIS, OTHER = "this", "other"

    other = forms.ModelChoiceField(
        User.objects.none(),
        label=_("The other account of this person"),
        widget=IdSelect(User._meta.get_field("merged_into"), admin.site),
    )
    stays = forms.ChoiceField(label=_("Which one stays"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, person: User, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        cast(forms.ModelChoiceField, self.fields["other"]).queryset = people
        cast(forms.ChoiceField, self.fields["stays"]).choices = [
            (self.THIS, person.email),
            (self.OTHER, _("the other account")),
        ]

    @property
    def merge(self) -> Merge:
        other = self.cleaned_data["other"]
        return Merge(other, self.person) if self.cleaned_data["stays"] == self.THIS else Merge(self.person, other)


class PersonPages(StaffAdmin):
    """Add these pages to the admin of people."""

    def get_urls(self) -> list[URLPattern]:
        own_urls = [
            path("<int:pk>/verplaatsen/", self.guarded(self.move), name="accounts_user_move"),
            path("<int:pk>/samenvoegen/", self.guarded(self.merge), name="accounts_user_merge"),
        ]
        urls: list[URLPattern] = super().get_urls()  # type: ignore[misc]
        return own_urls + urls

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Link to what else staff ask about a person, as far as the reader may see it."""
        context |= {
            "sees_mails": staff_roles.has_permission(request.user, LOOK, OutboxMail),
            "sees_grants": staff_roles.has_permission(request.user, LOOK, Grant),
            "ends_locks": staff_roles.has_permission(request.user, CHANGE, SignInAttempts),
        }
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc,no-any-return]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        person: User | None = self.get_object(request, unquote(object_id))  # type: ignore[attr-defined]
        if person is None or not self.has_view_permission(request, person):
            return super().history_view(request, object_id, extra_context)  # type: ignore[misc,no-any-return]
        is_limited = staff_roles.is_limited(request.user, User)
        companies = list(Company.objects.filter(account_manager=request.user.pk)) if is_limited else None
        details: dict[str, Any] = {
            "history": history_of(person, companies=companies, page=request.GET.get("page")),
            "next": next_step(person),
            "now": timezone.now(),
        }
        return self._page(request, "history", gettext("What happened"), person, **details)

    def move(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = self._person(request, pk)
        companies = staff_roles.managed_rows(Company.objects.all(), request.user)
        form = StaffMoveForm(request.POST or request.GET or None, companies=companies)
        if not form.is_valid():
            return self._page(request, "move", gettext("Move to another company"), person, form)
        to = form.cleaned_data["company"]
        if request.method == "POST":
            try:
                move_person(person, to, by=cast(User, request.user))
            except RuleError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
            else:
                text = gettext("%(email)s is at %(company)s from now on, and is mailed.")
                messages.success(request, text % {"email": person.email, "company": to.full_name})
                return redirect("admin:accounts_user_change", pk)
        details = {"to": to, "preview": preview_move(person, to)}
        return self._page(request, "move", gettext("Move to another company"), person, form, **details)

    def merge(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = self._person(request, pk)
        people = self.get_queryset(request)
        initial = {"stays": AccountMergeForm.THIS}
        form = AccountMergeForm(request.POST or request.GET or None, person=person, people=people, initial=initial)
        if not form.is_valid():
            return self._page(request, "merge", gettext("Merge two accounts"), person, form)
        merge, by = form.merge, cast(User, request.user)
        try:
            check_can_merge(merge, by=by)
            if request.method == "POST":
                merge_accounts(merge.closing, stays=merge.stays, by=by)
                text = gettext("%(closed)s is closed; everything is at %(stays)s. Both addresses are mailed.")
                messages.success(request, text % {"closed": merge.closing.email, "stays": merge.stays.email})
                return redirect("admin:accounts_user_change", merge.stays.pk)
        except RuleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            return self._page(request, "merge", gettext("Merge two accounts"), person, form)
        details = {"merge": merge, "preview": merge.numbers()}
        return self._page(request, "merge", gettext("Merge two accounts"), person, form, **details)

    def _person(self, request: HttpRequest, pk: int) -> User:
        people: QuerySet[User] = self.get_queryset(request)
        return get_object_or_404(people.select_related("company"), pk=pk)

    def _page(
        self,
        request: HttpRequest,
        name: str,
        title: str,
        person: User,
        form: forms.Form | None = None,
        **details: Any,
    ) -> HttpResponse:
        page = self.admin_site.each_context(request)
        context = {**page, "opts": User._meta, "title": title, "original": person, "form": form, **details}
        context["media"] = form.media if form else ""
        return TemplateResponse(request, f"admin/accounts/user/{name}.html", context)

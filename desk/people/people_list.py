"""List people with filters; the status is read for the people of one page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import SignInAttempts, User
from desk.long_lists import LongChangeList
from licenses.access import who_have_a_license


class YesOrNoFilter(admin.SimpleListFilter):
    """Filter by yes or no where Django has no filter of its own."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No"))]


class ActiveFilter(YesOrNoFilter):
    title = _("can sign in")
    parameter_name = "active"

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(is_active=self.value() == "yes") if self.value() else queryset


class UndeliverableFilter(YesOrNoFilter):
    title = _("mail does not arrive")
    parameter_name = "undeliverable"

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        arrives = self.value() == "no"
        return queryset.filter(undeliverable_since__isnull=arrives) if self.value() else queryset


class PeopleList(LongChangeList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        people: Sequence[User] = list(self.result_list)
        say_statuses(people)
        self.result_list = people


def say_statuses(people: Sequence[User]) -> None:
    """Read the statuses like `with_status`, whose query takes Django longer to build than the page."""
    addresses = [person.email for person in people]
    locks = SignInAttempts.objects.locked().filter(address__in=addresses)
    locked = dict(locks.values_list("address", "locked_until"))
    licensed = who_have_a_license([person.pk for person in people])
    for person in people:
        is_locked, has_license = person.email in locked, person.pk in licensed
        person.locked_until = locked.get(person.email)  # type: ignore[attr-defined]
        person.status = person.status_now(is_locked=is_locked, has_license=has_license)  # type: ignore[attr-defined]

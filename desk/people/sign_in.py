from __future__ import annotations

from typing import cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.actions import sign_in
from accounts.models import SignInAttempts, User
from desk.action_admin import ReadOnlyAdmin
from desk.people.people_list import YesOrNoFilter


class LockedFilter(YesOrNoFilter):
    title = _("locked")
    parameter_name = "locked"

    def queryset(self, request: HttpRequest, queryset: QuerySet[SignInAttempts]) -> QuerySet[SignInAttempts]:
        locked = SignInAttempts.objects.locked().values("pk")
        fits = {"yes": queryset.filter(pk__in=locked), "no": queryset.exclude(pk__in=locked)}
        return fits.get(self.value() or "", queryset)


@admin.register(SignInAttempts)
class SignInAttemptsAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    """List addresses with wrong passwords lately, with an account or without (C17)."""

    list_display = ["address", "failures", "locked_until"]
    list_filter = [LockedFilter]
    search_fields = ["address__startswith"]
    search_help_text = _("How an e-mail address begins.")
    show_full_result_count = False
    ordering = ["-locked_until", "address"]
    actions = ["end_lock"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignInAttempts]:
        return super().get_queryset(request).exclude(failures=0)

    @admin.action(description=_("End the lock now"))
    def end_lock(self, request: HttpRequest, rows: QuerySet[SignInAttempts]) -> None:
        addresses = list(rows.values_list("address", flat=True))
        for user in User.objects.filter(email__in=addresses):
            sign_in.end_lock(user, by=cast(User, request.user))
        for address in addresses:
            sign_in.forget_attempts(address)
        text = ngettext("%(number)s lock has ended.", "%(number)s locks have ended.", len(addresses))
        messages.success(request, text % {"number": len(addresses)})

"""Publish terms of use and show who accepted them."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import Count, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.actions import terms
from accounts.models import TermsAcceptance, TermsVersion, User
from desk.action_admin import ActionAdmin, ActionForm, Attempts, ReadOnlyAdmin
from desk.long_lists import any_of_searches, first_of
from desk.people.search import people_found


class TermsForm(ActionForm):
    class Meta:
        help_texts = {
            "published_at": _(
                "From when on everybody is asked to accept the text. Empty: from now on. A moment ahead: the text "
                "is announced until then."
            ),
            "text_nl": _(
                "Plain text. “# ” begins a heading, “- ” or “1. ” an item of a list; leave a line empty between "
                "paragraphs. Check it well: once published it cannot be changed or deleted."
            ),
            "text_en": _("The same text in English."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "published_at" in self.fields:  # not where a version is only shown
            self.fields["published_at"].required = False
            self.initial["published_at"] = None


@admin.register(TermsVersion)
class TermsVersionAdmin(ActionAdmin):
    """Publish a new version; a published version never changes."""

    form = TermsForm
    list_display = ["published", "state", "acceptances_in_words", "published_by"]
    list_select_related = ["published_by"]
    fields = ["published_at", "text_nl", "text_en"]
    readonly_fields = ["published_by"]

    def has_change_permission(self, request: HttpRequest, obj: TermsVersion | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[TermsVersion]:
        current = TermsVersion.objects.in_force().values("pk")[:1]
        rows: QuerySet[TermsVersion] = super().get_queryset(request)
        return rows.annotate(number=Count("acceptances"), current=Subquery(current))

    def save_model(self, request: HttpRequest, obj: TermsVersion, form: Any, change: bool) -> None:
        typed = form.cleaned_data
        attempts = Attempts()
        with attempts.of(form):
            new = terms.publish(
                by=cast(User, request.user),
                text_nl=typed["text_nl"],
                text_en=typed["text_en"],
                at=typed["published_at"],
            )
            obj.pk, obj.published_at = new.pk, new.published_at
        attempts.settle()

    @admin.display(description=_("published"), ordering="published_at")
    def published(self, version: TermsVersion) -> str:
        return formats.date_format(timezone.localtime(version.published_at), "DATETIME_FORMAT")

    @admin.display(description=_("state"))
    def state(self, version: TermsVersion) -> str:
        if version.published_at > timezone.now():
            return gettext("announced")
        is_current = version.pk == version.current  # type: ignore[attr-defined]
        return gettext("in force") if is_current else gettext("replaced")

    @admin.display(description=_("accepted by"), ordering="number")
    def acceptances_in_words(self, version: TermsVersion) -> str:
        number: int = version.number  # type: ignore[attr-defined]
        text = ngettext("%(number)s person", "%(number)s people", number) % {"number": number}
        url = reverse("admin:accounts_termsacceptance_changelist")
        return format_html('<a href="{}?version__id__exact={}">{}</a>', url, version.pk, text)


@admin.register(TermsAcceptance)
class TermsAcceptanceAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    """List who accepted which version, and when."""

    list_display = ["user", "version", "accepted_at"]
    list_select_related = ["user", "version"]
    list_filter = ["version", "accepted_at"]
    search_fields = ("user__email",)  # see get_search_results
    search_help_text = _("How an e-mail address begins, or words of a name or address.")
    ordering = ["-accepted_at", "-pk"]
    list_per_page = 50
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[TermsAcceptance], search_term: str
    ) -> tuple[QuerySet[TermsAcceptance], bool]:
        if not search_term.strip():
            return queryset, False
        people = first_of(people_found(User.objects.all(), search_term))
        return any_of_searches(queryset, [Q(user__in=people)]), False

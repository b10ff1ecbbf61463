"""The mail queue at NEN's desk: what went to whom, what was refused and why, and sending again (R37)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from nenconnect.mail.actions import send_again
from nenconnect.mail.models import MailStatus, OutboxMail
from nenconnect.mail.words import MAIL_IN_WORDS
from nenconnect.staff import ReadOnlyAdmin

STATE = ("status", "reason", "sent_at", "attempts", "created_at", "due_at")


class EventFilter(admin.SimpleListFilter):
    title = _("mail")
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return sorted(MAIL_IN_WORDS.items(), key=lambda item: str(item[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutboxMail]) -> QuerySet[OutboxMail]:
        return queryset.filter(event=self.value()) if self.value() else queryset


@admin.register(OutboxMail)
class OutboxMailAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["words", "recipient_address", *STATE]
    list_select_related = ["recipient", "on_behalf_of"]
    list_filter = ["status", EventFilter, "created_at"]
    search_fields = ["recipient__email", "sent_to", "on_behalf_of__email"]
    fields = ["words", "recipient", "on_behalf_of", *STATE, "sent_to", "about", "message_id"]
    actions = ["send_failed_again"]
    show_full_result_count = False
    list_per_page = 50

    @admin.display(description=_("mail"), ordering="event")
    def words(self, mail: OutboxMail) -> str:
        return str(mail.in_words)

    @admin.display(description=_("recipient"), ordering="recipient__email")
    def recipient_address(self, mail: OutboxMail) -> str:
        return mail.sent_to or (mail.recipient.get_username() if mail.recipient else "–")

    @admin.action(description=_("Send refused mails again"))
    def send_failed_again(self, request: HttpRequest, mails: QuerySet[OutboxMail]) -> None:
        failed = list(mails.filter(status=MailStatus.FAILED))
        for mail in failed:
            send_again(mail)
        said = ngettext(
            "%(number)s refused mail is in the queue again.",
            "%(number)s refused mails are in the queue again.",
            len(failed),
        )
        messages.info(request, said % {"number": len(failed)})

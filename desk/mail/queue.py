"""Show the mail queue: what went to which person, what was refused and why, and send again (R37)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.models import User
from desk.action_admin import ReadOnlyAdmin
from desk.long_lists import MOST, LongList, WordsFilter, any_of_searches, first_of
from nenconnect.audit.details import subjects_in_words
from nenconnect.mail import queue, staff_actions
from nenconnect.mail.events import LABELS
from nenconnect.mail.health import Problem, mail_health
from nenconnect.mail.models import MailQueue, MailStatus, OutboxMail
from nenconnect.rules.errors import RuleError
from nenconnect.text.dates import moment_in_words

MOST_COUNTED = 10_000  # rows of one status
LONGEST_REASON = 100  # characters, in the list
PROBLEMS = {
    Problem.PAUSED: _("No mail goes out."),
    Problem.LATE: _("Mail that should have gone more than 10 minutes ago is still waiting."),
    Problem.NO_BEAT: _("Beat has given no sign of life for 5 minutes: is it running?"),
    Problem.NO_WORKER: _(
        "No worker has given a sign of life for 5 minutes: is one running, and does it reach Redis?"
    ),
}


class EventFilter(WordsFilter):
    title = _("mail")
    parameter_name = "event"
    words = LABELS


class AgeFilter(admin.SimpleListFilter):
    title = _("age")
    parameter_name = "age"
    AGES = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("hour", _("Past hour")),
            ("day", _("Past 24 hours")),
            ("week", _("Past 7 days")),
            ("over-hour", _("More than an hour old")),
            ("over-day", _("More than 24 hours old")),
            ("over-week", _("More than 7 days old")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutboxMail]) -> QuerySet[OutboxMail]:
        age = self.AGES.get((self.value() or "").removeprefix("over-"))
        if age is None:
            return queryset
        moment = timezone.now() - age
        is_over = (self.value() or "").startswith("over-")
        return queryset.filter(created_at__lt=moment) if is_over else queryset.filter(created_at__gte=moment)


@admin.register(OutboxMail)
class OutboxMailAdmin(LongList, ReadOnlyAdmin, admin.ModelAdmin):
    change_list_template = "admin/mail/outboxmail/change_list.html"
    list_display = ["words", "reader", "outcome", "created_at"]
    list_select_related = ["recipient"]
    shown_fields = (
        *("event", "status", "reason", "sent_at", "created_at"),
        *("sent_to", "address", "recipient__email"),
    )
    list_filter = ["status", EventFilter, AgeFilter]
    search_fields = ["sent_to"]  # see get_search_results
    search_help_text = _("An e-mail address, or how it begins; or a whole Message-ID.")
    actions = ["send_failed_again"]
    readonly_fields = ["words", "text", "things"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[OutboxMail], search_term: str
    ) -> tuple[QuerySet[OutboxMail], bool]:
        term = search_term.strip().lower()
        if not term:
            return queryset, False
        people = first_of(User.objects.filter(email__startswith=term))
        ways = [
            Q(recipient__in=people),
            Q(on_behalf_of__in=people),
            Q(sent_to__startswith=term) & ~Q(sent_to=""),
            Q(address__startswith=term) & ~Q(address=""),
            Q(message_id=search_term.strip()),
        ]
        return any_of_searches(queryset, ways), False

    # Columns -----------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**_queue_state(queue.state()), **(extra_context or {})})

    def get_fields(self, request: HttpRequest, obj: OutboxMail | None = None) -> list[Any]:
        who = ["recipient", "address", "on_behalf_of"]
        when = ["created_at", "due_at", "expires_at", "attempts", "sent_at", "sent_to"]
        fields = ["words", *who, "status", "reason", *when, "text", "things", "message_id"]
        return [name for name in fields if name in self.readonly_fields or getattr(obj, name, None)]

    @admin.display(description=_("mail"))
    def words(self, mail: OutboxMail) -> str:
        return str(mail.in_words)

    @admin.display(description=_("recipient"))
    def reader(self, mail: OutboxMail) -> str:
        return mail.sent_to or mail.address or (mail.recipient.get_username() if mail.recipient else "–")

    @admin.display(description=_("status"))
    def outcome(self, mail: OutboxMail) -> str:
        moment = moment_in_words(mail.sent_at) if mail.sent_at else ""
        detail = (mail.reason and Truncator(mail.reason).chars(LONGEST_REASON)) or moment
        status = MailStatus(mail.status).label
        return f"{status}: {detail}" if detail else str(status)

    @admin.display(description=_("text as it was sent"))
    def text(self, mail: OutboxMail) -> str | SafeString:
        if not mail.sent_text:
            return gettext("Not sent yet, or its text named a person whose account is deleted.")
        note = gettext("“…” replaces a link that gave access.")
        return format_html('<div class="mail-text">{}</div><p>{}</p>', mail.sent_text, note)

    @admin.display(description=_("about"))
    def things(self, mail: OutboxMail) -> str:
        return subjects_in_words({name: pk for name, pk in mail.about.items() if isinstance(pk, int)})

    # What staff do -----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        urls = [
            path("pause/", self._staffed(self.pause), name="mail_outboxmail_pause"),
            path("resume/", self._staffed(self.resume), name="mail_outboxmail_resume"),
            path("<int:pk>/again/", self._staffed(self.send_one_again), name="mail_outboxmail_send_again"),
        ]
        return urls + super().get_urls()

    def pause(self, request: HttpRequest) -> HttpResponse:
        try:
            staff_actions.pause(request.POST.get("reason", ""), by=_by(request))
        except RuleError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, gettext("The queue is paused. No mail goes out until a colleague resumes it.")
            )
        return redirect("admin:mail_outboxmail_changelist")

    def resume(self, request: HttpRequest) -> HttpResponse:
        staff_actions.resume(by=_by(request))
        messages.success(request, gettext("The queue runs again."))
        return redirect("admin:mail_outboxmail_changelist")

    def send_one_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        mail = get_object_or_404(OutboxMail, pk=pk)
        _say_how_many_go(request, staff_actions.send_again([mail.pk], by=_by(request)))
        return redirect("admin:mail_outboxmail_change", mail.pk)

    @admin.action(description=_("Send failed mails again (at most 1,000 at a time)"))
    def send_failed_again(self, request: HttpRequest, mails: QuerySet[OutboxMail]) -> None:
        failed = mails.filter(status=MailStatus.FAILED).order_by("-pk").values_list("pk", flat=True)
        _say_how_many_go(request, staff_actions.send_again(failed[:MOST], by=_by(request)))

    def _staffed(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return self.guarded(require_POST(view))


def _queue_state(state: MailQueue) -> dict[str, Any]:
    health = mail_health(state)
    return {
        "queue": state,
        "health": health,
        "oldest": timezone.now() - timedelta(seconds=health.oldest_unsent or 0),
        "waiting": _how_many(MailStatus.WAITING),
        "failed": _how_many(MailStatus.FAILED),
        "problems": [PROBLEMS[problem] for problem in health.problems],
        "signs": [
            (_("Worker"), health.signs_of_life.get(queue.WORKER)),
            (_("Beat"), health.signs_of_life.get(queue.BEAT)),
        ],
    }


def _how_many(status: MailStatus) -> str:
    count = OutboxMail.objects.filter(status=status).order_by()[: MOST_COUNTED + 1].count()
    if count <= MOST_COUNTED:
        return number_format(count)
    return gettext("more than %(number)s") % {"number": number_format(MOST_COUNTED)}


def _by(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # admin_view lets only people in
    return request.user


def _say_how_many_go(request: HttpRequest, number: int) -> None:
    text = ngettext(
        "%(number)s failed mail is in the queue again.", "%(number)s failed mails are in the queue again.", number
    )
    messages.info(request, text % {"number": number})

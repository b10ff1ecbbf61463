"""Count what waits for NEN's staff, each with the list that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import without_active_admin
from companies.models import Company, Domain
from licenses.models import DocumentImport, License
from members.models import PeopleImport
from nenconnect.mail.models import MailStatus, OutboxMail

MOST_COUNTED = 1_000
IMPORTS: tuple[tuple[type[DocumentImport | PeopleImport], str | Promise], ...] = (
    (DocumentImport, _("Imports of documents that failed")),
    (PeopleImport, _("Imports of users that failed")),
)
IMPORTS_OF = timedelta(days=14)  # an older failure was seen by then, or no longer matters


@dataclass(frozen=True)
class WaitingItem:
    text: str | Promise
    number: int
    url: str

    @property
    def how_many(self) -> str:
        if self.number <= MOST_COUNTED:
            return str(number_format(self.number))
        return gettext("more than %(number)s") % {"number": number_format(MOST_COUNTED)}


def what_waits(request: HttpRequest, site: AdminSite) -> list[WaitingItem]:
    return list(_of_companies(request, site)) + list(_of_the_rest(request, site))


def _of_companies(request: HttpRequest, site: AdminSite) -> Iterator[WaitingItem]:
    if (companies := _visible_rows(request, site, Company)) is not None:
        yield _waiting_item(
            _("Companies without an active admin"), without_active_admin(companies), state="no-admin"
        )
    if (domains := _visible_rows(request, site, Domain)) is not None:
        yield _waiting_item(_("Domains that are not proven"), domains.unproven(), state="unproven")
        yield _waiting_item(_("Domains whose proof is gone"), domains.losing_proof(), state="missing")
        yield _waiting_item(_("Domains without a mail server"), domains.without_mail(), state="no-mail")


def _of_the_rest(request: HttpRequest, site: AdminSite) -> Iterator[WaitingItem]:
    if (licenses := _visible_rows(request, site, License)) is not None:
        yield _waiting_item(_("Licences that end within 60 days"), licenses.ending_soon(), state="ending")
    if (mails := _visible_rows(request, site, OutboxMail)) is not None:
        failed = mails.filter(status=MailStatus.FAILED)
        yield _waiting_item(_("Mails that failed"), failed, status__exact=MailStatus.FAILED)
    since = timezone.localdate() - IMPORTS_OF
    for model, text in IMPORTS:
        if (imports := _visible_rows(request, site, model)) is not None:
            failed = {"state__exact": model.State.FAILED, "created_at__date__gte": since}
            yield _waiting_item(text, imports.filter(**failed), **failed)


def _visible_rows(request: HttpRequest, site: AdminSite, model: type[Model]) -> Any:
    """Limit rows to what the desk shows this person; None where it shows no such list."""
    desk: ModelAdmin[Any] | None = site._registry.get(model)
    if desk is None or not desk.has_view_permission(request):
        return None
    return desk.get_queryset(request)


def _waiting_item(text: str | Promise, rows: QuerySet[Any], **filters: Any) -> WaitingItem:
    meta = rows.model._meta
    number = rows.order_by().prefetch_related(None).values("pk")[: MOST_COUNTED + 1].count()
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return WaitingItem(text, number, f"{reverse(f'admin:{meta.app_label}_{meta.model_name}_changelist')}?{query}")

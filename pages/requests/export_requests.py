"""Export the requests that match the filter, for people who decide on them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.http import Http404, HttpResponseBase
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nenconnect.tables.downloads import FORMATS, table_response
from nenconnect.tables.files import Cell
from pages.access import MemberRequest, company_admin_required
from pages.requests.filters import RequestsFilter
from requests_app.models import AccessRequest, RequestQuerySet

CHUNK = 1000  # requests in memory at once
WIDTHS = [10, 18, 28, 32, 30, 40, 18, 14, 18, 28, 40, 40, 14]


@require_safe
@company_admin_required
def export_requests(request: MemberRequest, kind: type[AccessRequest]) -> HttpResponseBase:
    form = request.GET.get("format", "")
    if form not in FORMATS:
        raise Http404
    rows = RequestsFilter(request.GET, kind=kind, user=request.user).filter_rows(
        kind.objects.visible_to(request.user)
    )
    day = timezone.localdate()
    return table_response(
        _table(rows.order_by("-created_at", "-pk"), kind, translation.get_language() or "nl"),
        name=f"{kind.file_name}-{slugify(request.company.name)}-{day:%Y-%m-%d}",
        form=form,
        widths=WIDTHS,
    )


def _table(rows: RequestQuerySet, kind: type[AccessRequest], language: str) -> Iterator[list[Cell]]:
    """Yield the table while the response is sent, when the language of the request has ended."""
    with translation.override(language):
        yield list(_cells(None, kind))
        for row in rows.iterator(chunk_size=CHUNK):
            yield list(_cells(row, kind).values())


def _cells(row: AccessRequest | None, kind: type[AccessRequest]) -> dict[str, Cell]:
    row = row or kind()
    user, by = (row.user, row.decided_by) if row.pk else (None, None)
    return {
        _("Number"): row.pk,
        _("Requested"): _moment(row.created_at),
        _("Requested by"): user.name if user else _("Deleted user"),
        _("User name"): user.email if user and user.company_id == row.company_id else "",
        str(kind.item_label): str(row.item) if row.pk else "",
        _("Reason"): row.reason,
        _("Label"): str(row.label or ""),
        _("Status"): row.get_status_display(),
        _("Decided"): _moment(row.decided_at),
        _("Decided by"): by.name if by else "",
        _("Shown to colleagues"): row.rejection_reason,
        _("To the requester"): row.rejection_note,
        _("Ask again from"): row.ask_again_on.isoformat() if row.ask_again_on else "",
    }


def _moment(moment: datetime | None) -> Cell:
    return timezone.localtime(moment) if moment else ""

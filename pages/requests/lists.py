"""List requests of either kind (R27)."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from pages.access import MemberRequest, member_required
from pages.requests.filters import RequestsFilter
from pages.requests.inbox import add_sentences_for_deciding
from requests_app.access import can_read_already_annotation
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest, RequestMessage, RequestQuerySet

PER_PAGE = 25
# What a list shows. Each column that is read and not shown makes a page slower.
OF_REQUEST = ("company", "reason", "status", "created_at", "decided_at", "rejection_reason", "label__name")
OF_KIND: dict[type[AccessRequest], tuple[str, ...]] = {
    LicenseRequest: ("waiting_since", "license__name"),
    DocumentRequest: ("document__number", "document__title_nl", "document__title_en", "license__name"),
}
OF_PERSON = ("user__name", "user__email", "user__company")


@require_safe
@member_required
def request_list(request: MemberRequest, kind: type[AccessRequest]) -> HttpResponse:
    """List requests; people who decide see the waiting ones first, and how many the period hides."""
    rows = _visible_requests(kind, request.user)
    form = RequestsFilter(request.GET, kind=kind, user=request.user)
    matches = form.filter_rows(rows)
    older_open = 0
    if request.user.decides_requests:
        matches = matches.open_first()
        older_open = rows.pending().filter(created_at__lt=form.since).count() if form.since else 0
    page = Paginator(matches.values_list("pk", flat=True), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = _requests_of_page(list(page.object_list), rows, request.user)
    is_first = not page.paginator.count and not rows.exists()
    waiting = [row for row in page if row.is_open] if request.user.decides_requests else []
    add_sentences_for_deciding(waiting)
    context = {
        "decides": request.user.decides_requests,
        "filter": form,
        "page_obj": page,
        "kind": kind.url_name,
        "item_label": kind.item_label,
        "list_title": kind.list_title,
        "older_open": older_open,
        "is_first": is_first,
        "has_open": bool(waiting),
        "is_all_ticked": "ticked" in request.GET,
    }
    return render(request, "pages/requests/list.html", context)


def _visible_requests(kind: type[AccessRequest], user: User) -> RequestQuerySet:
    rows = kind.objects.visible_to(user)
    if kind.needs_destination and user.decides_requests:
        return rows.annotate(is_readable=can_read_already_annotation())
    return rows


def _requests_of_page(ids: list[int], rows: RequestQuerySet, reader: User) -> list[AccessRequest]:
    """Read the columns that the list shows, for the rows of one page: sorting needs only their ids."""
    columns = [*OF_REQUEST, *OF_KIND[rows.model]]
    if reader.decides_requests:  # to a colleague the rows do not carry who asked (C29)
        columns += OF_PERSON
    joined = sorted({name.split("__")[0] for name in columns if "__" in name})
    shown = rows.select_related(None).select_related(*joined).only(*columns)
    rows_by_id = with_last_message(shown).in_bulk(ids)
    return [rows_by_id[pk] for pk in ids if pk in rows_by_id]


def with_last_message(rows: RequestQuerySet) -> RequestQuerySet:
    last = RequestMessage.objects.filter(**{rows.model.message_field(): OuterRef("pk")}).order_by("-at", "-pk")
    return rows.annotate(is_asked=Subquery(last.values("is_question")[:1]))

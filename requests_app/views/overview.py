"""The list that both kinds of requests share (R27)."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import MemberRequest
from requests_app.forms import RequestsFilter
from requests_app.models import RequestQuerySet

PER_PAGE = 25


def overview(request: MemberRequest, rows: RequestQuerySet, template: str) -> HttpResponse:
    """Wants rows `visible_to` the person. Admins see what waits for them first, and what the period hides."""
    form = RequestsFilter(request.GET)
    found = form.narrow(rows)
    older_open = 0
    if request.user.decides_requests:
        found = found.open_first()
        older_open = rows.pending().filter(created_at__lt=form.since).count() if form.since else 0
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    is_first = not page.paginator.count and not rows.exists()
    context = {"filter": form, "page_obj": page, "older_open": older_open, "is_first": is_first}
    return render(request, template, context)

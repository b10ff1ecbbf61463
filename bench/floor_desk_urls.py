"""The site, and beside it plain views with the rows of NEN's desk by hand-written SQL: the floor of its lists."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib import admin
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from django.views.decorators.http import require_safe

_JOIN_COMPANY = "LEFT JOIN companies_company c ON c.id = r.company_id"
_JOIN_USER = "LEFT JOIN accounts_user u ON u.id = r.user_id"
_JOIN_LICENSE = "JOIN licenses_license l ON l.id = r.license_id"
_REQUEST = "c.name, COALESCE(NULLIF(u.name, ''), u.email), r.status, r.created_at, r.decided_at, d.name"
_JOIN_REQUEST = f"{_JOIN_USER} {_JOIN_COMPANY} LEFT JOIN accounts_user d ON d.id = r.decided_by_id"
_STATUS = """CASE
    WHEN r.is_blocked THEN 'Geblokkeerd'
    WHEN EXISTS (
        SELECT 1 FROM accounts_signinattempts a WHERE a.address = r.email AND a.locked_until > now()
    ) THEN 'Vergrendeld'
    WHEN r.registered_at IS NULL AND r.registration_deadline <= current_date THEN 'Registratie verlopen'
    WHEN r.registered_at IS NULL THEN 'Registratie aangevraagd'
    WHEN EXISTS (
        SELECT 1 FROM licenses_license l WHERE l.company_id = r.company_id AND c.closed_at IS NULL
            AND l.starts_on <= current_date AND l.ends_on >= current_date AND (l.is_company_wide OR EXISTS (
                SELECT 1 FROM licenses_grant g WHERE g.license_id = l.id AND g.user_id = r.id
                    AND (g.ends_on IS NULL OR g.ends_on >= current_date)
            ))
    ) THEN 'Geregistreerd'
    ELSE 'Geen actieve licentie'
END"""
# The columns of each list, after the number of the row, and its order.
LISTS = {
    "accounts_user": f"SELECT r.id, r.name, r.email, c.name, r.role, {_STATUS}, r.is_staff "
    f"FROM accounts_user r {_JOIN_COMPANY} ORDER BY r.id DESC",
    "licenses_license": f"SELECT r.id, r.name, c.name, r.kind, r.starts_on, r.ends_on, r.seats, "
    f"r.is_company_wide, r.is_shown FROM licenses_license r {_JOIN_COMPANY} ORDER BY r.id DESC",
    "licenses_grant": f"SELECT r.id, l.name, u.name, c.name, r.granted_at, g.name FROM licenses_grant r "
    f"{_JOIN_LICENSE} {_JOIN_USER} JOIN companies_company c ON c.id = l.company_id "
    "LEFT JOIN accounts_user g ON g.id = r.granted_by_id ORDER BY r.id DESC",
    "licenses_document": "SELECT r.id, r.number, r.title_nl, r.kind, r.published_on, r.status, r.is_free, "
    "r.is_plus, r.file <> '' FROM licenses_document r ORDER BY r.sort_key, r.id",
    "requests_app_licenserequest": f"SELECT r.id, l.name, {_REQUEST} FROM requests_app_licenserequest r "
    f"{_JOIN_LICENSE} {_JOIN_REQUEST} ORDER BY r.id DESC",
    "requests_app_documentrequest": f"SELECT r.id, l.number, {_REQUEST} FROM requests_app_documentrequest r "
    f"JOIN licenses_document l ON l.id = r.document_id {_JOIN_REQUEST} ORDER BY r.id DESC",
    "mail_outboxmail": "SELECT r.id, r.event, COALESCE(NULLIF(r.sent_to, ''), NULLIF(r.address, ''), u.email), "
    "r.status || ': ' || COALESCE(NULLIF(r.reason, ''), r.sent_at::text), r.created_at "
    "FROM mail_outboxmail r LEFT JOIN accounts_user u ON u.id = r.recipient_id ORDER BY r.id DESC",
    "audit_auditentry": "SELECT r.id, r.at, COALESCE(u.name, '–') || ' ' || r.verb || ' ' || r.subjects || "
    f"r.details, c.name, r.origin || ' – ' || r.network FROM audit_auditentry r "
    f"LEFT JOIN accounts_user u ON u.id = r.actor_id {_JOIN_COMPANY} ORDER BY r.at DESC, r.id DESC",
}
_PAGE = """
{% extends "admin/base_site.html" %}
{% load l10n %}
{% block content %}
  <form method="post">
    {% csrf_token %}
    <table>
      {% for number, first, others in rows %}
        <tr>
          <td><input type="checkbox" name="_selected_action" value="{{ number|unlocalize }}"></td>
          <th><a href="{{ number|unlocalize }}/change/">{{ first|default:"–" }}</a></th>
          {% for value in others %}<td>{{ value|default:"–" }}</td>{% endfor %}
        </tr>
      {% endfor %}
    </table>
  </form>
{% endblock content %}
"""


@require_safe
def desk_list(request: HttpRequest, name: str) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(f"{LISTS[name]} LIMIT 50")
        rows = [(number, first, others) for number, first, *others in cursor.fetchall()]
    return HttpResponse(_page().render({**admin.site.each_context(request), "rows": rows}, request))


@cache
def _page() -> Any:
    return engines["django"].from_string(_PAGE)


urlpatterns = [
    path("bench/desk/<slug:name>/", desk_list),
    path("", include("nenconnect.urls")),
]

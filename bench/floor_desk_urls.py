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
# The columns of each list, and the newest fifty.
LISTS = {
    "accounts_user": f"SELECT r.id, r.name, r.email, c.name, r.role, r.is_blocked, r.is_staff "
    f"FROM accounts_user r {_JOIN_COMPANY} ORDER BY r.id DESC",
    "licenses_license": f"SELECT r.id, r.name, c.name, r.kind, r.starts_on, r.ends_on, r.seats, "
    f"r.is_company_wide, r.is_shown FROM licenses_license r {_JOIN_COMPANY} ORDER BY r.id DESC",
    "licenses_grant": f"SELECT r.id, l.name, u.name, c.name, r.granted_at FROM licenses_grant r {_JOIN_LICENSE} "
    f"{_JOIN_USER} JOIN companies_company c ON c.id = l.company_id ORDER BY r.id DESC",
    "licenses_document": "SELECT r.id, r.number, r.title_nl, r.kind, r.published_on, r.status, r.is_free, "
    "r.is_plus, r.file FROM licenses_document r ORDER BY r.sort_key, r.id",
    "requests_app_licenserequest": f"SELECT r.id, l.name, c.name, u.name, r.status, r.created_at, r.decided_at "
    f"FROM requests_app_licenserequest r {_JOIN_LICENSE} {_JOIN_USER} {_JOIN_COMPANY} ORDER BY r.id DESC",
    "mail_outboxmail": "SELECT r.id, r.event, u.email, r.status, r.created_at FROM mail_outboxmail r "
    "LEFT JOIN accounts_user u ON u.id = r.recipient_id ORDER BY r.id DESC",
    "trail_trailentry": f"SELECT r.id, r.at, u.email, r.verb, c.name, r.subjects, r.details "
    f"FROM trail_trailentry r LEFT JOIN accounts_user u ON u.id = r.actor_id {_JOIN_COMPANY} ORDER BY r.id DESC",
}
_PAGE = """
{% extends "admin/base_site.html" %}
{% block content %}
  <form method="post">
    {% csrf_token %}
    <table>
      {% for row in rows %}
        <tr>
          <td><input type="checkbox" name="_selected_action" value="{{ row.0 }}"></td>
          {% for value in row %}<td><a href="{{ row.0 }}/change/">{{ value|default:"–" }}</a></td>{% endfor %}
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
        rows = cursor.fetchall()
    return HttpResponse(_page().render({**admin.site.each_context(request), "rows": rows}, request))


@cache
def _page() -> Any:
    return engines["django"].from_string(_PAGE)


urlpatterns = [
    path("bench/desk/<slug:name>/", desk_list),
    path("", include("nenconnect.urls")),
]

"""A plain view that shows the requests of a company by SQL written by hand: the floor of `requests_list.py`."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.views.decorators.http import require_safe

PER_PAGE = 25

_ROWS = """
SELECT r.id, r.reason, r.status, r.created_at, r.decided_at, l.name AS license, u.id AS user_id, u.name AS person
FROM requests_app_licenserequest r JOIN licenses_license l ON l.id = r.license_id
LEFT JOIN accounts_user u ON u.id = r.user_id
WHERE r.company_id = %(company)s
ORDER BY CASE WHEN r.status = 'open' THEN 0 ELSE 1 END, r.created_at DESC, r.id DESC
"""
_LICENSES = """
SELECT id, name FROM licenses_license l WHERE company_id = %(company)s
AND EXISTS (SELECT 1 FROM requests_app_licenserequest r WHERE r.license_id = l.id) ORDER BY name, id
"""
_PAGE = """
{% extends "base.html" %}
{% load i18n %}
{% block content %}
  <form method="get">
    <select name="period">
      {% for period in periods %}<option value="{{ period }}">{{ period }}</option>{% endfor %}
    </select>
    <select name="license">
      {% for license in licenses %}<option value="{{ license.id }}">{{ license.name }}</option>{% endfor %}
    </select>
    <button>{% translate "Show" %}</button>
  </form>
  <p>{{ count }}</p>
  <table class="table">
    {% for row in rows %}
      <tr>
        <td><input type="checkbox" name="chosen" value="{{ row.id }}" aria-label="{{ row.person }}"></td>
        <td><a href="{% url "companies:user" row.user_id %}">{{ row.person }}</a></td>
        <td>{{ row.created_at|date:"j F Y" }}</td>
        <td><a href="{% url "requests_app:license_request" row.id %}">{{ row.license }}</a></td>
        <td>{{ row.reason }}</td>
        <td>{{ row.status }} {{ row.decided_at|date:"j F Y" }}</td>
        <td>
          {% if row.status == "open" %}
            <form method="post" action="{% url "requests_app:approve_license" row.id %}">
              {% csrf_token %}<button>{% translate "Approve" %} {{ row.person }}</button>
            </form>
            <a href="{% url "requests_app:reject_license" row.id %}">{% translate "Reject" %}</a>
          {% endif %}
        </td>
      </tr>
    {% endfor %}
  </table>
{% endblock content %}
"""


@require_safe
def requests_of_company(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    facts = {"company": user.company_id}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM requests_app_licenserequest WHERE company_id = %(company)s", facts)
        count = cursor.fetchone()[0]
        found = {
            "licenses": _read(cursor, _LICENSES, facts),
            "rows": _read(cursor, f"{_ROWS} LIMIT {PER_PAGE}", facts),
        }
    periods = ["week", "month", "quarter", "year", "all"]
    return HttpResponse(_page().render({"count": count, "periods": periods, **found}, request))


def _read(cursor: Any, sql: str, facts: dict[str, Any]) -> list[dict[str, Any]]:
    cursor.execute(sql, facts)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@cache
def _page() -> Any:
    return engines["django"].from_string(_PAGE)

"""Show the requests of a company by hand-written SQL in a plain view: the floor of `requests_list.py`."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.views.decorators.http import require_safe

PER_PAGE = 25

_ROWS = """
SELECT r.id, r.reason, r.status, r.created_at, r.decided_at, r.license_id, l.name AS license, u.id AS user_id,
u.name AS person
FROM requests_app_licenserequest r JOIN licenses_license l ON l.id = r.license_id
LEFT JOIN accounts_user u ON u.id = r.user_id
WHERE r.company_id = %(company)s
ORDER BY CASE WHEN r.status = 'open' THEN 0 ELSE 1 END, r.created_at DESC, r.id DESC
"""
_LICENSES = """
SELECT id, name FROM licenses_license l WHERE company_id = %(company)s
AND EXISTS (SELECT 1 FROM requests_app_licenserequest r WHERE r.license_id = l.id) ORDER BY name, id
"""
_GRANTS = """
SELECT g.user_id, l.name FROM licenses_grant g JOIN licenses_license l ON l.id = g.license_id
WHERE g.user_id = ANY(%(people)s) AND l.company_id = %(company)s AND NOT l.is_company_wide
AND current_date BETWEEN l.starts_on AND l.ends_on AND (g.ends_on IS NULL OR g.ends_on >= current_date) ORDER BY 2
"""
_EARLIER_REQUESTS = """
SELECT license_id, count(*) AS times, count(*) FILTER (WHERE status = 'approved') AS approved,
count(*) FILTER (WHERE status = 'rejected') AS rejected FROM requests_app_licenserequest
WHERE company_id = %(company)s AND license_id = ANY(%(licenses)s) AND created_at >= now() - interval '12 months'
GROUP BY license_id
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
        <td><a href="{% url "company:user" row.user_id %}">{{ row.person }}</a></td>
        <td>{{ row.created_at|date:"j F Y" }} {{ row.has|join:", " }}</td>
        <td><a href="{% url "requests:license_request" row.id %}">{{ row.license }}</a></td>
        <td>{{ row.reason }} {{ row.earlier.times }} {{ row.earlier.approved }} {{ row.earlier.rejected }}</td>
        <td>{{ row.status }} {{ row.decided_at|date:"j F Y" }}</td>
        <td>
          {% if row.status == "open" %}
            <form method="post" action="{% url "requests:approve_license" row.id %}">
              {% csrf_token %}<button>{% translate "Approve" %} {{ row.person }}</button>
            </form>
            <a href="{% url "requests:reject_license" row.id %}">{% translate "Reject" %}</a>
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
    parameters = {"company": user.company_id}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM requests_app_licenserequest WHERE company_id = %(company)s", parameters
        )
        count = cursor.fetchone()[0]
        context = {
            "licenses": _read_rows(cursor, _LICENSES, parameters),
            "rows": _read_rows(cursor, f"{_ROWS} LIMIT {PER_PAGE}", parameters),
        }
        _add_grants_and_earlier_requests(
            cursor, [row for row in context["rows"] if row["status"] == "open"], parameters
        )
    periods = ["week", "month", "quarter", "year", "all"]
    return HttpResponse(_template().render({"count": count, "periods": periods, **context}, request))


def _add_grants_and_earlier_requests(cursor: Any, rows: list[dict[str, Any]], parameters: dict[str, Any]) -> None:
    people, licenses = ([row[name] for row in rows] for name in ("user_id", "license_id"))
    grants = _read_rows(cursor, _GRANTS, parameters | {"people": people})
    earlier = {
        row["license_id"]: row
        for row in _read_rows(cursor, _EARLIER_REQUESTS, parameters | {"licenses": licenses})
    }
    for row in rows:
        row["has"] = [grant["name"] for grant in grants if grant["user_id"] == row["user_id"]]
        row["earlier"] = earlier.get(row["license_id"])


def _read_rows(cursor: Any, sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    cursor.execute(sql, parameters)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@cache
def _template() -> Any:
    return engines["django"].from_string(_PAGE)

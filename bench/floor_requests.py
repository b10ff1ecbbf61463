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
_HAS = """
SELECT g.user_id, l.name FROM licenses_grant g JOIN licenses_license l ON l.id = g.license_id
WHERE g.user_id = ANY(%(people)s) AND l.company_id = %(company)s AND NOT l.is_company_wide
AND current_date BETWEEN l.starts_on AND l.ends_on AND (g.ends_on IS NULL OR g.ends_on >= current_date) ORDER BY 2
"""
_ASKED = """
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
        <td>{{ row.reason }} {{ row.asked.times }} {{ row.asked.approved }} {{ row.asked.rejected }}</td>
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
    facts = {"company": user.company_id}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM requests_app_licenserequest WHERE company_id = %(company)s", facts)
        count = cursor.fetchone()[0]
        found = {
            "licenses": _read(cursor, _LICENSES, facts),
            "rows": _read(cursor, f"{_ROWS} LIMIT {PER_PAGE}", facts),
        }
        _tell_what_decides(cursor, [row for row in found["rows"] if row["status"] == "open"], facts)
    periods = ["week", "month", "quarter", "year", "all"]
    return HttpResponse(_page().render({"count": count, "periods": periods, **found}, request))


def _tell_what_decides(cursor: Any, rows: list[dict[str, Any]], facts: dict[str, Any]) -> None:
    """What each has already, and how often the same was asked."""
    people, licenses = ([row[name] for row in rows] for name in ("user_id", "license_id"))
    has = _read(cursor, _HAS, facts | {"people": people})
    asked = {one["license_id"]: one for one in _read(cursor, _ASKED, facts | {"licenses": licenses})}
    for row in rows:
        row["has"] = [one["name"] for one in has if one["user_id"] == row["user_id"]]
        row["asked"] = asked.get(row["license_id"])


def _read(cursor: Any, sql: str, facts: dict[str, Any]) -> list[dict[str, Any]]:
    cursor.execute(sql, facts)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@cache
def _page() -> Any:
    return engines["django"].from_string(_PAGE)

"""Route the site, and beside it a plain view of the logbook by hand-written SQL: the floor."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from django.views.decorators.http import require_safe

_LINES = """
SELECT r.id, r.at, a.name, r.verb, r.details, u.name FROM (
    SELECT * FROM audit_auditentry WHERE {where} ORDER BY at DESC, id DESC LIMIT {number}
) r LEFT JOIN accounts_user a ON a.id = r.actor_id LEFT JOIN accounts_user u ON u.id = (r.subjects -> 'user')::int
ORDER BY r.at DESC, r.id DESC
"""
_WHERE = {
    "all": "company_id = %(company)s",
    "what": "company_id = %(company)s AND verb = %(value)s",
    "whom": "company_id = %(company)s AND subjects -> 'user' = %(whom)s::jsonb",
}
_PERSON = """
SELECT id::text FROM accounts_user
WHERE company_id = %(company)s AND searched LIKE '%%' || lower(%(value)s) || '%%' ORDER BY id LIMIT 1
"""
_PAGE = """
{% extends "base.html" %}
{% block content %}
  <table class="table">
    {% for row in rows %}
      <tr>{% for value in row %}<td>{{ value|default:"–" }}</td>{% endfor %}</tr>
    {% endfor %}
  </table>
{% endblock content %}
"""


@require_safe
def plain_logbook(request: HttpRequest, where: str, number: int) -> HttpResponse:
    user: Any = request.user
    parameters = {"company": user.company_id, "value": request.GET.get("value"), "whom": None}
    with connection.cursor() as cursor:
        if where == "whom":  # the typed person is looked up by hand too
            cursor.execute(_PERSON, parameters)
            (parameters["whom"],) = cursor.fetchone() or (None,)
        cursor.execute(_LINES.format(where=_WHERE[where], number=number), parameters)
        rows = cursor.fetchall()
    return HttpResponse(_template().render({"rows": rows}, request))


@cache
def _template() -> Any:
    return engines["django"].from_string(_PAGE)


urlpatterns = [
    path("bench/logboek/<slug:where>/<int:number>/", plain_logbook),
    path("", include("nenconnect.urls")),
]

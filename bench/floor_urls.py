"""Route the site, and beside it plain views with hand-written SQL: the floor of lists."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from bench.floor_requests import requests_of_company

PER_PAGE = 25

_READABLE = """
FROM licenses_document d WHERE d.status = 'current' AND (d.is_free OR (
    (NOT d.is_plus OR %(country)s = ANY(d.plus_countries)) AND EXISTS (
        SELECT 1 FROM licenses_license_documents ld JOIN licenses_license l ON l.id = ld.license_id
        WHERE ld.document_id = d.id AND l.company_id = %(company)s
            AND l.starts_on <= %(today)s AND l.ends_on >= %(today)s AND (l.is_company_wide OR EXISTS (
                SELECT 1 FROM licenses_grant g WHERE g.license_id = l.id AND g.user_id = %(user)s
                    AND (g.ends_on IS NULL OR g.ends_on >= %(today)s)
            ))
    )
))
"""
_PAGE = """
{% extends "base.html" %}
{% load i18n %}
{% block content %}
  <p>{{ count }}</p>
  <table class="table">
    {% for document in rows %}
      <tr>
        <td><a href="{% url "documents:document" document.id %}">{{ document.number }}</a></td>
        <td lang="nl">{{ document.title_nl }}</td>
        <td>{{ document.published_on|date:"Y" }}</td>
        <td>
          {% if document.status == "current" %}{% translate "Current" %}{% endif %}
          {% if document.is_free %}{% translate "Free" %}{% endif %}
          {% if document.is_plus %}{% translate "Plus" %}{% endif %}
        </td>
        <td>
          <form method="post" action="{% url "documents:open" document.id %}">
            {% csrf_token %}<button>{% translate "Open document" %} {{ document.number }}</button>
          </form>
        </td>
      </tr>
    {% endfor %}
  </table>
{% endblock content %}
"""


@require_safe
def readable_documents(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    reader = {"user": user.pk, "company": user.company_id, "country": str(user.country)}
    parameters = reader | {"today": timezone.localdate()}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_READABLE}", parameters)
        count = cursor.fetchone()[0]
        columns = "d.id, d.number, d.title_nl, d.title_en, d.published_on, d.status, d.is_free, d.is_plus"
        cursor.execute(f"SELECT {columns} {_READABLE} ORDER BY d.sort_key, d.id LIMIT {PER_PAGE}", parameters)
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return HttpResponse(_template().render({"rows": rows, "count": count}, request))


@cache
def _template() -> Any:
    return engines["django"].from_string(_PAGE)


urlpatterns = [
    path("bench/documenten/", readable_documents),
    path("bench/aanvragen/", requests_of_company),
    path("", include("nenconnect.urls")),
]

"""The site, and two other lists of a company's users: plain rows by SQL written by hand, and Django admin's."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib import admin
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User, UserQuerySet
from licenses.access import active_license_count, has_active_license

PER_PAGE = 25

_WORKS = """
    SELECT l.name FROM licenses_license l WHERE l.company_id = u.company_id
        AND l.starts_on <= %(today)s AND l.ends_on >= %(today)s AND (l.is_company_wide OR EXISTS (
            SELECT 1 FROM licenses_grant g WHERE g.license_id = l.id AND g.user_id = u.id
                AND (g.ends_on IS NULL OR g.ends_on >= %(today)s)
        ))
"""
_ROWS = f"""
SELECT u.id, u.name, u.email, u.role, u.last_login, u.number, l.licenses, CASE
    WHEN u.is_blocked THEN 'Geblokkeerd'
    WHEN EXISTS (
        SELECT 1 FROM accounts_signinattempts a WHERE a.address = u.email AND a.locked_until > %(now)s
    ) THEN 'Vergrendeld'
    WHEN u.registered_at IS NULL AND u.registration_deadline <= %(today)s THEN 'Registratie verlopen'
    WHEN u.registered_at IS NULL THEN 'Registratie aangevraagd'
    WHEN l.licenses IS NOT NULL THEN 'Geregistreerd'
    ELSE 'Geen actieve licentie'
END AS status
FROM ({{people}}) u CROSS JOIN LATERAL (
    SELECT array_agg(name ORDER BY lower(name)) AS licenses FROM ({_WORKS}) works
) l
ORDER BY lower(u.name), u.id
"""
_ALL = """
SELECT {columns} FROM accounts_user u WHERE u.company_id = %(company)s::bigint {where}
ORDER BY lower(u.name) {way}, u.id {way}
"""
# Whoever searches is told how many were found (`number`): then all have to be looked through, once.
_SEARCHED = f"""
WITH found AS MATERIALIZED ({_ALL})
SELECT u.*, (SELECT count(*) FROM found) AS number
FROM (SELECT id FROM found LIMIT {PER_PAGE}) first JOIN accounts_user u USING (id)
"""
_LISTED = f"{_ALL} LIMIT {PER_PAGE}"
_WHERE = {"status": "AND u.is_blocked", "role": "AND u.role = 'admin'"}
_PAGE = """
{% extends "base.html" %}
{% block content %}
  {% include "pages/company/users/users_table.html" %}
{% endblock content %}
"""


class Person(dict[str, Any]):
    """A row as our table takes it."""

    def __str__(self) -> str:
        return str(self["name"])


@require_safe
def users(request: HttpRequest) -> HttpResponse:
    """The same table and nothing else: no numbers by status, no pages, no form to search with."""
    user: Any = request.user
    words = [f"%{word.lower()}%" for word in request.GET.get("q", "").split()]
    where = [sql for name, sql in _WHERE.items() if request.GET.get(name)]
    where += [f"AND u.searched LIKE %(word_{number})s" for number, _word in enumerate(words)]
    people = _SEARCHED.format if words else _LISTED.format
    sql = _ROWS.format(
        people=people(
            columns="u.id" if words else "u.*, 0 AS number",
            where=" ".join(where),
            way="DESC" if request.GET.get("page") else "ASC",
        )
    )
    facts = {"company": user.company_id, "today": timezone.localdate(), "now": timezone.now()}
    facts |= {f"word_{number}": word for number, word in enumerate(words)}
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        names = [column.name for column in cursor.description or ()]
        rows = [_person(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
    return HttpResponse(_page().render({"page_obj": rows}, request))


def _person(row: dict[str, Any]) -> Person:
    return Person(
        row,
        pk=row["id"],
        page=f"/mijn-bedrijf/gebruikers/{row['id']}/",
        status={"value": "registered", "label": row["status"]},
        active_licenses=row["licenses"] or [],
        get_role_display="Bedrijfsbeheerder" if row["role"] == "admin" else "Gebruiker",
    )


@cache
def _page() -> Any:
    return engines["django"].from_string(_PAGE)


class PlainAdmin(admin.ModelAdmin):
    """The list as Django's admin has it, with the columns of ours."""

    list_display = ("status_label", "name", "email", "role", "licenses", "last_login")
    list_filter = ("role", "is_blocked")
    search_fields = ("name", "email")
    list_per_page = PER_PAGE

    def get_queryset(self, request: HttpRequest) -> UserQuerySet:
        people = User.objects.with_status(has_active_license())
        return people.annotate(license_count=active_license_count())

    @admin.display
    def licenses(self, person: User) -> int:
        return int(vars(person)["license_count"])


site = admin.AdminSite("plain")
site.register(User, PlainAdmin)

urlpatterns = [
    path("bench/gebruikers/", users),
    path("bench/beheer/", site.urls),
    path("", include("nenconnect.urls")),
]

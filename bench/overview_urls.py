"""Route the site, and two other lists of a company's users: hand-written SQL and Django admin."""

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

_VALID_LICENSES = """
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
    SELECT array_agg(name ORDER BY lower(name)) AS licenses FROM ({_VALID_LICENSES}) works
) l
ORDER BY lower(u.name), u.id
"""
_PEOPLE = """
SELECT {columns} FROM accounts_user u WHERE u.company_id = %(company)s::bigint {where}
ORDER BY lower(u.name) {way}, u.id {way}
"""
# A search shows how many people match (`number`), so it has to read all matches once.
_SEARCHED = f"""
WITH found AS MATERIALIZED ({_PEOPLE})
SELECT u.*, (SELECT count(*) FROM found) AS number
FROM (SELECT id FROM found LIMIT {PER_PAGE}) first JOIN accounts_user u USING (id)
"""
_LISTED = f"{_PEOPLE} LIMIT {PER_PAGE}"
_WHERE = {"status": "AND u.is_blocked", "role": "AND u.role = 'admin'"}
_PAGE = """
{% extends "base.html" %}
{% block content %}
  {% include "pages/company/users/users_table.html" %}
{% endblock content %}
"""


class OverviewRow(dict[str, Any]):
    """Hold one row in the form that our table template reads."""

    def __str__(self) -> str:
        return str(self["name"])


@require_safe
def users(request: HttpRequest) -> HttpResponse:
    # The table alone: no counts by status, pages or search form.
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
    parameters = {"company": user.company_id, "today": timezone.localdate(), "now": timezone.now()}
    parameters |= {f"word_{number}": word for number, word in enumerate(words)}
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column.name for column in cursor.description or ()]
        rows = [_overview_row(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
    return HttpResponse(_template().render({"page_obj": rows}, request))


def _overview_row(row: dict[str, Any]) -> OverviewRow:
    return OverviewRow(
        row,
        pk=row["id"],
        page=f"/mijn-bedrijf/gebruikers/{row['id']}/",
        status={"value": "registered", "label": row["status"]},
        active_licenses=row["licenses"] or [],
        get_role_display="Bedrijfsbeheerder" if row["role"] == "admin" else "Gebruiker",
    )


@cache
def _template() -> Any:
    return engines["django"].from_string(_PAGE)


class PlainUserAdmin(admin.ModelAdmin):
    """List people as Django admin does, with the columns of our overview."""

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
site.register(User, PlainUserAdmin)

urlpatterns = [
    path("bench/gebruikers/", users),
    path("bench/beheer/", site.urls),
    path("", include("nenconnect.urls")),
]

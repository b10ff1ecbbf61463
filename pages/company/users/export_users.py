"""Export the users that match the filter, as a table that the import reads back."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Lower
from django.http import Http404, HttpResponseBase
from django.utils import timezone, translation
from django.utils.text import slugify
from django.views.decorators.http import require_safe
from django_countries import countries

from accounts.models import User
from companies.models import Company
from licenses.access import has_active_license
from licenses.models import Grant
from members.actions.import_columns import BETWEEN, columns_of
from nenconnect.tables.downloads import FORMATS, table_response
from nenconnect.tables.files import Cell
from pages.access import MemberRequest, company_admin_required
from pages.company.users.filter_forms import UserFilterForm

CHUNK = 1000  # people in memory at once
WIDTHS = [32, 28, 18, 18, 16, 14, 26, 30, 30, 20, 20]


@require_safe
@company_admin_required
def export_users(request: MemberRequest) -> HttpResponseBase:
    form = request.GET.get("format", "")
    if form not in FORMATS:
        raise Http404
    people = UserFilterForm(request.company, request.GET).matches()
    day = timezone.localdate()
    return table_response(
        export_rows(people, request.company, translation.get_language() or "nl"),
        name=f"gebruikers-{slugify(request.company.name)}-{day:%Y-%m-%d}",
        form=form,
        widths=WIDTHS,
    )


def export_rows(people: QuerySet[User], company: Company, language: str) -> Iterator[list[Cell]]:
    """Yield the table while the response is sent, when the language of the request has ended."""
    columns = columns_of(company)
    with translation.override(language):
        yield [column.headings[0] for column in columns]
        for person in _with_details(people, company).iterator(chunk_size=CHUNK):
            cells = _cells(person)
            yield [cells[column.name] for column in columns]


def _with_details(people: QuerySet[User], company: Company) -> QuerySet[User]:
    lasting = Grant.objects.lasting().filter(license__company=company, license__ends_on__gte=timezone.localdate())
    grants = lasting.select_related("license").order_by("license__name", "license")
    with_status = User.objects.filter(pk__in=people.order_by().values("pk")).with_status(has_active_license())
    return (
        with_status.select_related("label")
        .prefetch_related(Prefetch("grants", queryset=grants, to_attr="lasting_grants"))
        .order_by(Lower("name"), "pk")
    )


def _cells(person: User) -> dict[str, Cell]:
    grants: list[Grant] = vars(person)["lasting_grants"]
    return {
        "email": person.email,
        "name": person.name,
        "role": str(User.Role(person.role).label),
        "phone": person.phone,
        "country": str(countries.name(str(person.country))),
        "is_blocked": person.is_blocked,
        "is_mail_rerouted": person.is_mail_rerouted,
        "label": str(person.label or ""),
        "licenses": BETWEEN.join(dict.fromkeys(str(grant.license) for grant in grants)),
        "status": person.status_label,
        "last_login": timezone.localtime(person.last_login) if person.last_login else "",
    }

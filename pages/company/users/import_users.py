"""Import users: upload a table, preview it, load it, keep the report (C41)."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from companies.models import Company, LabelValue
from licenses.models import License
from members.actions import people_import as actions
from members.actions.import_columns import TOLD, columns_of, heading_of
from members.models import PeopleImport, PeopleImportLine
from nenconnect.rules.errors import RuleError
from nenconnect.tables.downloads import table_response
from nenconnect.tables.files import CSV, EXCEL, Cell
from pages.access import MemberRequest, company_admin_required
from pages.company.users.table_forms import ImportForm

State = PeopleImport.State
Outcome = PeopleImportLine.Outcome
REFRESH_SECONDS = 2  # while an import runs
SHOWN = 100  # lines of each kind; the report has them all
LATEST = 10
WIDTHS = [32, 28, 18, 18, 16, 14, 26, 30, 30]


@require_http_methods(["GET", "POST"])
@company_admin_required
def import_users(request: MemberRequest) -> HttpResponse:
    if not request.company.domains.exists():
        return redirect("company:company")  # which says how to get a domain (R6)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            table_import = actions.start_import(request.company, table=form.cleaned_data["table"], by=request.user)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            return redirect("company:people_import", table_import.pk)
    latest = request.company.people_imports.select_related("created_by")[:LATEST]
    return render(request, "pages/company/users/import_users.html", {"form": form, "latest": latest})


@require_safe
@company_admin_required
def people_import(request: MemberRequest, pk: int) -> HttpResponse:
    table_import = _find_import(request, pk)
    numbers = dict(table_import.lines.order_by().values_list("outcome").annotate(Count("pk")))
    refused = numbers.get(Outcome.REFUSED, 0)
    to_do = sum(numbers.get(outcome, 0) for outcome in (Outcome.NEW, Outcome.INVITED, Outcome.CHANGED))
    context = {
        "import": table_import,
        "counts": [(outcome.value, outcome.label, numbers.get(outcome, 0)) for outcome in Outcome],
        "refused": refused,
        "to_do": to_do,
        "can_load": table_import.state == State.READY and to_do > 0,
        "problems": _first_lines(table_import, Outcome.REFUSED),
        "changes": _first_lines(table_import, Outcome.CHANGED),
        "seconds": REFRESH_SECONDS,
    }
    response = render(request, "pages/company/users/people_import.html", context)
    if table_import.is_running:
        response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response


@require_POST
@company_admin_required
def load(request: MemberRequest, pk: int) -> HttpResponse:
    table_import = _find_import(request, pk)
    try:
        actions.load(table_import, only_good=request.POST.get("only_good") == "1", by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
    return redirect("company:people_import", pk)


@require_POST
@company_admin_required
def discard(request: MemberRequest, pk: int) -> HttpResponse:
    try:
        actions.discard(_find_import(request, pk))
    except RuleError as error:
        messages.error(request, str(error))
        return redirect("company:people_import", pk)
    messages.success(request, _("The table is gone, and nothing of it was imported."))
    return redirect("company:import_users")


@require_safe
@company_admin_required
def report(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Export what happens to each line; written at once, as it must be in the reader's language."""
    table_import = _find_import(request, pk)
    return table_response(
        list(_report_rows(table_import)),
        name=f"import-{table_import.created_at:%Y-%m-%d}-{table_import.pk}",
        form=CSV,
    )


@require_safe
@company_admin_required
def template(request: MemberRequest) -> HttpResponseBase:
    columns = [column for column in columns_of(request.company) if column not in TOLD]
    example = _example_row(request.company)
    rows: list[list[Cell]] = [
        [column.headings[0] + ("*" if column.is_needed else "") for column in columns],
        [example.get(column.name, "") for column in columns],
    ]
    return table_response(rows, name="gebruikers", form=EXCEL, widths=WIDTHS)


def _find_import(request: MemberRequest, pk: int) -> PeopleImport:
    return get_object_or_404(request.company.people_imports.select_related("created_by", "company"), pk=pk)


def _first_lines(table_import: PeopleImport, outcome: str) -> list[tuple[PeopleImportLine, str]]:
    return [(line, heading_of(line.columns)) for line in table_import.lines.filter(outcome=outcome)[:SHOWN]]


def _report_rows(table_import: PeopleImport) -> Iterator[list[Cell]]:
    yield [_("Line"), _("Outcome"), _("Column"), _("Reason")]
    if table_import.reason:
        yield ["", _("Refused"), "", table_import.reason]
    for line in table_import.lines.iterator():
        yield [line.number, line.get_outcome_display(), heading_of(line.columns), line.reason]


def _example_row(company: Company) -> dict[str, str]:
    domain = company.domains.first()
    label = LabelValue.objects.of(company).first()
    license = License.objects.of(company).in_term().filter(is_company_wide=False).first()
    return {
        "email": f"voornaam.achternaam@{domain.name if domain else 'bedrijf.nl'}",
        "name": "Voornaam Achternaam",
        "role": "gebruiker",
        "phone": "06-12345678",
        "country": "Nederland",
        "is_blocked": "nee",
        "is_mail_rerouted": "nee",
        "label": str(label or ""),
        "licenses": str(license or ""),
    }

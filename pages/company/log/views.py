"""Show the company's audit log to its admins, and export it (R38)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.audit.origin import AuditOrigin
from nenconnect.audit.search import about_people, between_days, in_chunks, page_of
from nenconnect.audit.sentences import AuditReader
from nenconnect.audit.verbs import names_hidden_from_companies
from nenconnect.tables.downloads import FORMATS, table_response
from nenconnect.tables.files import Cell
from nenconnect.text.dates import moment_in_words
from pages.access import MemberRequest, company_admin_required
from pages.company.log.forms import LogbookForm
from reports.access_history.table import WIDTHS as ACCESS_WIDTHS
from reports.access_history.table import access_rows

PER_PAGE = 50
MAX_PEOPLE = 20  # matches of the typed name
MAX_ROWS = 1_000_000  # an Excel sheet holds few more
CHUNK = 1000
WIDTHS = [18, 26, 90, 22]


@dataclass(frozen=True)
class LogLine:
    """Hold the words of an entry: a template would look up each of them for every entry."""

    moment: str
    sentence: str
    changes: str
    origin: str


@require_safe
@company_admin_required
def logbook(request: MemberRequest) -> HttpResponse:
    form = LogbookForm(request.GET)
    people = _people(request.company, form)
    page = page_of(
        _lines(request.company, form),
        PER_PAGE,
        before=_number(request.GET.get("before")),
        after=_number(request.GET.get("after")),
        people=people,
    )
    context = {
        "filter": form,
        "is_filtered": any(form.value(name) for name in form.fields),
        "lines": _in_words(page.lines),
        "page": page,
    }
    return render(request, "pages/company/log/logbook.html", context)


def _in_words(entries: list[AuditEntry]) -> list[LogLine]:
    reader = AuditReader(entries, for_company=True)
    origins = {origin.value: str(origin.label) for origin in AuditOrigin}
    return [
        LogLine(
            moment=moment_in_words(entry.at),
            sentence=reader.sentence(entry),
            changes="; ".join(reader.changes(entry)),
            origin=origins.get(entry.origin, "–"),
        )
        for entry in entries
    ]


@require_safe
@company_admin_required
def export_logbook(request: MemberRequest) -> HttpResponseBase:
    kind = request.GET.get("format", "")
    if kind not in FORMATS:
        raise Http404
    form = LogbookForm(request.GET)
    lines, people = _lines(request.company, form), _people(request.company, form)
    if people is not None:
        lines = about_people(lines, people)
    return table_response(
        export_rows(lines, translation.get_language() or "nl"),
        name=f"logboek-{slugify(request.company.name)}-{timezone.localdate():%Y-%m-%d}",
        form=kind,
        widths=WIDTHS,
    )


def export_rows(lines: QuerySet[AuditEntry], language: str) -> Iterator[list[Cell]]:
    """Yield the table while the response is sent, when the language of the request has ended."""
    with translation.override(language):
        yield [_("When"), _("Who"), _("What"), _("From where")]
        yield from islice(_rows(lines), MAX_ROWS)


def _rows(lines: QuerySet[AuditEntry]) -> Iterator[list[Cell]]:
    for chunk in in_chunks(lines, CHUNK):
        reader = AuditReader(chunk, for_company=True)
        for entry in chunk:
            moment = timezone.localtime(entry.at)
            yield [moment, reader.who(entry), reader.line(entry), entry.get_origin_display()]


def _lines(company: Company, form: LogbookForm) -> QuerySet[AuditEntry]:
    """Return what this company may read and the form filters on; not what NEN does for itself."""
    rows = between_days(AuditEntry.objects.filter(company_id=company.pk), *form.days)
    rows = rows.exclude(verb__in=names_hidden_from_companies())
    return rows.filter(verb=form.value("what")) if form.value("what") else rows


def _people(company: Company, form: LogbookForm) -> list[int] | None:
    """Return the ids of members who match the typed name; None without a name."""
    name = form.value("q")
    if not name:
        return None
    matches = User.objects.members_of(company).matching(name).order_by("pk")
    return list(matches.values_list("pk", flat=True)[:MAX_PEOPLE])


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


@require_safe
@company_admin_required
def export_access(request: MemberRequest) -> HttpResponseBase:
    """Export for an auditor who had which licence, from when to when and decided by which admin."""
    kind = request.GET.get("format", "")
    if kind not in FORMATS:
        raise Http404
    return table_response(
        access_rows(request.company, translation.get_language() or "nl", for_company=True),
        name=f"toegang-{slugify(request.company.name)}-{timezone.localdate():%Y-%m-%d}",
        form=kind,
        widths=ACCESS_WIDTHS,
    )

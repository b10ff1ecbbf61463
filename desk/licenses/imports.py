"""Import many documents: upload, preview, load, keep the report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from desk.action_admin import ActionForm, StaffAdmin, as_field_error
from licenses.actions.document_import import load, start_import
from licenses.actions.document_table import COLUMNS, EXAMPLE, check_archive
from licenses.models import DocumentImport
from nenconnect.rules.errors import RuleError
from nenconnect.tables.files import csv_pieces, excel_file
from nenconnect.tables.limits import MAX_BYTES

State = DocumentImport.State
SECONDS = 2  # between two looks at an import that runs
SHOWN = 100  # refused lines; the report has them all


class DocumentImportForm(ActionForm):
    class Meta:
        model = DocumentImport
        fields = ["table", "archive", "only_good"]
        widgets = {"table": forms.FileInput, "archive": forms.FileInput}

    def clean_table(self) -> Any:
        table = self.cleaned_data["table"]
        if table.size > MAX_BYTES:
            text = gettext("This file is larger than %(max)s MB. Split it up.")
            raise forms.ValidationError(text % {"max": MAX_BYTES // 2**20})
        return table

    def clean_archive(self) -> Any:
        archive = self.cleaned_data["archive"]
        if archive:
            with as_field_error():
                check_archive(archive)
        return archive


@admin.register(DocumentImport)
class DocumentImportAdmin(StaffAdmin, admin.ModelAdmin):
    form = DocumentImportForm
    list_display = ["created_at", "created_by", "state", "total", "new", "changed", "unchanged", "refused_count"]
    list_select_related = ["created_by"]
    list_filter = ["state"]
    list_per_page = 50

    @admin.display(description=_("refused lines"))
    def refused_count(self, document_import: DocumentImport) -> int:
        return len(document_import.refused_lines)

    def get_fields(self, request: HttpRequest, obj: DocumentImport | None = None) -> Any:
        return [] if obj else DocumentImportForm.Meta.fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: DocumentImport, form: Any, change: bool) -> None:
        typed = form.cleaned_data
        obj.pk = start_import(
            table=typed["table"],
            archive=typed["archive"] or None,
            only_good=typed["only_good"],
            by=cast(User, request.user),
        ).pk

    def log_addition(self, *args: Any) -> Any:
        pass

    def response_add(self, request: HttpRequest, obj: DocumentImport, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("admin:licenses_documentimport_change", obj.pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = DocumentImport.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if row is None:
            return super().change_view(request, object_id, form_url, extra_context)
        is_running = row.state in {State.CHECKING, State.LOADING}
        context = {
            "is_running": is_running,
            "can_load": row.state == State.READY and (row.only_good or not row.problems),
            "shown_problems": row.problems[:SHOWN],
            "title": gettext("Import of documents"),
        }
        response = super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})
        if is_running:
            response.headers["Refresh"] = str(SECONDS)
        return response

    def get_urls(self) -> list[URLPattern]:
        own_urls = [
            path("voorbeeld/", self.guarded(require_safe(self.example)), name="licenses_documentimport_example"),
            path("<int:pk>/laden/", self.guarded(require_POST(self.load)), name="licenses_documentimport_load"),
            path(
                "<int:pk>/verslag/",
                self.guarded(require_safe(self.report)),
                name="licenses_documentimport_report",
            ),
        ]
        return own_urls + super().get_urls()

    def load(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(DocumentImport, pk=pk)
        try:
            load(row, by=cast(User, request.user))
        except RuleError as error:
            messages.error(request, str(error))
        return redirect("admin:licenses_documentimport_change", pk)

    def example(self, request: HttpRequest) -> FileResponse:
        rows = [[column.headings[0] for column in COLUMNS], [EXAMPLE.get(column.name, "") for column in COLUMNS]]
        widths = [26, 50, 50, 14, 18, 14, 26, 10, 16, 34]
        return FileResponse(excel_file(rows, widths=widths), filename="documenten.xlsx", as_attachment=True)

    def report(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        row = get_object_or_404(DocumentImport, pk=pk)
        rows = list(_report_rows(row))  # here and now, in the reader's language
        response = StreamingHttpResponse(csv_pieces(rows), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="import-{row.pk}.csv"'
        return response


def _report_rows(row: DocumentImport) -> Iterator[list[Any]]:
    yield [gettext("Line"), gettext("Column"), gettext("Reason")]
    for problem in row.problems:
        yield [problem["line"] or "", problem["column"], problem["reason"]]

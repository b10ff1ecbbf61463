"""Manage documents (R37)."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from django_countries import countries

from accounts.models import User
from accounts.staff_roles import LOOK, has_permission, is_limited, managed_rows
from desk.action_admin import ActionAdmin, Attempts, as_field_error
from desk.edit_conflicts import SeenForm, is_saving
from desk.licenses.readers import licenses_with
from desk.licenses.search import documents_found
from desk.long_lists import LongList
from licenses.actions.documents import check_document, check_pdf, save_document
from licenses.models import Document, DocumentQuerySet, Grant, License, LicenseQuerySet

SHOWN = 100  # licences that hold a document


class DocumentForm(SeenForm):
    plus_countries = forms.MultipleChoiceField(
        label=_("Countries of a Plus document"), choices=lambda: list(countries), required=False
    )

    class Meta:
        model = Document
        fields = [
            "number",
            "title_nl",
            "title_en",
            "kind",
            "published_on",
            "status",
            "replaced_by",
            "is_free",
            "is_plus",
            "plus_countries",
            "file",
        ]
        widgets = {"file": forms.FileInput}  # no link: the files are private, no URL leads to them

    watched = tuple(name for name in Meta.fields if name != "file")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            with as_field_error():
                check_pdf(file)
        return file

    def check_rules(self) -> None:
        check_document(self.instance)


class MissingFileFilter(admin.SimpleListFilter):
    title = _("file")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("none", _("no file yet")), ("gone", _("file missing"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> QuerySet[Document]:
        if self.value() == "none":
            return queryset.filter(file="")
        return queryset.filter(file_missing_since__isnull=False) if self.value() == "gone" else queryset


@admin.register(Document)
class DocumentAdmin(LongList, ActionAdmin):
    form = DocumentForm
    change_form_template = "admin/licenses/document/change_form.html"
    list_display = ["number", "title_nl", "kind", "published_on", "status", "is_free", "is_plus", "has_file"]
    shown_fields = ("number", "title_nl", "kind", "published_on", "status", "is_free", "is_plus", "file")
    list_filter = ["kind", "status", "is_free", "is_plus", MissingFileFilter]
    ordering = ("sort_key", "pk")
    search_fields = ("number",)  # see get_search_results
    search_help_text = _("How a number begins, with or without its spaces; or words of a title.")
    autocomplete_fields = ["replaced_by"]
    readonly_fields = ["file_name"]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Document | None:
        """Lock the document before its form reads it, so that two of staff save one after the other."""
        document: Document | None = super().get_object(request, object_id, from_field)
        if document is not None and is_saving(request):
            document = Document.objects.select_for_update().get(pk=document.pk)
        return document

    def get_fields(self, request: HttpRequest, obj: Document | None = None) -> Any:
        return [*DocumentForm.Meta.fields, *(["file_name"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: Document, form: Any, change: bool) -> None:
        typed = dict(form.cleaned_data)
        uploaded = typed.pop("file")
        file = uploaded if isinstance(uploaded, UploadedFile) else None
        document = Document.objects.get(pk=obj.pk) if change else Document()
        attempts = Attempts()
        with attempts.of(form):
            save_document(document, by=cast(User, request.user), file=file, **typed)
            obj.pk = document.pk
        attempts.settle()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Document], search_term: str
    ) -> tuple[QuerySet[Document], bool]:
        return documents_found(cast(DocumentQuerySet, queryset), search_term), False

    def get_urls(self) -> list[URLPattern]:
        readers = self.guarded(require_safe(self.readers), LOOK)
        return [path("<int:pk>/lezers/", readers, name="licenses_document_readers"), *super().get_urls()]

    def readers(self, request: HttpRequest, pk: int) -> HttpResponse:
        document = get_object_or_404(Document, pk=pk)
        licenses = licenses_with(
            document, cast(LicenseQuerySet, managed_rows(License.objects.all(), request.user))
        )
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Who may read %(document)s?") % {"document": document},
            "opts": self.opts,
            "original": document,
            "number": licenses.count(),
            "licenses": licenses[:SHOWN],
            "sees_people": has_permission(request.user, LOOK, Grant),
            "is_limited": is_limited(request.user, License),
        }
        return TemplateResponse(request, "admin/licenses/document/readers.html", context)

    @admin.display(description=_("file"), boolean=True)
    def has_file(self, document: Document) -> bool:
        return bool(document.file)

    @admin.display(description=_("present file"))
    def file_name(self, document: Document) -> str:
        return document.file.name or "–"

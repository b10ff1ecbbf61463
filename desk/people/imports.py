"""Show the tables that companies' admins imported, and where one failed."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from desk.action_admin import ReadOnlyAdmin
from members.models import PeopleImport


@admin.register(PeopleImport)
class PeopleImportAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    """Hide the table itself, which is full of people."""

    list_display = ["created_at", "company", "state", "total", "done", "reason"]
    list_select_related = ["company"]
    list_filter = ["state"]
    search_fields = ["company__name", "company__customer_number"]
    search_help_text = _("A part of the company's name, or its customer number.")
    fields = ["company", "created_at", "created_by", "state", "total", "done", "reason"]
    ordering = ["-created_at", "-pk"]
    list_per_page = 50
    show_full_result_count = False

"""NEN's desk looks at requests; the companies' admins decide them."""

from __future__ import annotations

from django.contrib import admin

from nenconnect.staff import ReadOnlyAdmin
from requests_app.models import DocumentRequest, LicenseRequest


class RequestAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    """Without a name beside a decision, or a request, its account was deleted."""

    list_select_related = ["company", "user", "decided_by"]
    list_filter = ["status", "created_at"]
    search_fields = ["company__name", "company__customer_number", "user__email", "user__name"]
    show_full_result_count = False
    list_per_page = 50


@admin.register(LicenseRequest)
class LicenseRequestAdmin(RequestAdmin):
    list_display = ["license", "company", "user", "status", "created_at", "decided_at", "decided_by"]
    list_select_related = [*RequestAdmin.list_select_related, "license"]


@admin.register(DocumentRequest)
class DocumentRequestAdmin(RequestAdmin):
    list_display = ["document", "company", "user", "status", "created_at", "decided_at", "decided_by"]
    list_select_related = [*RequestAdmin.list_select_related, "document"]
    search_fields = [*RequestAdmin.search_fields, "document__number"]

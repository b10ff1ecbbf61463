"""Route the site, and beside it a plain ModelAdmin for each list of the desk: the floor of those lists."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.urls import include, path

from accounts.models import User
from licenses.models import Document, Grant, License
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from requests_app.models import DocumentRequest, LicenseRequest

_DECISION = ("company", "user", "status", "created_at", "decided_at", "decided_by")
# Columns and filters. Where the desk computes a column, the fields it uses, which cost less.
LISTS: dict[type[Model], tuple[tuple[str, ...], tuple[str, ...]]] = {
    User: (("name", "email", "company", "role", "is_blocked"), ("role", "is_blocked", "is_staff")),
    License: (
        ("name", "company", "kind", "starts_on", "ends_on", "seats", "is_company_wide", "is_shown"),
        ("kind", "is_company_wide", "is_company_wide_approved", "is_shown"),
    ),
    Grant: (("license", "user", "granted_at", "granted_by"), ()),
    Document: (
        ("number", "title_nl", "kind", "published_on", "status", "is_free", "is_plus", "file"),
        ("kind", "status", "is_free", "is_plus"),
    ),
    LicenseRequest: (("license", *_DECISION), ("status", "created_at")),
    DocumentRequest: (("document", *_DECISION), ("status", "created_at")),
    OutboxMail: (("event", "recipient", "status", "reason", "created_at"), ("status",)),
    AuditEntry: (("at", "verb", "actor_id", "company_id", "origin"), ("at", "origin")),
}
site = admin.AdminSite("plain")
for model, (columns, filters) in LISTS.items():
    # As many rows per page as the desk shows, and Django's own template, which takes fewer queries.
    site.register(
        model,
        list_display=columns,
        list_filter=filters,
        list_per_page=50,
        change_list_template="admin/change_list.html",
    )

urlpatterns = [
    path("bench/beheer/", site.urls),
    path("", include("nenconnect.urls")),
]

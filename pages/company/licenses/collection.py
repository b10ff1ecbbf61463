"""Add documents to a custom collection within what NEN allows, and remove them (R20)."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from licenses.actions.collections import remove_document
from licenses.models import Document, DocumentQuerySet, DocumentStatus, License
from pages.access import MemberRequest, company_admin_required
from pages.company.licenses.one_license import find_license, run_action, search_text
from requests_app.actions.approving_documents import put_in_collection
from requests_app.previews.license_changes import preview_removing_document

PER_PAGE = 25


@require_http_methods(["GET", "POST"])
@company_admin_required
def add(request: MemberRequest, pk: int) -> HttpResponse:
    license = _find_collection(request, pk)
    if request.method == "POST":
        document = _find_document(request.POST.get("document"))
        names = {"license": license, "document": document}
        done = _("%(document)s is in “%(license)s” now.") % names
        unchanged = _("%(document)s was in “%(license)s” already.") % names
        run_action(request, pk, lambda: put_in_collection(license, document, by=request.user), done, unchanged)
        return redirect(f"{reverse('company:add_document', args=[pk])}?{request.GET.urlencode()}")
    search = search_text(request, "q")
    context = {
        "license": license,
        "search": search,
        "left": _room_left(license),
        "page_obj": Paginator(_documents_to_add(license, search), PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "pages/company/licenses/add_document.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    license = _find_collection(request, pk)
    document = _find_document((request.GET if request.method == "GET" else request.POST).get("document"))
    if request.method == "GET":
        preview = preview_removing_document(license, document)
        context = {"license": license, "document": document, "preview": preview}
        return render(request, "pages/company/licenses/remove_document.html", context)
    names = {"license": license, "document": document}
    done = _("%(document)s is out of “%(license)s”.") % names
    unchanged = _("%(document)s was no longer in “%(license)s”.") % names
    run_action(request, pk, lambda: remove_document(license, document, by=request.user), done, unchanged)
    return redirect(f"{reverse('company:license', args=[pk])}?show=documents")


def _find_collection(request: MemberRequest, pk: int) -> License:
    license = find_license(request, pk)
    if license.kind != License.Kind.CUSTOM:
        raise Http404
    return license


def _find_document(raw: str | None) -> Document:
    if not raw or not raw.isdecimal() or len(raw) > 18:
        raise Http404
    return get_object_or_404(Document, pk=raw)


def _documents_to_add(license: License, search: str) -> DocumentQuerySet:
    rows = Document.objects.filter(status=DocumentStatus.CURRENT).exclude(licenses=license).matching(search)
    return rows.filter(kind__in=license.allowed_kinds) if license.allowed_kinds else rows


def _room_left(license: License) -> int | None:
    """Count how many more documents fit; None without a maximum."""
    if license.max_documents is None:
        return None
    return max(license.max_documents - license.documents.count(), 0)

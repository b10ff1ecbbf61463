"""Close, reopen and delete a company, and list its people outside its domains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.closing import close_company, reopen_company
from accounts.models import User
from companies import actions
from companies.models import Company
from nenconnect.rules.errors import RuleError
from requests_app.previews.deleting_a_company import CompanyDeletion

MOST_DELETED = 100
PER_PAGE = 100


class CompanyPages(admin.ModelAdmin):
    """Add these pages to the admin of companies."""

    change_form_template = "admin/companies/company/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        remove = require_http_methods(["GET", "POST"])(self.delete_page)
        return [
            self._page("<int:pk>/sluiten/", require_POST(self.close), "close"),
            self._page("<int:pk>/heropenen/", require_POST(self.reopen), "reopen"),
            self._page("<int:pk>/buiten-de-domeinen/", require_safe(self.outside), "outside"),
            self._page("verwijderen/", remove, "remove"),
            *super().get_urls(),
        ]

    def _page(self, where: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return path(where, self.admin_site.admin_view(view), name=f"companies_company_{name}")

    def close(self, request: HttpRequest, pk: int) -> HttpResponse:
        company = self._to_change(request, pk)
        try:
            close_company(company, because=request.POST.get("because", ""), by=cast(User, request.user))
        except RuleError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, gettext("%(company)s is closed.") % {"company": company})
        return redirect("admin:companies_company_change", pk)

    def reopen(self, request: HttpRequest, pk: int) -> HttpResponse:
        company = self._to_change(request, pk)
        try:
            reopen_company(company, by=cast(User, request.user))
        except RuleError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, gettext("%(company)s is open again.") % {"company": company})
        return redirect("admin:companies_company_change", pk)

    def outside(self, request: HttpRequest, pk: int) -> HttpResponse:
        """List the members whose address no domain accepts (R9)."""
        company = self._find_company(request, pk)
        people = User.objects.outside_domains_of(company).order_by("name", "pk")
        page = Paginator(people, PER_PAGE).get_page(request.GET.get("p"))
        title = gettext("Users outside the domains of %(company)s") % {"company": company}
        context = {**self.admin_site.each_context(request), "title": title, "company": company, "page": page}
        return TemplateResponse(request, "admin/companies/company/outside.html", context)

    @admin.action(description=_("Delete companies"), permissions=["add"])
    def delete_companies(self, request: HttpRequest, companies: QuerySet[Company]) -> HttpResponse:
        chosen = companies.order_by("pk").values_list("pk", flat=True)[:MOST_DELETED]
        return redirect(f"{reverse('admin:companies_company_remove')}?{'&'.join(f'pk={pk}' for pk in chosen)}")

    def delete_page(self, request: HttpRequest) -> HttpResponse:
        """List on GET the companies to delete and those that must stay; delete on POST (C25).

        For people who may add companies.
        """
        if not self.has_add_permission(request):
            raise PermissionDenied
        posted_ids = [pk for pk in request.GET.getlist("pk") if pk.isascii() and pk.isdecimal()][:MOST_DELETED]
        companies = self.get_queryset(request).filter(pk__in=[pk for pk in posted_ids if len(pk) < 19])
        rows = [CompanyDeletion(company) for company in companies]
        if request.method == "POST":
            self._delete_companies(request, rows)
            return redirect("admin:companies_company_changelist")
        going = [row for row in rows if row.is_possible]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Delete companies"),
            "going": going,
            "staying": [row for row in rows if not row.is_possible],
        }
        return TemplateResponse(request, "admin/companies/company/delete.html", context)

    def _delete_companies(self, request: HttpRequest, rows: list[CompanyDeletion]) -> None:
        deleted = 0
        for row in rows:
            try:
                actions.delete_company(row.company, by=cast(User, request.user))
            except RuleError as error:
                messages.error(request, str(error))
            else:
                deleted += 1
        if deleted:
            text = ngettext("%(number)s company is deleted.", "%(number)s companies are deleted.", deleted)
            messages.success(request, text % {"number": deleted})

    def _to_change(self, request: HttpRequest, pk: int) -> Company:
        self._check_may_change(request)
        return self._find_company(request, pk)

    def _check_may_change(self, request: HttpRequest) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied

    def _find_company(self, request: HttpRequest, pk: int) -> Company:
        if not self.has_view_permission(request):
            raise PermissionDenied
        company: Any = self.get_queryset(request).filter(pk=pk).first()
        if company is None or not self.has_view_permission(request, company):
            raise Http404
        return cast(Company, company)

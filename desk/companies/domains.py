"""Add, prove and remove domains, and show who else has one and how far the mails are (R7–R9)."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from companies.domains import add_domain, change_domain, remove_domain
from companies.models import Company, Domain, DomainFanOut, DomainQuerySet
from companies.proof import look_now
from desk.action_admin import ActionAdmin, Attempts
from desk.companies.announcements import warn_of_odd_letters
from desk.companies.domain_forms import DomainForm
from desk.companies.search import domains_found

SECONDS = 3  # between two looks at mails that are being written
SHOWN = 100  # people who will be outside
STATES = {
    "unproven": _("Domain not proven"),
    "missing": _("Proof gone, lapses soon"),
    "proven": _("Proven"),
    "no-mail": _("No mail server"),
}


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STATES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Domain]) -> QuerySet[Domain]:
        domains = cast(DomainQuerySet, queryset)
        states = {
            "unproven": domains.unproven,
            "missing": domains.losing_proof,
            "proven": domains.proven,
            "no-mail": domains.without_mail,
        }
        return states.get(self.value() or "", domains.all)()


@admin.register(Domain)
class DomainAdmin(ActionAdmin):
    form = DomainForm
    change_form_template = "admin/companies/domain/change_form.html"
    list_display = ["domain_in_words", "company", "has_subdomains", "proof_in_words", "mail_in_words", "added_at"]
    list_select_related = ["company"]
    list_filter = [StateFilter, "has_subdomains"]
    search_fields = ("name",)  # see get_search_results
    search_help_text = _("How the domain begins; or a company: its name or number.")
    autocomplete_fields = ["company"]
    list_per_page = 50

    def get_fields(self, request: HttpRequest, obj: Domain | None = None) -> list[Any]:
        if obj is None:
            return ["company", "name", "has_subdomains", "because", "announced"]
        reason = ["allowed_because"] if obj.allowed_because else []
        return ["company", "domain_in_words", "has_subdomains", "announced", "holders", *reason, "added_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Domain | None = None) -> list[str]:
        return ["company", "domain_in_words", "holders", "allowed_because", "added_at"] if obj else []

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Domain], search_term: str
    ) -> tuple[QuerySet[Domain], bool]:
        return domains_found(queryset, search_term), False

    @admin.display(description=_("domain"), ordering="name")
    def domain_in_words(self, domain: Domain) -> str:
        return str(domain)

    @admin.display(description=_("proof"))
    def proof_in_words(self, domain: Domain) -> str:
        if domain.proof_missing_since:
            return str(STATES["missing"])
        return str(STATES["proven" if domain.proven_at else "unproven"])

    @admin.display(description=_("mail"))
    def mail_in_words(self, domain: Domain) -> str:
        if domain.mail_gone_since:
            return str(STATES["no-mail"])
        return gettext("takes mail") if domain.looked_up_at else "–"

    @admin.display(description=_("also held by"))
    def holders(self, domain: Domain) -> str:
        """List the other companies that have this domain (R7)."""
        others = Company.objects.filter(domains__name=domain.name).exclude(pk=domain.company_id).order_by("name")
        rows = ((company.full_name, company.customer_number) for company in others[:SHOWN])
        return format_html_join("", "<p>{} ({})</p>", rows) or gettext("no other company")

    def save_model(self, request: HttpRequest, obj: Domain, form: Any, change: bool) -> None:
        typed, by = form.cleaned_data, cast(User, request.user)
        attempts = Attempts()
        with attempts.of(form):
            if change:
                change_domain(obj, has_subdomains=typed["has_subdomains"], by=by)
            else:
                options = {"has_subdomains": typed["has_subdomains"], "because": typed["because"]}
                new = add_domain(typed["company"], typed["name"], **options, by=by)
                obj.pk, obj.name = new.pk, new.name
                warn_of_odd_letters(request, new)
        attempts.settle()

    def response_add(self, request: HttpRequest, obj: Domain, *args: Any, **kwargs: Any) -> HttpResponse:
        super().response_add(request, obj, *args, **kwargs)
        return redirect("admin:companies_domain_change", obj.pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        fan_out = None
        if object_id.isascii() and object_id.isdecimal() and len(object_id) < 19:
            fan_out = DomainFanOut.objects.filter(domain=int(object_id)).first()
        context = {"fan_out": fan_out, **(extra_context or {})}
        response = super().change_view(request, object_id, form_url, context)
        if fan_out and fan_out.finished_at is None and request.method == "GET":
            response.headers["Refresh"] = str(SECONDS)
        return response

    def get_urls(self) -> list[URLPattern]:
        wrapped = self.admin_site.admin_view
        remove = require_http_methods(["GET", "POST"])(self.remove)
        return [
            path("<int:pk>/opzoeken/", wrapped(require_POST(self.look_up)), name="companies_domain_look_up"),
            path("<int:pk>/weghalen/", wrapped(remove), name="companies_domain_remove"),
            *super().get_urls(),
        ]

    def look_up(self, request: HttpRequest, pk: int) -> HttpResponse:
        look_now(self._to_change(request, pk), by=cast(User, request.user))
        messages.info(request, gettext("We are looking it up. Open this page again in a minute."))
        return redirect("admin:companies_domain_change", pk)

    def remove(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show on GET who will be outside the domains and what admins see; remove on POST (R9)."""
        domain = self._to_change(request, pk)
        if request.method == "POST":
            remove_domain(domain, by=cast(User, request.user))
            text = gettext("The domain %(domain)s is removed: %(company)s no longer has it.")
            messages.success(request, text % {"domain": domain, "company": domain.company})
            return redirect("admin:companies_company_change", domain.company_id)
        outside = User.objects.outside_domains_of(domain.company, without=domain)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Remove domain %(domain)s") % {"domain": domain},
            "domain": domain,
            "is_last": domain.company.domains.count() == 1,
            "number": outside.count(),
            "people": outside.order_by("name", "pk")[:SHOWN],
        }
        return TemplateResponse(request, "admin/companies/domain/remove.html", context)

    def _to_change(self, request: HttpRequest, pk: int) -> Domain:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return cast(Domain, get_object_or_404(self.get_queryset(request).select_related("company"), pk=pk))

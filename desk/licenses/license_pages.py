"""Renew a licence, and choose its documents by list or by rule."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import formats
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.staff_roles import LOOK, fields_for, has_permission
from desk.action_admin import StaffAdmin
from licenses.actions import choosing, terms
from licenses.models import Document, Grant, License
from nenconnect.rules.errors import RuleError
from requests_app.previews.dry_run import dry_run

SHOWN = 200  # documents and numbers on the page


class DocumentsForm(forms.Form):
    HOW = (
        ("add", _("Put these in")),
        ("remove", _("Take these out")),
        ("set", _("Hold these alone")),
    )

    how = forms.ChoiceField(label=_("What to do"), choices=HOW, widget=forms.RadioSelect, initial="add")
    numbers = forms.CharField(
        label=_("Numbers"),
        widget=forms.Textarea(attrs={"rows": 6, "cols": 40}),
        required=False,
        max_length=400_000,
        help_text=_("One a line, pasted from a table or a mail."),
    )
    kind = forms.ChoiceField(
        label=_("Or all documents of this kind"),
        choices=lambda: [("", "–"), *Document.Kind.choices],
        required=False,
    )
    begins = forms.CharField(label=_("whose number begins with"), required=False, max_length=60)
    status = forms.ChoiceField(
        label=_("with this status"), choices=lambda: [("", "–"), *Document.Status.choices], required=False
    )
    since = forms.DateField(label=_("published since"), required=False, widget=AdminDateWidget)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if not self.errors and not (typed["numbers"].strip() or self.rule):
            raise forms.ValidationError(gettext("Paste numbers, or fill in a rule."))
        return typed

    @property
    def rule(self) -> choosing.Rule:
        return choosing.Rule(**{name: self.cleaned_data[name] for name in ("kind", "begins", "status", "since")})


class LicensePages(StaffAdmin):
    """Add these pages to the admin of licences."""

    def get_urls(self) -> list[URLPattern]:
        own_urls = [
            path("<int:pk>/verlengen/", self.guarded(require_POST(self.renew)), name="licenses_license_renew"),
            path("<int:pk>/documenten/", self.guarded(self.documents), name="licenses_license_documents"),
        ]
        urls: list[URLPattern] = super().get_urls()  # type: ignore[misc]
        return own_urls + urls

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: License | None = None, **kwargs: Any
    ) -> HttpResponse:
        if obj is not None:
            context["renewed_until"] = terms.following_term(obj)["ends_on"]
            context["sees_people"] = has_permission(request.user, LOOK, Grant)
        answer: HttpResponse = super().render_change_form(request, context, *args, obj=obj, **kwargs)  # type: ignore[misc]
        return answer

    def renew(self, request: HttpRequest, pk: int) -> HttpResponse:
        if fields_for(request.user, License) is not None:
            raise PermissionDenied
        license = get_object_or_404(self.get_queryset(request), pk=pk)
        seen = parse_date(request.POST.get("ends_on", ""))
        if seen is None:
            messages.error(request, gettext("Something changed meanwhile. Please try again."))
            return redirect("admin:licenses_license_change", pk)
        try:
            day = terms.renew(license, by=cast(User, request.user), seen=seen)
        except RuleError as error:
            messages.error(request, str(error))
        else:
            text = gettext("“%(license)s” goes on until %(day)s.")
            messages.success(request, text % {"license": license, "day": formats.date_format(day, "j F Y")})
        return redirect("admin:licenses_license_change", pk)

    def documents(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show on the first POST what was found and what the company notices; save on the POST with `sure`."""
        license = get_object_or_404(self.get_queryset(request).select_related("company"), pk=pk)
        form = DocumentsForm(request.POST or None)
        details: dict[str, Any] = {}
        if form.is_valid():
            try:
                if answer := self._choose_documents(request, license, form, details):
                    return answer
            except RuleError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
        page = self.admin_site.each_context(request)
        title = gettext("Documents by list or rule")
        context = {**page, "opts": License._meta, "title": title, "original": license, "form": form, **details}
        context["media"] = self.media + form.media
        return TemplateResponse(request, "admin/licenses/license/documents.html", context)

    def _choose_documents(
        self, request: HttpRequest, license: License, form: DocumentsForm, details: dict[str, Any]
    ) -> HttpResponse | None:
        by, how = cast(User, request.user), form.cleaned_data["how"]
        chosen = choosing.choose(form.cleaned_data["numbers"], form.rule)
        if request.POST.get("sure") == chosen.digest:  # the same documents as the page showed
            choosing.change_documents(license, chosen, how=how, by=by)
            messages.success(request, gettext("“%(thing)s” is saved.") % {"thing": license})
            return redirect("admin:licenses_license_change", license.pk)
        noticed = dry_run(license, lambda: choosing.change_documents(license, chosen, how=how, by=by))
        documents = sorted(chosen.documents, key=lambda document: document.sort_key)
        details |= {
            "chosen": documents[:SHOWN],
            "number": len(documents),
            "noticed": noticed,
            "sure": chosen.digest,
        }
        details |= {"missing": chosen.missing[:SHOWN], "number_missing": len(chosen.missing)}
        return None

"""Manage the company's labels, for users and for requests, and the values of each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions import labels
from accounts.models import User
from companies import actions
from companies.models import LabelKind, LabelValue, LabelValueQuerySet
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, company_admin_required
from pages.company.settings.label_forms import (
    LabelForm,
    LabelMergeForm,
    LabelValueForm,
    LabelValuesForm,
    SearchForm,
)
from requests_app.models import REQUEST_KINDS

PER_PAGE = 50
URL_NAMES = {  # the pages of each label
    LabelKind.USERS: {"list": "label", "change": "change_label", "add": "add_label_values"},
    LabelKind.REQUESTS: {
        "list": "request_label",
        "change": "change_request_label",
        "add": "add_request_label_values",
    },
}
LABELLED_MODELS: dict[str, list[type[Any]]] = {
    LabelKind.USERS: [User],
    LabelKind.REQUESTS: [*REQUEST_KINDS],
}


@require_safe
@company_admin_required
def label(request: MemberRequest, kind: str) -> HttpResponse:
    values = LabelValue.objects.of(request.company, kind)
    form = SearchForm(request.GET)
    query = form.cleaned_data["q"] if form.is_valid() else ""
    matches = values.filter(name__icontains=query) if query else values
    context = {
        **_label_context(request, kind),
        "search": form,
        "query": query,
        "page_obj": Paginator(_with_use_counts(matches, kind), PER_PAGE).get_page(request.GET.get("page")),
        "total": values.count(),
    }
    return render(request, "pages/company/settings/label.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def change_label(request: MemberRequest, kind: str) -> HttpResponse:
    form = LabelForm(request.company, kind, request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data[form.name]
        try:
            actions.set_label(request.company, kind, name, by=request.user)
        except RuleError as error:
            _add_error(form, error)
        else:
            done = _("The label is “%(name)s” now.") % {"name": name} if name else _("You use no label now.")
            messages.success(request, done)
            return _to_list(kind)
    values = LabelValue.objects.of(request.company, kind)
    used = sum(model.objects.filter(label__in=values).count() for model in LABELLED_MODELS[kind])
    context = {"form": form, **_label_context(request, kind), "total": values.count(), "used": used}
    return render(request, "pages/company/settings/change_label.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def add_label_values(request: MemberRequest, kind: str) -> HttpResponse:
    form = LabelValuesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        names = form.cleaned_data["names"]
        try:
            added = actions.add_label_values(request.company, kind, names, by=request.user)
        except RuleError as error:
            _add_error(form, error)
        else:
            messages.success(request, _added_in_words(added, len(names) - added))
            return _to_list(kind)
    context = {"form": form, **_label_context(request, kind)}
    return render(request, "pages/company/settings/add_label_values.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def rename_label_value(request: MemberRequest, pk: int) -> HttpResponse:
    """Rename a value; a name that another value has is refused with a link to merge the two."""
    value = _find_value(request, pk)
    form = LabelValueForm(request.POST or None, initial={"name": value.name, "seen": value.name})
    namesake = None
    if request.method == "POST" and form.is_valid():
        seen, name = form.cleaned_data["seen"], form.cleaned_data["name"]
        try:
            renamed = actions.rename_label_value(value, name, seen=seen, by=request.user)
        except RuleError as error:
            _add_error(form, error)
            namesake = LabelValue.objects.of(request.company, value.kind).called(name).exclude(pk=pk).first()
        else:
            messages.success(request, _("“%(seen)s” is called “%(name)s” now.") % {"seen": value, "name": renamed})
            return _to_list(value.kind)
    context = {"form": form, **_value_context(request, value), "namesake": namesake}
    return render(request, "pages/company/settings/rename_label_value.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def merge_label_value(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask on GET which value to merge with and show the effect in numbers; merge on POST."""
    value = _find_value(request, pk)
    data = request.POST if request.method == "POST" else request.GET
    form = LabelMergeForm(value, data if "into" in data or request.method == "POST" else None)
    into: LabelValue | None = form.cleaned_data["into"] if form.is_valid() else None
    if request.method == "POST" and into:
        try:
            moved = labels.merge_label_values(value, into=into, by=request.user)
        except RuleError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _merged_in_words(moved, value, into))
        return _to_list(value.kind)
    context = {"form": form, **_value_context(request, value), "into": into}
    return render(request, "pages/company/settings/merge_label_value.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def delete_label_value(request: MemberRequest, pk: int) -> HttpResponse:
    value = _find_value(request, pk)
    if request.method != "POST":
        return render(request, "pages/company/settings/delete_label_value.html", _value_context(request, value))
    try:
        lost = labels.delete_label_value(value, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _deleted_in_words(lost, value))
    return _to_list(value.kind)


def _find_value(request: MemberRequest, pk: int) -> LabelValue:
    values = LabelValue.objects.filter(company=request.company).select_related("company")
    return get_object_or_404(values, pk=pk)


def _to_list(kind: str) -> HttpResponse:
    return redirect(f"company:{URL_NAMES[LabelKind(kind)]['list']}")


def _label_context(request: MemberRequest, kind: str) -> dict[str, object]:
    pages = {f"{page}_url": reverse(f"company:{name}") for page, name in URL_NAMES[LabelKind(kind)].items()}
    return {"label": request.company.label_of(kind), "is_of_users": kind == LabelKind.USERS, **pages}


def _value_context(request: MemberRequest, value: LabelValue) -> dict[str, object]:
    used = sum(rows.count() for rows in labels.rows_with_value(value))
    return {"value": value, "used": used, **_label_context(request, value.kind)}


def _with_use_counts(values: LabelValueQuerySet, kind: str) -> LabelValueQuerySet:
    """Annotate `used`: how many people or requests have each value, counted for the rows of the page only."""
    counts = []
    for model in LABELLED_MODELS[LabelKind(kind)]:
        of_value = model.objects.filter(label=OuterRef("pk")).order_by().values("label")
        counts.append(Coalesce(Subquery(of_value.annotate(number=Count("pk")).values("number")), 0))
    return values.annotate(used=sum(counts[1:], counts[0]))


def _add_error(form: forms.BaseForm, error: RuleError) -> None:
    form.add_error(error.field if error.field in form.fields else None, str(error))


def _added_in_words(added: int, existing: int) -> str:
    text = ngettext("%(number)s value is added.", "%(number)s values are added.", added) % {"number": added}
    if existing:
        rest = ngettext(
            "%(number)s was in the list already.", "%(number)s were in the list already.", existing
        ) % {"number": existing}
        return f"{text} {rest}"
    return text


def _deleted_in_words(lost: int, value: LabelValue) -> str:
    if value.kind == LabelKind.USERS:
        done = ngettext(
            "“%(value)s” is deleted; %(number)s person had it.",
            "“%(value)s” is deleted; %(number)s people had it.",
            lost,
        )
    else:
        done = ngettext(
            "“%(value)s” is deleted; %(number)s request had it.",
            "“%(value)s” is deleted; %(number)s requests had it.",
            lost,
        )
    return done % {"value": value, "number": lost}


def _merged_in_words(moved: int, value: LabelValue, into: LabelValue) -> str:
    if value.kind == LabelKind.USERS:
        done = ngettext(
            "“%(value)s” is merged with “%(into)s”; %(number)s person is carried along.",
            "“%(value)s” is merged with “%(into)s”; %(number)s people are carried along.",
            moved,
        )
    else:
        done = ngettext(
            "“%(value)s” is merged with “%(into)s”; %(number)s request is carried along.",
            "“%(value)s” is merged with “%(into)s”; %(number)s requests are carried along.",
            moved,
        )
    return done % {"value": value, "into": into, "number": moved}

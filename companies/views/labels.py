"""„Mijn bedrijf – Instellingen": the company's label for users, and the list of its values."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import MemberRequest, company_admin_required
from accounts.actions import labels
from accounts.models import User
from companies import actions
from companies.forms import LabelValueForm, LabelValuesForm, MergeForm, SearchForm, UserLabelForm
from companies.models import LabelValue, LabelValueQuerySet
from nenconnect.errors import RuleError

PER_PAGE = 50


@require_safe
@company_admin_required
def label(request: MemberRequest) -> HttpResponse:
    values = LabelValue.objects.of(request.company)
    form = SearchForm(request.GET)
    query = form.cleaned_data["q"] if form.is_valid() else ""
    found = values.filter(name__icontains=query) if query else values
    context = {
        "label": request.company.user_label,
        "search": form,
        "query": query,
        "page_obj": Paginator(_with_people(found), PER_PAGE).get_page(request.GET.get("page")),
        "total": values.count(),
    }
    return render(request, "companies/label.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def change_label(request: MemberRequest) -> HttpResponse:
    label = request.company.user_label
    form = UserLabelForm(request.POST or None, instance=request.company)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["user_label"]
        try:
            actions.set_user_label(request.company, name, by=request.user)
        except RuleError as error:
            _refuse(form, error)
        else:
            done = _("The label is “%(name)s” now.") % {"name": name} if name else _("You use no label now.")
            messages.success(request, done)
            return redirect("companies:label")
    values = LabelValue.objects.of(request.company)
    people = User.objects.filter(label__in=values).count()
    context = {"form": form, "label": label, "total": values.count(), "people": people}
    return render(request, "companies/change_label.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def add_label_values(request: MemberRequest) -> HttpResponse:
    form = LabelValuesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        names = form.cleaned_data["names"]
        try:
            added = actions.add_label_values(request.company, names, by=request.user)
        except RuleError as error:
            _refuse(form, error)
        else:
            messages.success(request, _what_was_added(added, len(names) - added))
            return redirect("companies:label")
    context = {"form": form, "label": request.company.user_label}
    return render(request, "companies/add_label_values.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def rename_label_value(request: MemberRequest, pk: int) -> HttpResponse:
    """A name that another value has is refused, with the way to merge the two."""
    value = _value(request, pk)
    form = LabelValueForm(request.POST or None, initial={"name": value.name, "seen": value.name})
    namesake = None
    if request.method == "POST" and form.is_valid():
        seen, name = form.cleaned_data["seen"], form.cleaned_data["name"]
        try:
            renamed = actions.rename_label_value(value, name, seen=seen, by=request.user)
        except RuleError as error:
            _refuse(form, error)
            namesake = LabelValue.objects.of(request.company).called(name).exclude(pk=pk).first()
        else:
            messages.success(request, _("“%(seen)s” is called “%(name)s” now.") % {"seen": value, "name": renamed})
            return redirect("companies:label")
    context = {"form": form, "value": value, "people": _people(value), "namesake": namesake}
    return render(request, "companies/rename_label_value.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def merge_label_value(request: MemberRequest, pk: int) -> HttpResponse:
    """GET asks with which value, then whether it is to happen, in numbers; POST does it."""
    value = _value(request, pk)
    sent = request.POST if request.method == "POST" else request.GET
    form = MergeForm(value, sent if "into" in sent or request.method == "POST" else None)
    into: LabelValue | None = form.cleaned_data["into"] if form.is_valid() else None
    if request.method == "POST" and into:
        try:
            moved = labels.merge_label_values(value, into=into, by=request.user)
        except RuleError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _what_moved(moved, value, into))
        return redirect("companies:label")
    context = {"form": form, "value": value, "into": into, "people": _people(value)}
    return render(request, "companies/merge_label_value.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def delete_label_value(request: MemberRequest, pk: int) -> HttpResponse:
    value = _value(request, pk)
    if request.method != "POST":
        context = {"value": value, "people": _people(value), "label": request.company.user_label}
        return render(request, "companies/delete_label_value.html", context)
    try:
        lost = labels.delete_label_value(value, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
    else:
        done = ngettext(
            "“%(value)s” is deleted; %(number)s person had it.",
            "“%(value)s” is deleted; %(number)s people had it.",
            lost,
        )
        messages.success(request, done % {"value": value, "number": lost})
    return redirect("companies:label")


def _value(request: MemberRequest, pk: int) -> LabelValue:
    return get_object_or_404(LabelValue.objects.of(request.company).select_related("company"), pk=pk)


def _people(value: LabelValue) -> int:
    return User.objects.filter(label=value).count()


def _with_people(values: LabelValueQuerySet) -> LabelValueQuerySet:
    """Annotates `people_count`: how many people have each value, counted for the rows of the page alone."""
    of_value = User.objects.filter(label=OuterRef("pk")).order_by().values("label")
    counted = Subquery(of_value.annotate(number=Count("pk")).values("number"))
    return values.annotate(people_count=Coalesce(counted, 0))


def _refuse(form: forms.BaseForm, error: RuleError) -> None:
    form.add_error(error.field if error.field in form.fields else None, str(error))


def _what_was_added(added: int, known: int) -> str:
    said = ngettext("%(number)s value is added.", "%(number)s values are added.", added) % {"number": added}
    if known:
        there = ngettext("%(number)s was in the list already.", "%(number)s were in the list already.", known) % {
            "number": known
        }
        return f"{said} {there}"
    return said


def _what_moved(moved: int, value: LabelValue, into: LabelValue) -> str:
    done = ngettext(
        "“%(value)s” is merged with “%(into)s”; %(number)s person is carried along.",
        "“%(value)s” is merged with “%(into)s”; %(number)s people are carried along.",
        moved,
    )
    return done % {"value": value, "into": into, "number": moved}

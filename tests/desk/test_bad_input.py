"""Test that NEN's desk answers wrong values and too many rows with a message, not with an error page (C76)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from companies.models import Company
from desk.action_admin import MAX_NEW_ROWS
from tests.clients import signed_in
from tests.factories import make_admin, make_company, make_person
from tests.pages.access_cast import one_of_everything

NO_NUMBERS = ("x", "-1", "1.5", "9" * 30, "\x00", "é" * 9000, "٣")
QUERIES = (
    "p=x",
    "p=-1",
    "p=" + "9" * 20,
    "o=99.x",
    "q=" + "é" * 3000,
    "id__exact=x",
    "pk__in=x",
    "company__id__exact=x",
)


@pytest.fixture
def company(db: None) -> Company:
    return make_company("Voorbeeld BV", "voorbeeld.example")


@pytest.fixture
def browser(company: Company) -> Client:
    staff = make_person("nen@nen.example", is_staff=True, is_superuser=True)
    one_of_everything(company, make_admin(company))
    return signed_in(staff)


def page_of(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model.__name__)
def test_wrong_field_values_and_wrong_filters_cause_no_server_error_at_the_desk(
    model: type[Model], browser: Client
) -> None:
    pk = model._default_manager.values_list("pk", flat=True).first() or 1
    for url in (page_of(model, "add"), page_of(model, "change", pk)):
        context: Any = browser.get(url).context or {}
        fields = context["adminform"].form.fields if "adminform" in context else {}
        for value in NO_NUMBERS:
            sent = dict.fromkeys(fields, value) | {"_save": "1"}
            assert browser.post(url, sent).status_code < 500, (url, value)
    for query in QUERIES:
        assert browser.get(f"{page_of(model, 'changelist')}?{query}").status_code < 500, query
    for value in ("x", "-1", "9" * 30):
        assert browser.get(page_of(model, "change", value)).status_code < 500, value


@pytest.mark.parametrize("total", ["2000", "-1", "x", "9" * 12])
@pytest.mark.parametrize("rows", ["domains", "licenses"])
def test_a_company_form_never_builds_more_rows_than_the_maximum(
    rows: str, total: str, browser: Client, company: Company
) -> None:
    for url in (page_of(Company, "add"), page_of(Company, "change", company.pk)):
        page = browser.post(url, {f"{rows}-TOTAL_FORMS": total, f"{rows}-INITIAL_FORMS": "0", "_save": "1"})

        assert page.status_code == 200
        assert all(len(each.formset.forms) <= MAX_NEW_ROWS for each in page.context["inline_admin_formsets"])

"""Queries that Django writes once (`pages.company.users.prepared`)."""

from __future__ import annotations

import pytest
from django.db.models import QuerySet

from companies.models import Company
from pages.company.users.prepared import Prepared
from tests.factories import company_with

pytestmark = pytest.mark.django_db


def test_it_is_written_once_and_asked_with_other_facts_each_time() -> None:
    written = []

    def write(company: int) -> QuerySet[Company, tuple[object, ...]]:
        written.append(company)
        return Company.objects.filter(pk=company).values_list("pk", "name")

    name_of = Prepared(write, company=-1)
    one, other = company_with("Een", "een.example"), company_with("Twee", "twee.example")

    assert name_of.row(company=one.pk) == (one.pk, "Een")
    assert name_of.row(company=other.pk) == (other.pk, "Twee")
    assert name_of.row(company=0) is None
    assert written == [-1]


def test_a_fact_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError):
        Prepared(lambda company: Company.objects.filter(pk=company).values_list("pk"), company=-1).row()

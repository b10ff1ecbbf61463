"""Test adding and removing documents of a licence."""

from __future__ import annotations

from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from companies.models import Company
from licenses.access import readable_by
from licenses.actions.collections import add_document, remove_document
from licenses.actions.terms import set_documents
from licenses.models import Document, Grant
from nenconnect.rules.errors import RuleError
from requests_app.actions.asking import request_license
from requests_app.models import RequestStatus
from requests_app.previews.license_changes import LicensePreview, preview_removing_document
from tests.at_once import run_at_once
from tests.factories import (
    make_admin,
    make_collection,
    make_company,
    make_document,
    make_grants,
    make_license,
    make_pending_person,
    make_person,
)
from tests.licenses.changes.previews import shown


class TestCollection:
    def test_an_admin_fills_it_up_to_the_maximum(self, as_admin: Client, company: Company) -> None:
        collection = make_collection(company, max_documents=2)
        documents = [make_document() for _number in range(3)]
        page = reverse("company:add_document", args=[collection.pk])

        assert "2 more documents fit" in shown(as_admin.get(page))
        for item in documents[:2]:
            as_admin.post(page, {"document": item.pk})
        assert "The collection is full" in shown(as_admin.get(page))

        refused = as_admin.post(page, {"document": documents[2].pk}, follow=True)
        assert "may hold 2 documents" in refused.content.decode()
        assert set(collection.documents.all()) == set(documents[:2])

    def test_only_the_kinds_that_nen_allows(self, as_admin: Client, admin: User, company: Company) -> None:
        collection = make_collection(company, allowed_kinds=[Document.Kind.NPR])
        guide, standard = make_document(kind=Document.Kind.NPR), make_document()
        page = as_admin.get(reverse("company:add_document", args=[collection.pk]))

        assert list(page.context["page_obj"]) == [guide]
        with pytest.raises(RuleError, match="NPR"):
            add_document(collection, standard, by=admin)
        assert add_document(collection, guide, by=admin)
        assert not add_document(collection, guide, by=admin)

    def test_the_number_of_losers_is_what_then_happens(
        self, as_admin: Client, company: Company, admin: User, crowd: list[User]
    ) -> None:
        plus = make_document(plus_countries=["NL"])
        collection = make_collection(company, documents=[plus])
        for item in crowd[1:5]:
            make_grants(collection, item)
        make_grants(make_license(company, documents=[plus]), crowd[1])
        User.objects.filter(pk=crowd[2].pk).update(country="JP")
        make_grants(collection, make_person(company=company, is_blocked=True))
        before = {item.pk for item in User.objects.all() if readable_by(item).exists()}

        preview = preview_removing_document(collection, plus)
        page = shown(as_admin.get(reverse("company:remove_document", args=[collection.pk]), {"document": plus.pk}))
        remove_document(collection, plus, by=admin)

        after = {item.pk for item in User.objects.all() if readable_by(item).exists()}
        assert preview == LicensePreview(lose=2, documents=1)
        assert len(before - after) == preview.lose
        assert "2 colleagues can no longer open it." in page

    def test_a_package_is_nens(self, as_admin: Client, admin: User, company: Company) -> None:
        package = make_license(company, documents=[make_document()])
        item = package.documents.get()

        for name in ("add_document", "remove_document"):
            url = reverse(f"company:{name}", args=[package.pk])
            assert as_admin.post(url, {"document": item.pk}).status_code == 404
        for change in (add_document, remove_document):
            with pytest.raises(RuleError):
                change(package, item, by=admin)

    def test_nen_cannot_add_more_documents_than_the_maximum(self, staff: User, company: Company) -> None:
        collection = make_collection(company, max_documents=1)

        with pytest.raises(RuleError, match="1"):
            set_documents(collection, [make_document(), make_document()], by=staff)


@pytest.mark.django_db(transaction=True)
def test_ten_admins_adding_at_once_do_not_exceed_the_maximum() -> None:
    company = make_company("Voorbeeld BV")
    admin = make_admin(company)
    collection = make_collection(company, max_documents=3)
    collection.documents.add(make_document(), make_document())

    documents = [make_document() for _number in range(10)]
    answers = run_at_once([partial(add_document, collection, item, by=admin) for item in documents])

    assert answers.count(True) == 1
    assert sum(isinstance(answer, RuleError) for answer in answers) == 9
    assert collection.documents.count() == 3


class TestList:
    def test_it_says_what_will_happen_and_then_does_just_that(
        self, as_admin: Client, company: Company, other_company: Company, admin: User, colleague: User
    ) -> None:
        license = make_license(company, seats=3)
        has_it, blocked = make_person(company=company), make_person(company=company, is_blocked=True)
        make_grants(license, has_it)
        pending, late = make_pending_person(company=company), make_person(company=company)
        stranger = make_person(company=other_company)
        addresses = [colleague, has_it, blocked, pending, stranger, late]
        page = reverse("company:give_list", args=[license.pk])
        typed = ", \n".join(f"<{item.email.upper()}>" for item in addresses) + "\nonzin@@x zomaar"

        seen = as_admin.post(page, {"addresses": typed})
        assert "2 colleagues get the licence." in shown(seen)
        assert Grant.objects.count() == 1

        done = as_admin.post(page, {"addresses": typed, "sure": "1"})
        refusals = {item.address: item.refusal for item in done.context["recipients"]}
        assert set(Grant.objects.values_list("user", flat=True)) == {has_it.pk, colleague.pk, pending.pk}
        assert refusals[stranger.email].startswith("No one at your company")
        assert refusals["onzin@@x"].startswith("No one at your company")
        assert refusals[blocked.email].startswith("Blocked")
        assert refusals[late.email] == "There is no free seat left."

    def test_open_requests_of_those_on_the_list_are_answered(
        self, as_admin: Client, company: Company, colleague: User
    ) -> None:
        license = make_license(company)
        license_request = request_license(license, by=colleague)
        page = reverse("company:give_list", args=[license.pk])

        as_admin.post(page, {"addresses": colleague.email, "sure": "1"})

        license_request.refresh_from_db()
        assert license_request.status == RequestStatus.APPROVED

    def test_a_mistyped_address_in_a_pasted_list_is_reported(self, as_admin: Client, company: Company) -> None:
        page = reverse("company:give_list", args=[make_license(company).pk])

        seen = as_admin.post(page, {"addresses": "Jan Jansen jan@voorbeeld.example\npiet.voorbeeld.example"})

        assert [item.address for item in seen.context["recipients"]] == [
            "jan@voorbeeld.example",
            "piet.voorbeeld.example",
        ]

    @pytest.mark.parametrize("typed", ["", "geen adres", " , ; "])
    def test_a_pasted_list_without_an_address_is_refused_with_a_message(
        self, typed: str, as_admin: Client, company: Company
    ) -> None:
        page = reverse("company:give_list", args=[make_license(company).pk])

        assert "This did not work yet" in shown(as_admin.post(page, {"addresses": typed}))

    def test_a_pasted_list_of_more_than_500_addresses_is_refused_and_kept_in_the_form(
        self, as_admin: Client, company: Company
    ) -> None:
        typed = "\n".join(f"p{number}@voorbeeld.example" for number in range(501))
        page = reverse("company:give_list", args=[make_license(company).pk])

        answer = as_admin.post(page, {"addresses": typed})

        assert "more than 500 addresses" in shown(answer)
        assert "p500@voorbeeld.example" in shown(answer)


@pytest.mark.usefixtures("_english")
def test_a_withdrawn_document_is_put_in_no_collection(company: Company, admin: User) -> None:
    with pytest.raises(RuleError, match="withdrawn"):
        add_document(make_collection(company), make_document(status="withdrawn"), by=admin)

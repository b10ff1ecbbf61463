"""Test that a document opens only after the check, and is counted once (R25)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.actions.reading import count_opening
from licenses.models import Document, License, Opening
from tests.at_once import run_at_once
from tests.factories import make_company, make_document, make_grants, make_license, make_person
from tests.licenses.opening.reading import PDF, press, read, shown, with_file

SignIn = Callable[[User], Client]


class TestRights:
    def test_a_person_without_access_gets_the_document_neither_by_button_nor_by_address(
        self, as_colleague: Client, colleague: User, company: Company
    ) -> None:
        document = with_file(make_document())
        make_license(company, documents=[document])
        opening = Opening.objects.create(document=document, user=colleague, company=company)

        for answer in (
            press(as_colleague, document),
            as_colleague.get(f"/documenten/{document.pk}/lezen/{opening.pk}/"),
        ):
            assert answer.status_code == 403
            assert "Why do I have no access?" in shown(answer)
            assert PDF not in answer.content
        assert Opening.objects.count() == 1

    def test_losing_access_while_reading_refuses_the_next_part_of_the_file(
        self, as_colleague: Client, colleague: User, company: Company, other_company: Company
    ) -> None:
        document = with_file(make_document())
        make_grants(make_license(company, documents=[document]), colleague)
        place = press(as_colleague, document)["Location"]
        assert as_colleague.get(place).status_code == 200

        License.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
        assert as_colleague.get(place).status_code == 403

        License.objects.update(ends_on=timezone.localdate(), company=other_company)
        assert as_colleague.get(place).status_code == 403

    def test_the_address_of_a_file_is_its_readers_alone(
        self, as_colleague: Client, free: Document, sign_in: SignIn, company: Company
    ) -> None:
        place = press(as_colleague, free)["Location"]

        answer = sign_in(make_person(company=company)).get(place)

        assert answer.status_code == 302
        assert answer["Location"] == reverse("documents:document", args=[free.pk])

    def test_the_address_of_an_opening_works_for_its_own_document_only(
        self, as_colleague: Client, free: Document
    ) -> None:
        place = press(as_colleague, free)["Location"]
        other = with_file(make_document(is_free=True))

        answer = as_colleague.get(place.replace(f"/{free.pk}/", f"/{other.pk}/", 1))

        assert answer.status_code == 302

    def test_an_old_address_leads_to_the_documents_page(self, as_colleague: Client, free: Document) -> None:
        place = press(as_colleague, free)["Location"]
        Opening.objects.update(at=timezone.now() - timedelta(hours=13))

        assert as_colleague.get(place)["Location"] == reverse("documents:document", args=[free.pk])

    def test_a_personal_account_opens_free_documents_only(
        self, personal: User, sign_in: SignIn, free: Document
    ) -> None:
        assert read(sign_in(personal), free).status_code == 200
        assert press(sign_in(personal), with_file(make_document())).status_code == 403

    def test_another_companys_licence_opens_nothing(self, as_colleague: Client, other_company: Company) -> None:
        document = with_file(make_document())
        make_license(other_company, documents=[document], is_company_wide=True)

        assert press(as_colleague, document).status_code == 403

    def test_a_blocked_person_is_out_at_the_next_click(
        self, as_colleague: Client, colleague: User, free: Document
    ) -> None:
        place = press(as_colleague, free)["Location"]
        User.objects.filter(pk=colleague.pk).update(is_blocked=True)

        assert as_colleague.get(place)["Location"].startswith(reverse("account_login"))

    def test_a_pending_person_cannot_open_documents(self, sign_in: SignIn, free: Document) -> None:
        unfinished = make_person(registered_at=None, registration_deadline=timezone.localdate())

        assert press(sign_in(unfinished), free)["Location"].startswith(reverse("account_login"))

    def test_following_an_address_of_the_button_opens_and_counts_nothing(
        self, as_colleague: Client, free: Document
    ) -> None:
        answer = as_colleague.get(reverse("documents:open", args=[free.pk]))

        assert answer["Location"] == reverse("documents:document", args=[free.pk])
        assert not Opening.objects.exists()


class TestCounting:
    def test_an_opening_is_stored_with_person_moment_and_company(
        self, as_colleague: Client, colleague: User, company: Company, free: Document
    ) -> None:
        press(as_colleague, free)

        opening = Opening.objects.get()
        assert (opening.document, opening.user, opening.company) == (free, colleague, company)
        assert timezone.now() - opening.at < timedelta(minutes=1)

    def test_a_reader_that_asks_for_many_pieces_is_counted_once(
        self, as_colleague: Client, free: Document
    ) -> None:
        place = press(as_colleague, free)["Location"]
        for start in range(0, 40, 10):
            assert as_colleague.get(place, headers={"range": f"bytes={start}-{start + 9}"}).status_code == 206

        assert Opening.objects.count() == 1

    def test_a_second_click_at_once_is_the_same_opening_an_hour_later_is_not(
        self, as_colleague: Client, free: Document
    ) -> None:
        assert press(as_colleague, free)["Location"] == press(as_colleague, free)["Location"]
        Opening.objects.update(at=timezone.now() - timedelta(hours=1))
        press(as_colleague, free)

        assert Opening.objects.count() == 2

    def test_the_company_stays_with_the_opening_when_the_person_leaves(
        self, as_colleague: Client, colleague: User, company: Company, free: Document
    ) -> None:
        press(as_colleague, free)
        colleague.delete()

        opening = Opening.objects.get()
        assert (opening.user, opening.company) == (None, company)


@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_once_count_as_one_opening() -> None:
    reader, document = make_person(company=make_company("Voorbeeld BV")), make_document(is_free=True)

    run_at_once([lambda: count_opening(document, by=reader)] * 10)

    assert Opening.objects.count() == 1

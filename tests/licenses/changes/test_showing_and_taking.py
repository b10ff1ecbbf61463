"""Test hiding, showing and taking away a licence, with the numbers of its preview."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.access import readable_by
from licenses.actions import switches
from licenses.actions.granting import take_away
from licenses.models import Grant, License
from requests_app.actions.asking import request_license
from requests_app.previews.license_changes import (
    LicensePreview,
    preview_hiding,
    preview_removing_document,
    preview_showing,
    preview_taking_away,
)
from tests.factories import make_collection, make_document, make_grants, make_license, make_person
from tests.licenses.changes.previews import can_read, open_requests, shown


class TestSwitchingShown:
    def test_hiding_touches_no_access_and_no_request(
        self, company: Company, admin: User, crowd: list[User]
    ) -> None:
        license = make_license(company, documents=[make_document()])
        make_grants(license, crowd[1])
        request_license(license, by=crowd[2])
        before, waiting = can_read(license), open_requests()
        could_ask = [item for item in crowd if License.objects.requestable_by(item).filter(pk=license.pk).exists()]

        preview = preview_hiding(license)
        switches.set_shown(license, False, by=admin)

        assert preview == LicensePreview(lose=5, license_requests=1)
        assert len(could_ask) == preview.lose
        assert not any(License.objects.requestable_by(item).exists() for item in crowd)
        assert (can_read(license), open_requests()) == (before, waiting)

        again = preview_showing(License.objects.get())
        switches.set_shown(license, True, by=admin)
        assert again == LicensePreview(gain=5)
        assert sum(License.objects.requestable_by(item).exists() for item in crowd) == 5

    def test_the_page_says_the_numbers(self, as_admin: Client, company: Company, crowd: list[User]) -> None:
        license = make_license(company)
        request_license(license, by=crowd[2])

        question = shown(as_admin.get(reverse("company:set_shown", args=[license.pk])))

        assert "6 colleagues who do not have it no longer see it" in question
        assert "1 open request stays open" in question


class TestTakingAway:
    def test_the_number_is_the_documents_that_are_lost(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        both, mine, free, plus = (
            make_document(),
            make_document(),
            make_document(is_free=True),
            make_document(plus_countries=["BE"]),
        )
        license = make_license(company, documents=[both, mine, free, plus])
        make_grants(license, colleague)
        make_grants(make_license(company, documents=[both]), colleague)
        before = set(readable_by(colleague))

        preview = preview_taking_away(license, colleague)
        take_away(license, user=colleague, by=admin)

        assert preview == LicensePreview(lose=1, documents=1)
        assert before - set(readable_by(colleague)) == {mine}

    @pytest.mark.parametrize("why", ["company-wide", "ended", "blocked", "given until yesterday"])
    def test_nothing_is_lost_where_nothing_was_had_by_it(
        self, why: str, company: Company, admin: User, colleague: User
    ) -> None:
        yesterday = timezone.localdate() - timedelta(days=1)
        license = make_license(company, documents=[make_document()], is_company_wide=why == "company-wide")
        make_grants(license, colleague, ends_on=yesterday if why == "given until yesterday" else None)
        if why == "ended":
            License.objects.update(starts_on=yesterday, ends_on=yesterday)
        colleague.is_blocked = why == "blocked"
        colleague.save()
        colleague.refresh_from_db()
        before = set(readable_by(colleague))

        preview = preview_taking_away(License.objects.get(), colleague)
        take_away(license, user=colleague, by=admin)

        assert preview.documents == 0
        assert set(readable_by(colleague)) == before

    def test_the_page_asks_first(self, as_admin: Client, company: Company, colleague: User) -> None:
        license = make_license(company, documents=[make_document(), make_document()], seats=3)
        make_grants(license, colleague)
        page = reverse("company:take_away", args=[license.pk])

        question = shown(as_admin.get(page, {"user": colleague.pk}))
        assert f"{colleague.name} can no longer open 2 documents." in question
        assert "One seat becomes free." in question
        assert Grant.objects.exists()

        as_admin.post(page, {"user": colleague.pk})
        assert not Grant.objects.exists()
        again = as_admin.post(page, {"user": colleague.pk}, follow=True)
        assert "no longer had" in again.content.decode()


class TestFromThePersonsPage:
    def test_taking_away_says_there_too_what_is_lost(
        self, as_admin: Client, company: Company, colleague: User
    ) -> None:
        license = make_license(company, documents=[make_document()])
        make_grants(license, colleague, ends_on=timezone.localdate())
        page = reverse("company:take_license", args=[colleague.pk])
        link = f"{page}?license={license.pk}"
        assert link in as_admin.get(reverse("company:user", args=[colleague.pk])).content.decode()

        question = as_admin.get(link)
        assert f"{colleague.name} can no longer open 1 document." in shown(question)
        assert Grant.objects.exists()

        answer = as_admin.post(page, {"license": license.pk})
        assert answer["Location"] == reverse("company:user", args=[colleague.pk])
        assert not Grant.objects.exists()

    @pytest.mark.parametrize(
        ("country", "sentence"),
        [
            ("", "No country is filled in yet: 2 Plus documents stay closed until then."),
            ("JP", "2 Plus documents are not available in Japan."),
            ("NL", ""),
        ],
    )
    def test_giving_says_which_plus_documents_stay_closed(
        self, country: str, sentence: str, as_admin: Client, company: Company
    ) -> None:
        license = make_license(company, documents=[make_document(plus_countries=["NL"]) for _number in range(2)])
        for place, data in (("company:give_license", "person"), ("company:give", "license")):
            somebody = make_person(company=company, country=country)
            about = somebody if data == "person" else license
            sent = {"license": license.pk} if data == "person" else {"user": somebody.pk}
            page = as_admin.post(reverse(place, args=[about.pk]), sent, follow=True).content.decode()
            assert ("stay closed" in page or "not available in Japan" in page) is bool(sentence)
            assert sentence in page


def test_a_preview_without_losses_counts_zero(company: Company, colleague: User) -> None:
    item = make_document()
    lapsed, other = make_license(company, documents=[item], seats=2), make_license(company, documents=[item])
    make_grants(lapsed, colleague, ends_on=timezone.localdate() - timedelta(days=1))
    make_grants(other, colleague)
    collection = make_collection(company)
    make_grants(collection, colleague)

    assert preview_taking_away(lapsed, colleague) == LicensePreview()
    assert preview_removing_document(collection, make_document()) == LicensePreview()
    Grant.objects.update(ends_on=None)
    assert preview_taking_away(lapsed, colleague).frees_seat

"""What changing a licence does, and what its preview said before: the numbers are the same (R20–R24)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.access import readable_by
from licenses.actions import switches
from licenses.actions.collections import add_document, remove_document
from licenses.actions.granting import take_away
from licenses.actions.switches import end_company_wide
from licenses.actions.terms import set_documents
from licenses.models import CompanyWideEnd, Document, Grant, License
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app import previews
from requests_app.actions.company_wide import set_company_wide
from requests_app.actions.document_requests import request_document
from requests_app.actions.license_requests import request_license
from requests_app.models import DocumentRequest, LicenseRequest, RequestStatus
from requests_app.previews import Preview
from tests.at_once import at_once
from tests.factories import (
    admin_of,
    collection_for,
    company_with,
    document,
    granted,
    license_for,
    pending_person,
    person,
)

SignIn = Callable[[User], Client]


@pytest.fixture
def as_admin(admin: User, sign_in: SignIn) -> Client:
    User.objects.filter(pk=admin.pk).update(language="en")
    return sign_in(admin)


def can_read(license: License) -> set[int]:
    """Who can open the documents of the licence today."""
    one = license.documents.first()
    return {user.pk for user in User.objects.all() if one and readable_by(user).filter(pk=one.pk).exists()}


def open_requests() -> set[tuple[str, int]]:
    rows = [*LicenseRequest.objects.pending(), *DocumentRequest.objects.pending()]
    return {(type(row).__name__, row.pk) for row in rows}


def shown(answer: Any) -> str:
    main = answer.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


@pytest.fixture
def crowd(company: Company, admin: User, colleague: User, other_company: Company) -> list[User]:
    """Every kind of person: only active members of the company itself count."""
    person(company=company, is_blocked=True)
    pending_person(company=company)
    person(company=other_company)
    return [admin, colleague, *(person(company=company) for _number in range(4))]


class TestCompanyWideOn:
    def test_the_numbers_are_what_then_happens(self, company: Company, admin: User, crowd: list[User]) -> None:
        wide = license_for(company, documents=[document(), document()], is_company_wide_approved=True)
        granted(wide, crowd[1])
        granted(wide, crowd[2], ends_on=timezone.localdate() - timedelta(days=1))  # over: gains again
        before = can_read(wide)
        request_license(wide, by=crowd[3])
        request_document(wide.documents.first(), by=crowd[4])  # type: ignore[arg-type]
        unrelated = request_license(license_for(company), by=crowd[3])

        preview = previews.company_wide_on(wide)
        waiting = open_requests()
        set_company_wide(wide, True, by=admin)

        assert preview == Preview(gain=5, documents=2, license_requests=1, document_requests=1)
        assert len(can_read(wide) - before) == preview.gain
        assert before <= can_read(wide)
        assert len(waiting - open_requests()) == preview.requests
        assert open_requests() == {("LicenseRequest", unrelated.pk)}

    def test_who_was_waiting_gets_the_one_mail(self, company: Company, admin: User, crowd: list[User]) -> None:
        wide = license_for(company, documents=[document()], is_company_wide_approved=True)
        request_license(wide, by=crowd[3])

        set_company_wide(wide, True, by=admin)

        told = OutboxMail.objects.filter(event="license_request_approved")
        assert [mail.recipient for mail in told] == [crowd[3]]
        assert LicenseRequest.objects.get().decided_by == admin

    def test_a_plus_document_that_a_country_does_not_cover_stays_asked_for(
        self, company: Company, admin: User, crowd: list[User]
    ) -> None:
        plus = document(plus_countries=["BE"])
        wide = license_for(company, documents=[plus], is_company_wide_approved=True)
        DocumentRequest.objects.create(company=company, document=plus, user=crowd[3])

        preview = previews.company_wide_on(wide)
        set_company_wide(wide, True, by=admin)

        assert preview.requests == 0
        assert DocumentRequest.objects.pending().count() == 1

    def test_without_nens_approval_it_is_refused(self, company: Company, admin: User) -> None:
        with pytest.raises(RuleError):
            set_company_wide(license_for(company, is_company_wide_approved=False), True, by=admin)

    def test_the_page_says_the_numbers_and_the_button_does_it(
        self, as_admin: Client, company: Company, crowd: list[User]
    ) -> None:
        wide = license_for(company, documents=[document()], is_company_wide_approved=True)
        request_license(wide, by=crowd[3])
        page = reverse("company:set_company_wide", args=[wide.pk])

        asked = as_admin.get(page)
        assert "6 colleagues get access" in shown(asked)
        assert "1 open request is approved by this" in shown(asked)
        assert not License.objects.get().is_company_wide

        as_admin.post(page, {"on": "1"})
        assert License.objects.get().is_company_wide
        twice = as_admin.post(page, {"on": "1"}, follow=True)
        assert "was company-wide already" in twice.content.decode()


class TestCompanyWideOff:
    def test_everyone_who_has_access_keeps_it_and_the_number_says_so(
        self, company: Company, admin: User, crowd: list[User]
    ) -> None:
        wide = license_for(company, documents=[document()], is_company_wide=True)
        granted(wide, crowd[1])
        granted(wide, crowd[2], ends_on=timezone.localdate())
        before = can_read(wide)

        preview = previews.company_wide_off(wide)
        set_company_wide(wide, False, by=admin)
        wide.refresh_from_db()

        assert preview == Preview(keep=6, documents=1)
        assert can_read(wide) == before
        assert len(before) == preview.keep
        assert not wide.is_company_wide
        assert not Grant.objects.filter(ends_on__isnull=False).exists()  # they had it without an end
        new = Grant.objects.filter(origin=Grant.Origin.COMPANY_WIDE)
        assert {grant.granted_by for grant in new} == {admin}
        assert new.count() == 4
        assert person(company=company).pk not in can_read(wide)

    def test_for_many_a_worker_does_it_and_nobody_is_without_access_meanwhile(
        self, company: Company, admin: User, crowd: list[User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(switches, "AT_ONCE", 5)
        wide = license_for(company, documents=[document()], is_company_wide=True)
        before = can_read(wide)

        assert set_company_wide(wide, False, by=admin)
        assert not set_company_wide(wide, False, by=admin)
        assert License.objects.get().is_company_wide
        assert can_read(wide) == before

        end_company_wide()
        end_company_wide()

        wide.refresh_from_db()
        assert not wide.is_company_wide
        assert can_read(wide) == before
        assert not CompanyWideEnd.objects.exists()
        told = AuditEntry.objects.filter(verb__startswith="company_wide").order_by("pk")
        assert [(entry.verb, entry.actor_id) for entry in told] == [
            ("company_wide_ending", admin.pk),
            ("company_wide_switched", admin.pk),
        ]

    def test_switched_on_again_before_the_worker_came_nothing_has_happened(
        self, company: Company, admin: User, crowd: list[User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(switches, "AT_ONCE", 5)
        wide = license_for(company, documents=[document()], is_company_wide=True)
        set_company_wide(wide, False, by=admin)

        assert set_company_wide(wide, True, by=admin)
        end_company_wide()

        assert License.objects.get().is_company_wide
        assert not Grant.objects.exists()

    def test_the_page_says_that_it_is_being_done(
        self, as_admin: Client, company: Company, crowd: list[User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(switches, "AT_ONCE", 5)
        wide = license_for(company, documents=[document()], is_company_wide=True)

        asked = as_admin.get(reverse("company:set_company_wide", args=[wide.pk]))
        assert "6 active colleagues keep access" in shown(asked)
        as_admin.post(reverse("company:set_company_wide", args=[wide.pk]), {"on": "0"})

        assert "It is being turned off" in shown(as_admin.get(reverse("company:license", args=[wide.pk])))


@pytest.mark.django_db(transaction=True)
def test_two_admins_flip_one_switch_at_once_and_it_is_flipped_once() -> None:
    company = company_with("Voorbeeld BV")
    admins = [admin_of(company) for _number in range(6)]
    wide = license_for(company, documents=[document()], is_company_wide=True)

    answers = at_once([partial(set_company_wide, wide, False, by=by) for by in admins])

    assert (answers.count(True), answers.count(False)) == (1, 5)
    assert Grant.objects.count() == 6
    assert AuditEntry.objects.filter(verb="company_wide_switched").count() == 1


class TestShown:
    def test_hiding_touches_no_access_and_no_request(
        self, company: Company, admin: User, crowd: list[User]
    ) -> None:
        license = license_for(company, documents=[document()])
        granted(license, crowd[1])
        request_license(license, by=crowd[2])
        before, waiting = can_read(license), open_requests()
        could_ask = [one for one in crowd if License.objects.requestable_by(one).filter(pk=license.pk).exists()]

        preview = previews.hiding(license)
        switches.set_shown(license, False, by=admin)

        assert preview == Preview(lose=5, license_requests=1)
        assert len(could_ask) == preview.lose
        assert not any(License.objects.requestable_by(one).exists() for one in crowd)
        assert (can_read(license), open_requests()) == (before, waiting)

        again = previews.showing(License.objects.get())
        switches.set_shown(license, True, by=admin)
        assert again == Preview(gain=5)
        assert sum(License.objects.requestable_by(one).exists() for one in crowd) == 5

    def test_the_page_says_the_numbers(self, as_admin: Client, company: Company, crowd: list[User]) -> None:
        license = license_for(company)
        request_license(license, by=crowd[2])

        asked = shown(as_admin.get(reverse("company:set_shown", args=[license.pk])))

        assert "6 colleagues who do not have it no longer see it" in asked
        assert "1 open request stays open" in asked


class TestTakingAway:
    def test_the_number_is_the_documents_that_are_lost(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        both, mine, free, plus = document(), document(), document(is_free=True), document(plus_countries=["BE"])
        license = license_for(company, documents=[both, mine, free, plus])
        granted(license, colleague)
        granted(license_for(company, documents=[both]), colleague)
        before = set(readable_by(colleague))

        preview = previews.taking_away(license, colleague)
        take_away(license, user=colleague, by=admin)

        assert preview == Preview(lose=1, documents=1)
        assert before - set(readable_by(colleague)) == {mine}

    @pytest.mark.parametrize("why", ["company-wide", "ended", "blocked", "given until yesterday"])
    def test_nothing_is_lost_where_nothing_was_had_by_it(
        self, why: str, company: Company, admin: User, colleague: User
    ) -> None:
        yesterday = timezone.localdate() - timedelta(days=1)
        license = license_for(company, documents=[document()], is_company_wide=why == "company-wide")
        granted(license, colleague, ends_on=yesterday if why == "given until yesterday" else None)
        if why == "ended":
            License.objects.update(starts_on=yesterday, ends_on=yesterday)
        colleague.is_blocked = why == "blocked"
        colleague.save()
        colleague.refresh_from_db()
        before = set(readable_by(colleague))

        preview = previews.taking_away(License.objects.get(), colleague)
        take_away(license, user=colleague, by=admin)

        assert preview.documents == 0
        assert set(readable_by(colleague)) == before

    def test_the_page_asks_first(self, as_admin: Client, company: Company, colleague: User) -> None:
        license = license_for(company, documents=[document(), document()], seats=3)
        granted(license, colleague)
        page = reverse("company:take_away", args=[license.pk])

        asked = shown(as_admin.get(page, {"user": colleague.pk}))
        assert f"{colleague.name} can no longer open 2 documents." in asked
        assert "One seat becomes free." in asked
        assert Grant.objects.exists()

        as_admin.post(page, {"user": colleague.pk})
        assert not Grant.objects.exists()
        again = as_admin.post(page, {"user": colleague.pk}, follow=True)
        assert "did not have" in again.content.decode()


class TestCollection:
    def test_an_admin_fills_it_up_to_the_maximum(self, as_admin: Client, company: Company) -> None:
        collection = collection_for(company, max_documents=2)
        documents = [document() for _number in range(3)]
        page = reverse("company:add_document", args=[collection.pk])

        assert "2 more documents fit" in shown(as_admin.get(page))
        for one in documents[:2]:
            as_admin.post(page, {"document": one.pk})
        assert "The collection is full" in shown(as_admin.get(page))

        refused = as_admin.post(page, {"document": documents[2].pk}, follow=True)
        assert "may hold 2 documents" in refused.content.decode()
        assert set(collection.documents.all()) == set(documents[:2])

    def test_only_the_kinds_that_nen_allows(self, as_admin: Client, admin: User, company: Company) -> None:
        collection = collection_for(company, allowed_kinds=[Document.Kind.NPR])
        guide, standard = document(kind=Document.Kind.NPR), document()
        page = as_admin.get(reverse("company:add_document", args=[collection.pk]))

        assert list(page.context["page_obj"]) == [guide]
        with pytest.raises(RuleError, match="NPR"):
            add_document(collection, standard, by=admin)
        assert add_document(collection, guide, by=admin)
        assert not add_document(collection, guide, by=admin)

    def test_the_number_of_losers_is_what_then_happens(
        self, as_admin: Client, company: Company, admin: User, crowd: list[User]
    ) -> None:
        plus = document(plus_countries=["NL"])
        collection = collection_for(company, documents=[plus])
        for one in crowd[1:5]:
            granted(collection, one)
        granted(license_for(company, documents=[plus]), crowd[1])
        User.objects.filter(pk=crowd[2].pk).update(country="JP")
        granted(collection, person(company=company, is_blocked=True))
        before = {one.pk for one in User.objects.all() if readable_by(one).exists()}

        preview = previews.removing_document(collection, plus)
        page = shown(as_admin.get(reverse("company:remove_document", args=[collection.pk]), {"document": plus.pk}))
        remove_document(collection, plus, by=admin)

        after = {one.pk for one in User.objects.all() if readable_by(one).exists()}
        assert preview == Preview(lose=2, documents=1)
        assert len(before - after) == preview.lose
        assert "2 colleagues can no longer open it." in page

    def test_a_package_is_nens(self, as_admin: Client, admin: User, company: Company) -> None:
        package = license_for(company, documents=[document()])
        one = package.documents.get()

        for name in ("add_document", "remove_document"):
            url = reverse(f"company:{name}", args=[package.pk])
            assert as_admin.post(url, {"document": one.pk}).status_code == 404
        for change in (add_document, remove_document):
            with pytest.raises(RuleError):
                change(package, one, by=admin)

    def test_nen_cannot_put_in_more_than_it_allows_either(self, staff: User, company: Company) -> None:
        collection = collection_for(company, max_documents=1)

        with pytest.raises(RuleError, match="1"):
            set_documents(collection, [document(), document()], by=staff)


@pytest.mark.django_db(transaction=True)
def test_of_ten_admins_who_add_at_once_the_last_place_goes_to_one() -> None:
    company = company_with("Voorbeeld BV")
    admin = admin_of(company)
    collection = collection_for(company, max_documents=3)
    collection.documents.add(document(), document())

    documents = [document() for _number in range(10)]
    answers = at_once([partial(add_document, collection, one, by=admin) for one in documents])

    assert answers.count(True) == 1
    assert sum(isinstance(answer, RuleError) for answer in answers) == 9
    assert collection.documents.count() == 3


class TestList:
    def test_it_says_what_will_happen_and_then_does_just_that(
        self, as_admin: Client, company: Company, other_company: Company, admin: User, colleague: User
    ) -> None:
        license = license_for(company, seats=3)
        has_it, blocked = person(company=company), person(company=company, is_blocked=True)
        granted(license, has_it)
        pending, late = pending_person(company=company), person(company=company)
        stranger = person(company=other_company)
        addresses = [colleague, has_it, blocked, pending, stranger, late]
        page = reverse("company:give_list", args=[license.pk])
        typed = ", \n".join(f"<{one.email.upper()}>" for one in addresses) + "\nonzin@@x zomaar"

        seen = as_admin.post(page, {"addresses": typed})
        assert "2 colleagues get the licence." in shown(seen)
        assert Grant.objects.count() == 1

        done = as_admin.post(page, {"addresses": typed, "sure": "1"})
        told = {one.address: one.refusal for one in done.context["asked"]}
        assert set(Grant.objects.values_list("user", flat=True)) == {has_it.pk, colleague.pk, pending.pk}
        assert told[stranger.email].startswith("Nobody at your company")
        assert told["onzin@@x"].startswith("Nobody at your company")
        assert told[blocked.email].startswith("Blocked")
        assert told[late.email] == "No seat is free any more."

    def test_open_requests_of_those_on_the_list_are_answered(
        self, as_admin: Client, company: Company, colleague: User
    ) -> None:
        license = license_for(company)
        asked = request_license(license, by=colleague)
        page = reverse("company:give_list", args=[license.pk])

        as_admin.post(page, {"addresses": colleague.email, "sure": "1"})

        asked.refresh_from_db()
        assert asked.status == RequestStatus.APPROVED

    def test_an_address_that_was_mistyped_is_told_and_not_dropped(
        self, as_admin: Client, company: Company
    ) -> None:
        page = reverse("company:give_list", args=[license_for(company).pk])

        seen = as_admin.post(page, {"addresses": "Jan Jansen jan@voorbeeld.example\npiet.voorbeeld.example"})

        assert [one.address for one in seen.context["asked"]] == [
            "jan@voorbeeld.example",
            "piet.voorbeeld.example",
        ]

    @pytest.mark.parametrize("typed", ["", "geen adres", " , ; "])
    def test_what_holds_no_address_is_told(self, typed: str, as_admin: Client, company: Company) -> None:
        page = reverse("company:give_list", args=[license_for(company).pk])

        assert "This did not work yet" in shown(as_admin.post(page, {"addresses": typed}))

    def test_more_than_500_are_refused_and_what_was_typed_stays(self, as_admin: Client, company: Company) -> None:
        typed = "\n".join(f"p{number}@voorbeeld.example" for number in range(501))
        page = reverse("company:give_list", args=[license_for(company).pk])

        answer = as_admin.post(page, {"addresses": typed})

        assert "more than 500 addresses" in shown(answer)
        assert "p500@voorbeeld.example" in shown(answer)


class TestFromThePersonsPage:
    def test_taking_away_says_there_too_what_is_lost(
        self, as_admin: Client, company: Company, colleague: User
    ) -> None:
        license = license_for(company, documents=[document()])
        granted(license, colleague, ends_on=timezone.localdate())
        page = reverse("company:take_license", args=[colleague.pk])
        link = f"{page}?license={license.pk}"
        assert link in as_admin.get(reverse("company:user", args=[colleague.pk])).content.decode()

        asked = as_admin.get(link)
        assert f"{colleague.name} can no longer open 1 document." in shown(asked)
        assert Grant.objects.exists()

        answer = as_admin.post(page, {"license": license.pk})
        assert answer["Location"] == reverse("company:user", args=[colleague.pk])
        assert not Grant.objects.exists()

    @pytest.mark.parametrize(
        ("country", "said"),
        [
            ("", "No country is filled in yet: 2 Plus documents stay closed until then."),
            ("JP", "2 Plus documents are not available in Japan."),
            ("NL", ""),
        ],
    )
    def test_giving_says_which_plus_documents_stay_closed(
        self, country: str, said: str, as_admin: Client, company: Company
    ) -> None:
        license = license_for(company, documents=[document(plus_countries=["NL"]) for _number in range(2)])
        for place, data in (("company:give_license", "person"), ("company:give", "license")):
            somebody = person(company=company, country=country)
            about = somebody if data == "person" else license
            sent = {"license": license.pk} if data == "person" else {"user": somebody.pk}
            page = as_admin.post(reverse(place, args=[about.pk]), sent, follow=True).content.decode()
            assert ("stay closed" in page or "not available in Japan" in page) is bool(said)
            assert said in page


def test_while_a_worker_has_yet_to_end_it_the_message_says_so_and_newcomers_must_ask(
    as_admin: Client, company: Company, colleague: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switches, "AT_ONCE", 0)
    license = license_for(company, is_company_wide=True)
    place = reverse("company:set_company_wide", args=[license.pk])
    for _again in range(2):
        assert "is being turned off" in shown(as_admin.post(place, {"on": "0"}, follow=True))

    newcomer = person(company=company)
    end_company_wide()

    holders = {one.user for one in Grant.objects.filter(license=license)}
    assert colleague in holders
    assert newcomer not in holders


@pytest.mark.usefixtures("_english")
def test_an_ended_licence_is_switched_by_nobody_and_promises_nothing(
    as_admin: Client, company: Company, admin: User, colleague: User
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    license = license_for(company, ends_on=yesterday, is_company_wide_approved=True, documents=[document()])
    for name, change in {
        "set_company_wide": partial(set_company_wide, license, True, by=admin),
        "set_shown": partial(switches.set_shown, license, False, by=admin),
    }.items():
        with pytest.raises(RuleError, match="has ended"):
            change()
        place = reverse(f"company:{name}", args=[license.pk])
        assert "has ended" in shown(as_admin.get(place, follow=True))
        assert "has ended" in shown(as_admin.post(place, {"on": "1"}, follow=True))
    assert previews.company_wide_on(license) == previews.showing(license) == Preview()


def test_previews_count_nothing_where_there_is_nothing_to_lose(company: Company, colleague: User) -> None:
    one = document()
    lapsed, other = license_for(company, documents=[one], seats=2), license_for(company, documents=[one])
    granted(lapsed, colleague, ends_on=timezone.localdate() - timedelta(days=1))
    granted(other, colleague)
    collection = collection_for(company)
    granted(collection, colleague)

    assert previews.taking_away(lapsed, colleague) == Preview()
    assert previews.removing_document(collection, document()) == Preview()
    Grant.objects.update(ends_on=None)
    assert previews.taking_away(lapsed, colleague).frees_seat


@pytest.mark.usefixtures("_english")
def test_a_withdrawn_document_is_put_in_no_collection(company: Company, admin: User) -> None:
    with pytest.raises(RuleError, match="withdrawn"):
        add_document(collection_for(company), document(status="withdrawn"), by=admin)

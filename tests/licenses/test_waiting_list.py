"""Test the waiting list of a licence without free seats (R24)."""

from __future__ import annotations

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
from licenses.actions.granting import grant, take_away
from licenses.actions.terms import change_terms
from licenses.models import Grant, License
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from nenconnect.rules.errors import RuleError
from requests_app.actions import waiting_list
from requests_app.actions.asking import request_license
from requests_app.actions.deciding import approve, reject, withdraw
from requests_app.models import LicenseRequest
from tests.at_once import run_at_once
from tests.factories import make_admin, make_company, make_document, make_grants, make_license, make_person
from tests.licenses.messages_shown import people_mailed, shown

SignIn = Callable[[User], Client]


@pytest.fixture
def full(company: Company) -> License:
    # One seat, and a person sits on it.
    license = make_license(company, documents=[make_document()], seats=1)
    make_grants(license, make_person(company=company))
    return license


def in_line(license: License, admin: User, *people: User) -> list[LicenseRequest]:
    rows = [request_license(license, by=person) for person in people]
    for row in rows:
        waiting_list.put_in_line(row, by=admin)
        row.refresh_from_db()
    return rows


def free_a_seat(license: License, admin: User) -> None:
    take_away(license, user=license.grants.get().user, by=admin)


class TestLine:
    def test_a_request_put_in_line_stays_open_and_its_requester_is_mailed_the_place(
        self, full: License, company: Company, admin: User, colleague: User
    ) -> None:
        first, second = in_line(full, admin, make_person(company=company), colleague)

        assert [waiting_list.place_of(row) for row in (first, second)] == [1, 2]
        assert second.is_open
        assert people_mailed("license_request_in_line") == [first.user, colleague]
        assert "number 2 in line" in str(render_english(told_of_line(colleague)))

    def test_a_request_cannot_be_put_in_line_while_a_seat_is_free(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        row = request_license(make_license(company, seats=1), by=colleague)

        with pytest.raises(RuleError):
            waiting_list.put_in_line(row, by=admin)

    def test_a_freed_seat_tells_every_admin_who_is_first_and_only_once(
        self, full: License, company: Company, admin: User, colleague: User
    ) -> None:
        other_admin = make_admin(company)
        in_line(full, admin, colleague, make_person(company=company))
        waiting_list.tell_of_free_seats()
        assert people_mailed("seat_free") == []

        free_a_seat(full, admin)
        waiting_list.tell_of_free_seats()
        waiting_list.tell_of_free_seats()

        assert set(people_mailed("seat_free")) == {admin, other_admin}
        assert len(people_mailed("seat_free")) == 2

    def test_admins_are_mailed_about_the_next_in_line_with_the_next_free_seat(
        self, full: License, company: Company, admin: User, colleague: User
    ) -> None:
        first, second = in_line(full, admin, colleague, make_person(company=company))
        free_a_seat(full, admin)
        waiting_list.tell_of_free_seats()
        approve(first, by=admin)
        first.refresh_from_db()
        waiting_list.tell_of_free_seats()
        assert (first.waiting_since, waiting_list.place_of(second), len(people_mailed("seat_free"))) == (
            None,
            1,
            1,
        )

        change_terms(License.objects.get(), by=admin, seats=2)
        waiting_list.tell_of_free_seats()

        assert len(people_mailed("seat_free")) == 2

    def test_a_seat_that_becomes_free_again_is_mailed_again(
        self, full: License, company: Company, admin: User, colleague: User
    ) -> None:
        in_line(full, admin, colleague)
        for mails in (1, 2):
            free_a_seat(full, admin)
            waiting_list.tell_of_free_seats()
            waiting_list.tell_of_free_seats()
            assert len(people_mailed("seat_free")) == mails
            grant(full, to=make_person(company=company), by=admin)

    @pytest.mark.parametrize("how", ["last day passed", "more seats", "person gone", "no maximum any more"])
    def test_admins_are_mailed_about_a_free_seat_however_it_became_free(
        self, how: str, full: License, admin: User, colleague: User
    ) -> None:
        in_line(full, admin, colleague)
        if how == "last day passed":
            Grant.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
        elif how == "person gone":
            full.grants.get().user.delete()
        else:
            change_terms(full, by=admin, seats=2 if how == "more seats" else None)

        waiting_list.tell_of_free_seats()

        assert people_mailed("seat_free") == [admin]

    @pytest.mark.parametrize("how", ["withdrawn", "rejected", "blocked", "left", "licence over"])
    def test_admins_are_not_mailed_about_a_person_who_no_longer_waits(
        self, how: str, full: License, company: Company, admin: User, colleague: User
    ) -> None:
        row = in_line(full, admin, colleague)[0]
        if how == "withdrawn":
            withdraw(row, by=colleague)
        elif how == "rejected":
            reject(row, by=admin)
        elif how == "licence over":
            License.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
        else:
            User.objects.filter(pk=colleague.pk).update(**gone(how))
        free_a_seat(full, admin)

        waiting_list.tell_of_free_seats()

        assert people_mailed("seat_free") == []

    def test_a_mail_about_a_seat_that_is_taken_meanwhile_is_not_sent(
        self, full: License, company: Company, admin: User, colleague: User
    ) -> None:
        in_line(full, admin, colleague)
        free_a_seat(full, admin)
        waiting_list.tell_of_free_seats()
        grant(full, to=make_person(company=company), by=admin)

        with pytest.raises(Exception, match="taken again"):
            render(OutboxMail.objects.get(event="seat_free"))

    def test_pages_offer_the_line_and_show_the_place(
        self, full: License, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        User.objects.update(language="en")
        row = request_license(full, by=colleague)
        page = reverse("requests:license_request", args=[row.pk])
        as_admin, as_colleague = sign_in(admin), sign_in(colleague)

        offered = shown(as_admin.get(page))
        assert "Put in line for a free seat" in offered
        assert "Approve" not in offered
        as_admin.post(reverse("requests:put_in_line", args=[row.pk]))

        assert "Put in line for a free seat" not in shown(as_admin.get(page))
        assert "Number 1, since" in shown(as_colleague.get(page))
        for place in ("requests:license_requests", "profile:profile_licenses"):
            assert "In line for a free seat" in shown(as_colleague.get(reverse(place)))
        assert "1 colleague is in line" in shown(as_admin.get(reverse("company:license", args=[full.pk])))

    def test_a_colleague_does_not_see_the_place_of_another(
        self, full: License, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        row = in_line(full, admin, make_person(company=company))[0]
        User.objects.update(language="en")

        assert "Number 1" not in shown(sign_in(colleague).get(reverse("requests:license_request", args=[row.pk])))


def told_of_line(person: User) -> OutboxMail:
    return OutboxMail.objects.get(event="license_request_in_line", recipient=person)


def gone(how: str) -> dict[str, Any]:
    return {"is_blocked": True} if how == "blocked" else {"company": None}


def render_english(mail: OutboxMail) -> str:
    assert isinstance(mail.recipient, User)
    mail.recipient.language = "en"
    return str(render(mail).body)


@pytest.mark.django_db(transaction=True)
def test_fifty_approvals_at_once_never_exceed_the_seats() -> None:
    company = make_company("Voorbeeld BV")
    admin = make_admin(company)
    license = make_license(company, seats=7)
    rows = [request_license(license, by=make_person(company=company)) for _number in range(50)]

    answers = run_at_once([partial(approve, row, by=admin) for row in rows])

    assert Grant.objects.count() == 7
    assert sum(isinstance(answer, RuleError) for answer in answers) == 43
    assert all("7" in str(answer) for answer in answers if isinstance(answer, RuleError))

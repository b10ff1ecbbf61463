"""Test the history of a person in one list, as an admin needs it who hears "I got no mail"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions import details, membership
from accounts.actions.arrivals import forget_arrivals
from accounts.models import Arrival, User
from companies.models import Company
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.models import OutboxMail
from reports.person_history import history_of
from requests_app.actions.asking import request_license
from tests.every_row import rows_of_every_table
from tests.factories import (
    PASSWORD,
    add_authenticator_app,
    authenticator_code,
    make_admin,
    make_license,
    make_person,
    registration_token,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]

SignIn = Callable[[User], Client]
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
Door = Arrival.Door


def sentences_of(user: User, company: Company | None) -> list[str]:
    companies = None if company is None else [company]
    return [str(event.what) for event in history_of(user, companies=companies).object_list]


class TestArrivals:
    def test_a_sign_in_is_kept_with_its_device_in_words(self, colleague: User) -> None:
        browser = Client(headers={"user-agent": FIREFOX})
        browser.post(reverse("account_login"), {"login": colleague.email, "password": PASSWORD})

        row = Arrival.objects.get()
        assert (row.user, row.door, row.device) == (colleague, Door.PASSWORD, "Firefox, Windows")
        assert row.company == colleague.company

    def test_a_sign_in_with_a_second_step_says_so(self, colleague: User, client: Client) -> None:
        add_authenticator_app(colleague)
        client.post(reverse("account_login"), {"login": colleague.email, "password": PASSWORD})
        assert not Arrival.objects.exists()
        client.post(reverse("mfa_authenticate"), {"code": authenticator_code()})
        assert Arrival.objects.get().door == Door.SECOND_STEP

    def test_a_wrong_password_is_not_kept_as_a_sign_in(self, colleague: User, client: Client) -> None:
        client.post(reverse("account_login"), {"login": colleague.email, "password": "mis"})
        assert not Arrival.objects.exists()

    def test_the_button_of_a_link_is_kept_and_opening_it_is_not(self, pending: User, client: Client) -> None:
        url = reverse("sign_in:registration", args=[registration_token(pending)])
        before = rows_of_every_table()
        client.get(url)
        assert rows_of_every_table() == before
        client.post(url)
        assert Arrival.objects.get().door == Door.REGISTRATION_LINK

    def test_sign_ins_are_kept_for_ninety_days(self, colleague: User) -> None:
        for days in (89, 91):
            at = timezone.now() - timedelta(days=days)
            Arrival.objects.create(user=colleague, door=Door.PASSWORD, at=at)
        forget_arrivals()
        assert Arrival.objects.count() == 1


class TestHistoryList:
    def test_the_person_history_lists_all_kinds_of_events_newest_first(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        queue_mail("account_exists", to=colleague, about=colleague)
        Arrival.objects.create(user=colleague, company=company, door=Door.PASSWORD)
        membership.block(colleague, by=admin)
        assert sentences_of(colleague, company) == [
            "User blocked",
            "Signed in with the password",
            "You have an account already",
        ]
        assert history_of(colleague, companies=[company]).object_list[0].by == admin.name

    def test_the_person_history_shows_nothing_of_another_company(
        self, company: Company, other_company: Company, admin: User, other_admin: User
    ) -> None:
        user = make_person("los@voorbeeld.example", company=other_company)
        request_license(make_license(other_company), by=user)
        Arrival.objects.create(user=user, company=other_company, door=Door.PASSWORD)
        details.change_details(user, by=other_admin, phone="06 1")
        User.objects.filter(pk=user.pk).update(company=company)
        assert sentences_of(user, company) == []
        assert len(sentences_of(user, None)) >= 3  # NEN sees all

    def test_the_person_history_does_not_name_people_who_moved_to_another_company(
        self, company: Company, other_company: Company, admin: User, colleague: User
    ) -> None:
        gone = make_admin(company, name="Gerrit Geweest")
        details.change_details(colleague, by=gone, phone="06 1")
        User.objects.filter(pk=gone.pk).update(company=other_company)
        assert history_of(colleague, companies=[company]).object_list[0].by == "A person who is no longer here"

    def test_the_page_takes_as_many_queries_for_three_hundred_events_as_for_three(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        browser, url, taken = sign_in(admin), reverse("company:user", args=[colleague.pk]), []
        for number in (1, 99):
            for index in range(number):
                queue_mail("account_exists", to=colleague, about=colleague, once_per=f"{number}-{index}")
                Arrival.objects.create(user=colleague, company=company, door=Door.PASSWORD)
                details.change_details(colleague, by=admin, phone=f"06 {number}{index}")
            with CaptureQueriesContext(connection) as queries:
                page = browser.get(url)
            taken.append(len(queries))
        assert taken[0] == taken[1]
        assert page.context["history"].paginator.count == 300
        assert OutboxMail.objects.count() == 100
        assert "?page=2" in page.content.decode()


class TestWhatToDo:
    def test_an_address_on_no_domain_says_that_registration_cannot_be_finished(
        self, company: Company, admin: User, pending: User, sign_in: SignIn
    ) -> None:
        User.objects.filter(pk=admin.pk).update(language="en")
        company.domains.update(name="anders.example")
        page = sign_in(User.objects.get(pk=admin.pk)).get(reverse("company:user", args=[pending.pk]))
        assert "registration cannot be finished" in page.content.decode()

    def test_the_only_admin_is_warned_and_two_are_not(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        User.objects.filter(pk=admin.pk).update(language="en")
        browser, url = sign_in(User.objects.get(pk=admin.pk)), reverse("company:user", args=[admin.pk])
        assert "You are the only active admin." in browser.get(url).content.decode()
        make_admin(company)
        assert "You are the only active admin." not in browser.get(url).content.decode()

"""Test the pages about colleagues who left."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from members.actions.departures import run_departures
from members.models import Departure
from nenconnect.tables.files import csv_pieces
from tests.factories import make_grants, make_license, make_person
from tests.members.leaving.departures import left

SignIn = Callable[[User], Client]
BLOCK, REMOVE = Departure.Kind.BLOCK, Departure.Kind.REMOVE


class TestLeavingPages:
    def test_a_pasted_list_of_leavers_shows_colleagues_and_their_licences(
        self, admin: User, company: Company, colleague: User, other_admin: User, sign_in: SignIn
    ) -> None:
        make_grants(make_license(company, name="Bouw"), colleague)
        User.objects.filter(pk=colleague.pk).update(last_login=timezone.now())
        pasted = f"Coen <Collega@VOORBEELD.example>; weg@voorbeeld.example\n{other_admin.email}"

        page = sign_in(admin).post(reverse("company:leavers"), {"addresses": pasted}).content.decode()

        assert "1 colleague of this list is still here." in page
        assert "2 addresses are not known at your company." in page
        assert "Bouw" in page
        assert other_admin.name not in page

    def test_an_uploaded_list_of_leavers_shows_colleagues(
        self, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        content = b"".join(csv_pieces([["Gebruikersnaam", "Naam"], [colleague.email, "Coen"]]))

        page = sign_in(admin).post(reverse("company:leavers"), {"table": SimpleUploadedFile("weg.csv", content)})

        assert "1 colleague of this list is still here." in page.content.decode()

    @pytest.mark.parametrize("content", [b"\x89PNG\r\n\x00\x00", b"Voornaam\nJan", b"PK\x03\x04 no zip"])
    def test_an_invalid_leavers_table_is_refused_beside_the_field(
        self, content: bytes, admin: User, sign_in: SignIn
    ) -> None:
        page = sign_in(admin).post(reverse("company:leavers"), {"table": SimpleUploadedFile("weg.csv", content)})

        assert 'id="id_table_error"' in page.content.decode()

    def test_an_admin_can_remove_a_leaver_and_undo_the_removal(
        self, admin: User, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        browser = sign_in(admin)
        answer = browser.post(reverse("company:leave"), {"user": [colleague.pk], "kind": "remove"})
        page = answer["Location"]
        assert browser.get(page)["Refresh"] == "2"

        run_departures()
        assert "Undo this" in browser.get(page).content.decode()

        row = Departure.objects.get()
        browser.post(reverse("company:undo_departure", args=[row.pk]))
        run_departures()
        assert "This was undone" in browser.get(page).content.decode()
        colleague.refresh_from_db()
        assert colleague.company == company

    @pytest.mark.parametrize("data", [{}, {"kind": "remove"}, {"kind": "eat", "user": "1"}, {"user": "x"}])
    def test_an_invalid_departure_form_starts_no_departure(
        self, data: dict[str, str], admin: User, sign_in: SignIn
    ) -> None:
        answer = sign_in(admin).post(reverse("company:leave"), data)

        assert answer["Location"] == reverse("company:leavers")
        assert not Departure.objects.exists()

    def test_an_admin_cannot_see_or_undo_a_departure_of_another_company(
        self, admin: User, colleague: User, other_admin: User, sign_in: SignIn
    ) -> None:
        row = left(colleague, kind=REMOVE, by=admin)
        browser = sign_in(other_admin)

        assert browser.get(reverse("company:departure", args=[row.pk])).status_code == 404
        assert browser.post(reverse("company:undo_departure", args=[row.pk])).status_code == 404

    def test_the_leaver_pages_need_as_many_queries_for_30_people_as_for_3(
        self, admin: User, company: Company, sign_in: SignIn
    ) -> None:
        browser, license = sign_in(admin), make_license(company)
        numbers = []
        for size in (3, 30):
            people = [make_person(company=company) for _number in range(size)]
            make_grants(license, *people)
            with CaptureQueriesContext(connection) as queries:
                browser.post(
                    reverse("company:leavers"), {"addresses": "\n".join(person.email for person in people)}
                )
            row = left(*people, kind=BLOCK, by=admin)
            with CaptureQueriesContext(connection) as more:
                browser.get(reverse("company:departure", args=[row.pk]))
            numbers.append((len(queries), len(more)))
        # The second look at the list has one row of the past week, which costs no query.
        assert numbers[0] == numbers[1]

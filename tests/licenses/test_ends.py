"""Test licences that a person has until a date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.access import can_open
from licenses.actions.granting import grant, set_end
from licenses.models import Grant, License
from licenses.tasks import remind_of_ending_grants
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from nenconnect.rules.errors import RuleError
from tests.factories import make_document, make_grants, make_license, make_person
from tests.licenses.messages_shown import people_mailed, shown

SignIn = Callable[[User], Client]
MORNING = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Amsterdam"))  # a Tuesday


class TestEnds:
    def test_after_its_last_day_a_licence_opens_nothing_and_holds_no_seat(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        license = make_license(company, documents=[make_document()], seats=1)
        document = license.documents.get()
        today = timezone.localdate()
        grant(license, to=colleague, by=admin, ends_on=today)
        assert can_open(colleague, document)

        with time_machine.travel(timezone.now() + timedelta(days=1)):
            assert not can_open(colleague, document)
            assert License.objects.with_counts().get().seats_used == 0
            grant(license, to=make_person(company=company), by=admin)
            with pytest.raises(RuleError, match="1"):
                set_end(license, user=colleague, ends_on=None, by=admin)

    @pytest.mark.parametrize(("days", "is_fine"), [(-1, False), (0, True), (265, True), (266, False)])
    def test_the_day_lies_between_today_and_the_licences_own_end(
        self, days: int, is_fine: bool, company: Company, admin: User, colleague: User
    ) -> None:
        license = make_license(company)
        day = timezone.localdate() + timedelta(days=days)
        changes: list[Callable[[], object]] = [
            partial(grant, license, to=make_person(company=company), by=admin, ends_on=day),
            partial(set_end, license, user=colleague, ends_on=day, by=admin),
        ]
        make_grants(license, colleague)

        for change in changes:
            if is_fine:
                change()
            else:
                with pytest.raises(RuleError) as refused:
                    change()
                assert refused.value.field == "ends_on"

    def test_given_again_after_its_end_it_is_a_new_one(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        license = make_license(company)
        make_grants(license, colleague, ends_on=timezone.localdate() - timedelta(days=1))

        grant(license, to=colleague, by=admin)

        assert Grant.objects.get().ends_on is None

    def test_the_page_extends_a_grant_and_keeps_a_refused_day_in_the_form(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        User.objects.filter(pk=admin.pk).update(language="en")
        license = make_license(company)
        make_grants(license, colleague, ends_on=timezone.localdate())
        client, page = sign_in(admin), reverse("company:set_end", args=[license.pk])

        assert "A week before, the colleague gets a mail" in shown(client.get(page, {"user": colleague.pk}))
        refused = client.post(page, {"user": colleague.pk, "ends_on": "2001-02-03"})
        assert "This day has passed." in shown(refused)
        assert "2001-02-03" in refused.content.decode()
        nonsense = client.post(page, {"user": colleague.pk, "ends_on": "morgen"})
        assert "Write the day as" in shown(nonsense)

        client.post(page, {"user": colleague.pk, "ends_on": str(license.ends_on)})
        assert Grant.objects.get().ends_on == license.ends_on
        client.post(page, {"user": colleague.pk, "ends_on": ""})
        assert Grant.objects.get().ends_on is None

    def test_giving_until_a_day_from_the_licences_page(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        license, day = make_license(company), timezone.localdate() + timedelta(days=30)
        client = sign_in(admin)
        response = client.get(
            reverse("company:license", args=[license.pk]), {"give": colleague.name, "ends_on": str(day)}
        )
        assert f'name="ends_on" value="{day}"' in response.content.decode()

        client.post(reverse("company:give", args=[license.pk]), {"user": colleague.pk, "ends_on": str(day)})

        assert Grant.objects.get().ends_on == day

    def test_a_person_is_mailed_once_a_week_before_a_licence_ends_and_again_after_an_extension(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        with time_machine.travel(MORNING, tick=False):
            license = make_license(company)
            set_day = partial(set_end, license, user=colleague, by=admin)
            make_grants(license, colleague, make_person(company=company))
            set_day(ends_on=timezone.localdate() + timedelta(days=7))
            for _twice in range(2):
                remind_of_ending_grants()
            assert people_mailed("grant_ending") == [colleague]

            set_day(ends_on=timezone.localdate() + timedelta(days=20))
            with pytest.raises(Exception, match="until another day"):
                render(OutboxMail.objects.get(event="grant_ending"))

        with time_machine.travel(MORNING + timedelta(days=13), tick=False):
            remind_of_ending_grants()
            assert people_mailed("grant_ending") == [colleague, colleague]

    def test_a_person_who_keeps_access_is_not_mailed_about_an_ending_licence(
        self, company: Company, colleague: User
    ) -> None:
        day = timezone.localdate() + timedelta(days=5)
        make_grants(make_license(company, is_company_wide=True), colleague, ends_on=day)
        make_grants(make_license(company, ends_on=day), colleague, ends_on=day)  # NEN tells the admins of that one
        make_grants(make_license(company), make_person(company=company, is_blocked=True), ends_on=day)

        remind_of_ending_grants()

        assert people_mailed("grant_ending") == []


class TestPlus:
    def test_people_who_cannot_open_plus_documents_are_marked_where_the_licence_is_given(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        User.objects.filter(pk=admin.pk).update(language="en")
        license = make_license(
            company,
            documents=[
                make_document(),
                make_document(plus_countries=["NL"]),
                make_document(plus_countries=["NL", "BE"]),
            ],
        )
        nowhere = make_person(company=company, name="Nel Nergens", country="")
        abroad = make_person(company=company, name="Jo Japan", country="JP")
        here = make_person(company=company, name="Hein Hier", country="NL")
        make_grants(license, nowhere)

        page = shown(
            sign_in(admin).get(reverse("company:license", args=[license.pk]), {"give": company.domains.get().name})
        )

        assert "Jo Japan" in page
        assert f"{here.email} Give" in page.replace(" – ", " ").replace("  ", " ")
        assert page.count("Plus documents not in Japan") == 1
        assert page.count("No country filled in: 2 Plus documents stay closed") == 1
        assert abroad.email in page

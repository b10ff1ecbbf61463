"""Download of data about a person: JSON, without data of anybody else (C43)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import details, membership
from accounts.actions.password import ask_password_reset
from accounts.actions.registration import NewColleague, add_user, invite_to_join
from accounts.models import AddressChange, Arrival, Deputy, User
from companies.models import Company, LabelValue
from licenses.actions.granting import take_away
from licenses.actions.reading import count_opening
from members.models import PeopleChange, PeopleChangeLine
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from reports.own_data import SECTIONS, own_data
from requests_app.actions import approving_documents, asking_first, deciding
from requests_app.actions.asking import request_document, request_license
from requests_app.actions.deciding import give_license, withdraw
from tests.factories import (
    make_admin,
    make_collection,
    make_company,
    make_document,
    make_license,
    make_move_request,
    make_person,
    make_terms_version,
)
from tests.smtp_sink import SmtpSink

SignIn = Callable[[User], Client]
URL = "/mijn-profiel/mijn-gegevens/"
pytestmark = pytest.mark.django_db


def download(user: User, sign_in: SignIn) -> dict[str, Any]:
    response = sign_in(user).post(URL)
    assert response.status_code == 200
    data: dict[str, Any] = json.loads(response.content)
    return data


class TestTheFile:
    def test_the_own_data_file_is_json_with_a_clear_name_and_is_not_cached(
        self, colleague: User, sign_in: SignIn
    ) -> None:
        response = sign_in(colleague).post(URL)

        assert response["Content-Type"] == "application/json"
        assert response["Cache-Control"] == "no-store"
        name = f"{timezone.localdate().isoformat()}.json"
        assert response["Content-Disposition"].startswith('attachment; filename="nen-connect-')
        assert response["Content-Disposition"].endswith(f'{name}"')
        assert "Coen Collega" in response.content.decode()

    def test_opening_the_own_data_page_does_not_download_the_file(self, colleague: User, sign_in: SignIn) -> None:
        # No link elsewhere makes a browser fetch the file: that takes the button of the page.
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(colleague)

        assert "attachment" not in browser.get(URL).headers.get("Content-Disposition", "")
        assert browser.post(URL).status_code == 403

    def test_the_own_data_file_contains_everything_the_person_did(self, world: Any, sign_in: SignIn) -> None:
        data = download(world.person, sign_in)

        empty = {name for name in SECTIONS if not data[name]}
        assert empty <= {"account_manager_of", "addresses", "departures", "desk_log", "invitations_to_join"}
        assert data["account"]["email"] == world.person.email
        assert data["account"]["phone"] == "06 1234"
        assert data["company"]["name"] == "Voorbeeld BV"
        assert data["label"]["value"] == "Bouw"
        assert {row["status"] for row in data["license_requests"]} == {"Approved", "Rejected", "Withdrawn"}
        assert "Omdat ik het nodig heb" in {row["reason"] for row in data["license_requests"]}
        assert "Vraag een ander" in {row["reason_for_rejection"] for row in data["license_requests"]}
        assert data["terms_accepted"]
        assert data["requests_to_move"]
        assert [row["kind"] for row in data["second_steps"]]
        assert data["devices"][0]["internet_address"] == "127.0.0.1"

    def test_the_own_data_file_has_the_text_of_a_mail_as_sent(
        self, colleague: User, sign_in: SignIn, smtp_sink: SmtpSink
    ) -> None:
        ask_password_reset(colleague.email)
        drain()

        (mail,) = download(colleague, sign_in)["mails"]

        assert "Coen Collega" in mail["text"]
        assert mail["sent_at"]
        assert "…" in mail["text"]  # where the link gave access

    def test_the_own_data_file_has_no_secrets_that_open_the_account(self, world: Any, sign_in: SignIn) -> None:
        text = json.dumps(download(world.person, sign_in))

        assert "GEHEIM" not in text
        assert world.person.password not in text
        assert "session_key" not in text
        assert str(sign_in(world.person).session.session_key) not in text

    def test_own_data_needs_a_sign_in_and_that_of_staff_has_the_desk_log_without_names(
        self, client: Client, personal: User, staff: User
    ) -> None:
        assert client.post(URL).status_code == 302
        LogEntry.objects.create(
            user=staff,
            content_type=ContentType.objects.get_for_model(User),
            object_id="1",
            object_repr="Kanarie",
            action_flag=2,
        )

        data = own_data(staff)

        assert data["desk_log"][0]["kind"]
        assert "Kanarie" not in str(data)
        assert own_data(personal)["company"] is None


class TestNobodyElse:
    def test_the_own_data_file_has_no_name_address_or_number_of_a_colleague(
        self, world: Any, sign_in: SignIn, smtp_sink: SmtpSink
    ) -> None:
        drain()  # now the texts of all mails are kept

        text = json.dumps(download(world.person, sign_in), ensure_ascii=False)

        for other in User.objects.exclude(pk=world.person.pk).exclude(merged_into=world.person):
            assert other.name not in text, other.name
            assert other.email not in text
        assert "anarie" not in text

    def test_the_own_data_file_of_an_admin_has_no_mails_about_colleagues(
        self, company: Company, admin: User, sign_in: SignIn, smtp_sink: SmtpSink
    ) -> None:
        canary = make_person(
            "kanarie@voorbeeld.example", company=company, name="Kanarie Vogel", is_mail_rerouted=True
        )
        license_request = request_license(make_license(company), by=canary, reason="Kanariegeel")
        deciding.reject(license_request, by=admin, reason="Geen kanaries")
        ask_password_reset(canary.email)
        drain()
        assert OutboxMail.objects.filter(recipient=admin, sent_text__contains="Kanarie").count() >= 2

        data = download(admin, sign_in)

        assert len(data["mails"]) >= 2
        assert {mail["text"] for mail in data["mails"]} == {None}
        assert data["decisions"]
        assert "anarie" not in json.dumps(data)

    def test_the_own_data_file_has_no_numbers_of_others_in_its_audit(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        others = [make_person(pk=8_000_000 + number, company=company) for number in range(3)]
        for other in others:
            membership.change_role(other, User.Role.ADMIN, by=admin)
            membership.block(other, by=admin)
            details.change_details(admin, by=others[0], phone="06 55")
        about = {"verb": "mail_rerouted", "subjects": {"user": admin.pk}, "company_id": company.pk}
        AuditEntry.objects.create(details={"event": "password_reset", "to": [others[0].pk]}, **about)

        text = json.dumps(download(admin, sign_in)["audit"])

        assert "8000" not in text
        assert '"about_you": true' in text
        assert '"by_you": true' in text

    def test_a_mail_read_for_another_person_is_not_in_the_data_of_the_reader(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        # Even where it is about a thing of the company.
        canary = make_admin(company, name="Kanarie Vogel")
        fields = {"recipient": admin, "on_behalf_of": canary, "about": {"company": company.pk}}
        OutboxMail.objects.create(
            event="license_requests_waiting", message_id="<a@x>", key="a", sent_text="Voor Kanarie Vogel", **fields
        )

        assert "Kanarie" not in json.dumps(download(admin, sign_in))

    def test_a_mail_about_an_unknown_object_is_not_in_the_own_data_file(
        self, colleague: User, sign_in: SignIn
    ) -> None:
        fields = {"recipient": colleague, "message_id": "<a@x>", "key": "a", "sent_text": "Over Kanarie"}
        OutboxMail.objects.create(event="something_new", about={"something": 7}, **fields)

        assert "Kanarie" not in json.dumps(download(colleague, sign_in))


@pytest.mark.parametrize("kind", ["personal", "colleague", "admin", "staff"])
def test_the_own_data_file_is_json_for_every_person(
    kind: str, request: pytest.FixtureRequest, sign_in: SignIn
) -> None:
    assert download(request.getfixturevalue(kind), sign_in)["site"]


class FullLife:
    def __init__(self, company: Company, admin: User, sign_in: SignIn) -> None:
        # A person who has done everything, among canaries.
        User.objects.filter(pk=admin.pk).update(name="Kanarie Beheerder", email="kanarie-beheer@voorbeeld.example")
        admin.refresh_from_db()
        Company.objects.filter(pk=company.pk).update(user_label="Afdeling")
        label = LabelValue.objects.create(company=company, name="Bouw")
        self.person = make_person(
            "zelf@voorbeeld.example",
            company=company,
            name="Zelma Zelf",
            phone="06 1234",
            label=label,
            language="en",
        )
        Company.objects.filter(pk=company.pk).update(contact_email=self.person.email, contact_person="Zelma Zelf")
        self._ask(company, admin)
        self._decide(company)
        self._rest(company, admin, sign_in)
        today = timezone.localdate()
        days = {"first_day": today, "last_day": today}
        Deputy.objects.create(company=company, user=self.person, admin=admin, **days)

    def _ask(self, company: Company, admin: User) -> None:
        first, second, third = (make_license(company) for _number in range(3))
        deciding.approve(request_license(first, by=self.person, reason="Omdat ik het nodig heb"), by=admin)
        deciding.reject(request_license(second, by=self.person), by=admin, reason="Vraag een ander")
        withdraw(request_license(third, by=self.person), by=self.person)
        give_license(third, to=self.person, by=admin)
        take_away(third, user=self.person, by=admin)
        collection = make_collection(company)
        document = make_document()
        license_request = request_document(document, by=self.person, reason="Graag")
        request_document(document, by=make_person(company=company, name="Kanarie Mee"))
        approving_documents.approve_document(license_request, license=collection, by=admin)
        count_opening(document, by=self.person)
        open_one = request_license(make_license(company), by=self.person)
        asking_first.ask_first(open_one, "Voor welk project?", by=admin)
        asking_first.answer(open_one, "Zuidas", by=self.person)
        deciding.approve(open_one, by=admin)

    def _decide(self, company: Company) -> None:
        # As an admin, for a while.
        User.objects.filter(pk=self.person.pk).update(role=User.Role.ADMIN)
        self.person.refresh_from_db()
        canary = make_person("kanarie@voorbeeld.example", company=company, name="Kanarie Vogel")
        license_request = request_license(make_license(company), by=canary, reason="Kanariegeel")
        deciding.approve(license_request, by=self.person)
        add_user(company, NewColleague(email="kanarie2@voorbeeld.example", name="Kanarie Nieuw"), by=self.person)
        membership.block(canary, by=self.person)

    def _rest(self, company: Company, admin: User, sign_in: SignIn) -> None:
        make_terms_version(accepted_by=[self.person, admin])
        other = make_company("Buren BV", "voorbeeld.example")
        make_admin(other, name="Kanarie Buur")
        make_move_request(other, self.person)
        make_person("oud@voorbeeld.example", merged_into=self.person, is_blocked=True)
        Authenticator.objects.create(user=self.person, type="totp", data={"secret": "GEHEIM"})
        client = Client()
        client.post(reverse("account_login"), {"login": self.person.email, "password": "verkeerd-wachtwoord"})
        assert sign_in(self.person).get("/hulp/").status_code == 200
        invite_to_join(other, make_person("kanarie-los@post.example"), role="user", by=admin)
        AddressChange.objects.create(user=self.person, address="zelma@voorbeeld.example", asked_by=admin)
        Arrival.objects.create(user=self.person, company=company, door=Arrival.Door.PASSWORD)
        together = PeopleChange.objects.create(company=company, kind="give_license", created_by=admin)
        PeopleChangeLine.objects.create(change=together, user=self.person, outcome="done", reason="Kanarie")


@pytest.fixture
def world(company: Company, admin: User, sign_in: SignIn) -> FullLife:
    return FullLife(company, admin, sign_in)

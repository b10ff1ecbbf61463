"""Test the page of a user: licences, details, mails, and removal from the company."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.registration import NewColleague, add_user, invite_to_join
from accounts.models import User
from companies.models import Company
from licenses.models import Grant
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.models import REROUTED, MailStatus, OutboxMail
from tests.factories import make_admin, make_grants, make_license, make_person
from tests.pages.company.users.user_page import page_of, press


@pytest.mark.parametrize(("allowed", "email"), [(True, ""), (False, ""), (True, "los@elders.example")])
def test_removing_warns_and_offers_a_block_when_the_person_can_register_again(
    as_admin: Client, company: Company, allowed: bool, email: str
) -> None:
    Company.objects.filter(pk=company.pk).update(allows_self_registration=allowed)
    user = make_person(email, company=company)

    page = as_admin.get(reverse("company:remove_user", args=[user.pk])).content.decode()

    assert ("Self-registration is on" in page) == (allowed and not email)
    assert (reverse("company:block", args=[user.pk]) in page) == (allowed and not email)


def test_a_rerouted_mail_is_shown_as_passed_on_to_the_admins(as_admin: Client, colleague: User) -> None:
    OutboxMail.objects.create(
        event="password_reset", key="x", recipient=colleague, status=MailStatus.SUPPRESSED, reason=REROUTED
    )

    page = as_admin.get(page_of(colleague)).content.decode()

    assert "Passed on to the company admins" in page
    assert "Not sent" not in page


def test_a_phone_number_with_letters_is_refused(as_admin: Client, colleague: User) -> None:
    edit = reverse("company:edit_user", args=[colleague.pk])
    for phone, is_accepted in [
        ("06-12345678", True),
        ("+31 6 12345678", True),
        ("(015) 2 690 391", True),
        ("bel mij", False),
        ("06-1234567a", False),
        ("()", False),
    ]:
        answer = as_admin.post(edit, {"name": "Coen", "phone": phone, "country": "NL"})
        assert (answer.status_code == 302) == is_accepted, phone
    assert "such as 06-12345678" in answer.content.decode()


def test_an_admin_gives_a_licence_and_takes_it_away(as_admin: Client, company: Company, colleague: User) -> None:
    license = make_license(company, name="Bouwpakket", seats=3)

    assert "Bouwpakket (0 of 3 seats in use)" in as_admin.get(page_of(colleague)).content.decode()
    assert "has “Bouwpakket” now" in press(as_admin, "give_license", colleague, license=license.pk)
    assert Grant.objects.filter(user=colleague, license=license).exists()

    press(as_admin, "take_license", colleague, license=license.pk)
    assert not Grant.objects.exists()


def test_giving_a_licence_without_free_seats_is_refused(
    as_admin: Client, company: Company, colleague: User
) -> None:
    license = make_license(company, seats=1)
    make_grants(license, make_person(company=company))

    assert "All 1 seats" in press(as_admin, "give_license", colleague, license=license.pk)
    assert not Grant.objects.filter(user=colleague).exists()


def test_an_ended_licence_cannot_be_given(as_admin: Client, company: Company, colleague: User) -> None:
    today = timezone.localdate()
    license = make_license(company, starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1))

    assert "has ended" in press(as_admin, "give_license", colleague, license=license.pk)
    assert not Grant.objects.exists()


@pytest.mark.parametrize("posted", ["", "x", "²", "9" * 30, "foreign"])
def test_giving_or_taking_a_licence_of_another_company_is_a_404(
    as_admin: Client, colleague: User, other_company: Company, posted: str
) -> None:
    foreign = make_license(other_company)
    value = str(foreign.pk) if posted == "foreign" else posted

    for button in ("give_license", "take_license"):
        answer = as_admin.post(reverse(f"company:{button}", args=[colleague.pk]), {"license": value})
        assert answer.status_code == 404


def test_removing_a_person_asks_for_confirmation_and_takes_their_licences(
    as_admin: Client, company: Company, colleague: User
) -> None:
    make_grants(make_license(company, name="Bouwpakket"), colleague)
    url = reverse("company:remove_user", args=[colleague.pk])

    assert "Bouwpakket" in as_admin.get(url).content.decode()
    assert Grant.objects.exists()
    answer = as_admin.post(f"{url}?back=q%3Dcoen")

    assert answer.headers["Location"] == f"{reverse('company:users')}?q=coen"
    colleague.refresh_from_db()
    assert (colleague.company, colleague.is_active) == (None, True)
    assert not Grant.objects.exists()


@pytest.mark.parametrize("back", ["\r\nX-Evil: 1", "//evil.example/", "javascript:alert(1)"])
def test_after_removing_a_person_the_way_back_stays_on_our_list_of_users(
    as_admin: Client, colleague: User, back: str
) -> None:
    url = reverse("company:remove_user", args=[colleague.pk])

    answer = as_admin.post(f"{url}?{urlencode({'back': back})}")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{reverse('company:users')}?")


def test_the_details_form_changes_neither_address_role_nor_company(
    as_admin: Client, colleague: User, other_company: Company
) -> None:
    posted = {
        "name": "Coen C.",
        "phone": "1",
        "country": "DE",
        "is_mail_rerouted": "on",
        "email": "kaap@voorbeeld.example",
        "role": "admin",
        "company": other_company.pk,
        "is_staff": "on",
    }
    before = User.objects.values("email", "role", "company", "is_staff").get(pk=colleague.pk)

    as_admin.post(reverse("company:edit_user", args=[colleague.pk]), posted)

    colleague.refresh_from_db()
    assert (colleague.name, str(colleague.country), colleague.is_mail_rerouted) == ("Coen C.", "DE", True)
    assert User.objects.values("email", "role", "company", "is_staff").get(pk=colleague.pk) == before


def test_a_refused_details_form_keeps_the_typed_values(as_admin: Client, colleague: User) -> None:
    answer = as_admin.post(reverse("company:edit_user", args=[colleague.pk]), {"name": "", "phone": "123"})

    assert list(answer.context["form"].errors) == ["name"]
    assert answer.context["form"]["phone"].value() == "123"


def test_the_page_of_a_person_lists_their_mails_with_status(
    as_admin: Client, company: Company, admin: User
) -> None:
    user = add_user(company, NewColleague(email="jan@voorbeeld.example", name="Jan"), by=admin)
    assert "Waiting: goes out in a moment" in as_admin.get(page_of(user)).content.decode()

    OutboxMail.objects.update(status=MailStatus.FAILED, reason="550 No such mailbox")

    page = as_admin.get(page_of(user)).content.decode()
    assert "Registration mail" in page
    assert "Refused: 550 No such mailbox" in page


def test_the_page_of_a_person_hides_the_invitation_of_another_company(
    as_admin: Client, company: Company, other_company: Company, other_admin: User
) -> None:
    user = make_person("pim@bouwbedrijf.example")
    invite_to_join(other_company, user, role="user", by=other_admin)
    User.objects.filter(pk=user.pk).update(company=company)

    assert "Invitation to join" not in as_admin.get(page_of(user)).content.decode()


@pytest.mark.parametrize("about", ["company", "license"])
def test_the_page_of_a_person_hides_reminders_about_another_company(
    as_admin: Client, company: Company, other_company: Company, about: str
) -> None:
    user = make_admin(company)
    things = {"company": other_company, "license": make_license(other_company)}
    queue_mail("license_ending", to=user, about=things[about])
    assert "Reminder" not in as_admin.get(page_of(user)).content.decode()

    own_things = {"company": company, "license": make_license(company)}
    queue_mail("license_ending", to=user, about=own_things[about])
    assert "Reminder" in as_admin.get(page_of(user)).content.decode()


def test_the_page_of_a_person_shows_mail_to_the_contact_person_and_its_sending_date(
    as_admin: Client, company: Company
) -> None:
    user = make_person(company=company)
    tomorrow = timezone.now() + timedelta(days=1)
    mail = queue_mail("password_reset", to=user, about=user)
    contact = {"recipient": None, "on_behalf_of": user, "address": "karin@voorbeeld.example"}
    OutboxMail.objects.filter(pk=mail.pk).update(**contact, due_at=tomorrow)

    page = as_admin.get(page_of(user)).content.decode()

    assert "karin@voorbeeld.example" in page.replace("<wbr>", "")
    assert "Waiting: goes out on" in page


def test_the_page_of_a_user_takes_as_many_queries_for_30_rows_as_for_3(
    as_admin: Client, company: Company, colleague: User
) -> None:
    def queries(rows: int) -> int:
        for number in range(rows):
            make_grants(make_license(company), colleague)
            make_license(company)
            OutboxMail.objects.create(
                event="password_reset",
                key=f"password_reset:{rows}:{number}",
                recipient=colleague,
                about={"user": colleague.pk},
                message_id=f"<{rows}.{number}@nen.example>",
            )
        with CaptureQueriesContext(connection) as captured:
            assert as_admin.get(page_of(colleague)).status_code == 200
        return len(captured)

    assert queries(3) == queries(27)


@pytest.mark.parametrize("stranger", ["other_admin", "personal", "staff"])
@pytest.mark.parametrize(
    "name",
    [
        "user", "edit_user", "send_registration_again", "change_role", "block", "unblock", "end_lock",
        "give_license", "take_license", "remove_user",
    ],
)  # fmt: skip
def test_the_pages_of_a_person_outside_the_company_are_a_404_for_an_admin(
    as_admin: Client, stranger: str, name: str, request: pytest.FixtureRequest
) -> None:
    user: User = request.getfixturevalue(stranger)
    url = reverse(f"company:{name}", args=[user.pk])

    assert as_admin.post(url, {"role": "admin", "license": "1"}).status_code in {404, 405}
    assert as_admin.get(url).status_code in {404, 405}

"""Test „Gebruiker toevoegen" (R10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import JoinInvitation, User
from companies.models import Company
from licenses.models import Grant, License
from nenconnect.mail.models import OutboxMail
from tests.factories import make_grants, make_license, make_pending_person, make_person

SignIn = Callable[[User], Client]


def page_of(user: User) -> str:
    return reverse("company:user", args=[user.pk])


def messages_of(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def typed(**changes: Any) -> dict[str, Any]:
    return {"role": "user", "email": "jan@voorbeeld.example", "name": "Jan Jansen"} | changes


def test_adding_a_user_sends_the_registration_mail_and_leads_to_their_page(
    as_admin: Client, company: Company
) -> None:
    license = make_license(company)
    posted = typed(phone="06 12345678", country="BE", license=license.pk, email=" Jan@Voorbeeld.example ")

    answer = as_admin.post(reverse("company:add_user"), posted)

    jan = User.objects.get(email="jan@voorbeeld.example")
    assert answer.headers["Location"] == page_of(jan)
    assert messages_of(answer) == "Jan Jansen is saved. The registration mail goes to jan@voorbeeld.example."
    assert (jan.company, jan.role, jan.phone, str(jan.country)) == (company, "user", "06 12345678", "BE")
    assert Grant.objects.filter(user=jan, license=license).exists()
    assert [mail.event for mail in OutboxMail.objects.filter(recipient=jan)] == ["registration_invited"]


def test_the_form_to_add_a_user_has_its_fields_and_names_the_allowed_domains(as_admin: Client) -> None:
    answer = as_admin.get(reverse("company:add_user"))

    assert list(answer.context["form"].fields) == [
        "role", "email", "name", "phone", "country", "is_blocked", "is_mail_rerouted", "license",
    ]  # fmt: skip
    assert "Allowed domains: voorbeeld.example." in answer.content.decode()
    assert "Anneke Beheerder" in answer.context["form"].fields["is_mail_rerouted"].help_text


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("email", {"email": "jan@elders.example"}),
        ("email", {"email": "jan@voorbeeld.example@elders.example"}),
        ("email", {"email": "geen adres"}),
        ("email", {"email": "beheerder@voorbeeld.example"}),
        ("email", {"email": "BEHEERDER@Voorbeeld.EXAMPLE"}),
        ("email", {"email": "jan@voorb\u0435eld.example"}),  # a Cyrillic e
        ("email", {"email": "jan@v\u00f6orbeeld.example"}),
        ("email", {"email": "jan@evil-voorbeeld.example"}),
        ("email", {"email": "jan@voorbeeld.example.evil.com"}),
        ("phone", {"phone": "bel mij"}),
        ("email", {"email": ""}),
        ("name", {"name": ""}),
        ("name", {"name": "x" * 151}),
        ("name", {"name": "Jan\u202enesnaJ"}),
        ("name", {"name": "Jan\x0bJansen"}),
        ("name", {"name": "Jan\x00Jansen"}),
        ("role", {"role": "staff"}),
        ("country", {"country": "XX"}),
        ("license", {"license": "999999"}),
    ],
)
def test_adding_a_user_with_a_wrong_field_shows_the_error_there_and_saves_nothing(
    as_admin: Client, field: str, changes: dict[str, str]
) -> None:
    answer = as_admin.post(reverse("company:add_user"), typed(**changes))

    assert answer.status_code == 200
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert form["name"].value() == changes.get("name", "Jan Jansen")
    assert User.objects.count() == 1
    assert not OutboxMail.objects.exists()


def test_adding_an_address_outside_the_domains_names_the_allowed_domains(as_admin: Client) -> None:
    answer = as_admin.post(reverse("company:add_user"), typed(email="jan@evil-voorbeeld.example"))

    assert "Allowed: voorbeeld.example." in answer.content.decode()


def test_adding_a_user_of_another_company_is_refused_without_naming_the_company(
    as_admin: Client, company: Company, other_company: Company
) -> None:
    other_company.domains.create(name="gedeeld.example")
    company.domains.create(name="gedeeld.example")
    make_person("piet@gedeeld.example", company=other_company)

    answer = as_admin.post(reverse("company:add_user"), typed(email="piet@gedeeld.example"))

    assert list(answer.context["form"].errors) == ["email"]
    assert other_company.name not in answer.content.decode()


@pytest.mark.parametrize("phone", ["06-12345678", "06 12 34 56 78", "+31 6 12345678", "(015) 2 690 391", ""])
def test_a_phone_number_is_saved_as_typed(as_admin: Client, phone: str) -> None:
    as_admin.post(reverse("company:add_user"), typed(phone=phone))

    assert User.objects.exclude(role="admin").get().phone == phone


def test_adding_a_colleague_who_has_not_registered_yet_is_refused_at_the_address(
    as_admin: Client, pending: User
) -> None:
    answer = as_admin.post(reverse("company:add_user"), typed(email=pending.email.upper()))

    assert answer.context["form"].errors["email"] == ["This address is already in your list of users."]


def test_adding_a_newcomer_of_another_company_is_refused_without_naming_the_company(
    as_admin: Client, other_company: Company
) -> None:
    elsewhere = make_pending_person("noor@voorbeeld.example", company=other_company)

    answer = as_admin.post(reverse("company:add_user"), typed(email=elsewhere.email))

    assert list(answer.context["form"].errors) == ["email"]
    assert other_company.name not in answer.content.decode()


def test_adding_a_user_with_an_ended_or_foreign_licence_is_refused(
    as_admin: Client, company: Company, other_company: Company
) -> None:
    today = timezone.localdate()
    ended = make_license(company, starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1))

    for license in (ended, make_license(other_company)):
        answer = as_admin.post(reverse("company:add_user"), typed(license=license.pk))
        assert list(answer.context["form"].errors) == ["license"]
    assert not Grant.objects.exists()


def test_adding_a_user_without_a_free_seat_saves_no_person_and_no_mail(
    as_admin: Client, company: Company, admin: User
) -> None:
    license = make_license(company, seats=1)
    make_grants(license, admin)

    answer = as_admin.post(reverse("company:add_user"), typed(license=license.pk))

    assert "seats" in str(answer.context["form"].errors["license"])
    assert f"{license} (full: all seats in use (1))" in answer.content.decode()
    assert not User.objects.filter(email="jan@voorbeeld.example").exists()
    assert not OutboxMail.objects.exists()


def test_the_empty_choice_of_country_reads_not_filled_in(as_admin: Client, colleague: User) -> None:
    for url in (reverse("company:add_user"), reverse("company:edit_user", args=[colleague.pk])):
        page = as_admin.get(url).content.decode()
        assert "Not filled in</option>" in page
        assert "-----" not in page


def test_adding_a_user_with_rerouted_mail_announces_the_admins_address(as_admin: Client) -> None:
    answer = as_admin.post(reverse("company:add_user"), typed(is_mail_rerouted="on"))

    assert "goes to beheerder@voorbeeld.example, on behalf of jan@voorbeeld.example" in messages_of(answer)


def test_adding_a_blocked_user_announces_that_no_mail_is_sent(as_admin: Client) -> None:
    answer = as_admin.post(reverse("company:add_user"), typed(is_blocked="on"))

    assert "No mail goes out until you unblock" in messages_of(answer)
    assert User.objects.get(email="jan@voorbeeld.example").is_blocked


def test_adding_the_owner_of_a_personal_account_sends_an_invitation(as_admin: Client, company: Company) -> None:
    owner = make_person("pim@voorbeeld.example", name="Pim")

    answer = as_admin.post(reverse("company:add_user"), typed(email=owner.email, role="admin"))

    assert answer.headers["Location"] == reverse("company:users")
    assert "pim@voorbeeld.example has a personal account already" in messages_of(answer)
    owner.refresh_from_db()
    assert (owner.company, owner.name) == (None, "Pim")
    assert JoinInvitation.objects.get().role == "admin"
    assert [mail.event for mail in OutboxMail.objects.filter(recipient=owner)] == ["join_invited"]


def test_the_address_of_nen_staff_cannot_be_added(as_admin: Client, company: Company, staff: User) -> None:
    company.domains.create(name="nen.example")

    answer = as_admin.post(reverse("company:add_user"), typed(email=staff.email))

    assert list(answer.context["form"].errors) == ["email"]
    staff.refresh_from_db()
    assert staff.company is None
    assert License.objects.count() == 0

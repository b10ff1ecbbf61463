"""Test how companies of the same name are told apart, and closed companies name their admin."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.actions.registering_oneself import register_self
from accounts.models import JoinInvitation, User
from companies.models import Company
from licenses.access import readable_by
from nenconnect.mail.models import OutboxMail
from tests.every_mail import body_part, message_as_sent
from tests.factories import (
    PASSWORD,
    make_company,
    make_document,
    make_license,
    make_pending_person,
    make_person,
    registration_token,
)

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
BOTH = ("Voorbeeld BV – Noord", "Voorbeeld BV – Zuid")
ADDRESS = "nieuw@voorbeeld.example"


@pytest.fixture
def twins(db: None) -> list[Company]:
    return [make_company("Voorbeeld BV", "voorbeeld.example", department=name) for name in ("Zuid", "Noord")]


def at_the_password(client: Client, user: User) -> str:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    client.post(reverse("sign_in:registration", args=[registration_token(user)]))
    return client.get(reverse("sign_in:choose_password")).content.decode()


def test_a_person_who_registers_chooses_a_company_by_name_and_department(
    client: Client, twins: list[Company]
) -> None:
    user = make_pending_person(ADDRESS)

    page = at_the_password(client, user)

    assert [page.index(name) for name in BOTH] == sorted(page.index(name) for name in BOTH)
    form = {"company": twins[0].pk, "password": PASSWORD, "repeat": PASSWORD}
    client.post(reverse("sign_in:choose_password"), form)
    user.refresh_from_db()
    assert user.company == twins[0]


def test_the_owner_of_a_personal_account_joins_a_company_and_can_read_at_once(
    sign_in: SignIn, twins: list[Company]
) -> None:
    make_license(twins[1], documents=[make_document(), make_document()], is_company_wide=True)
    user = make_person(ADDRESS)
    browser = sign_in(user)

    for name in ("home:home", "profile:profile"):
        page = browser.get(reverse(name)).content.decode()
        assert all(both in page for both in BOTH), name
    answer = browser.post(reverse("profile:join", args=[twins[1].pk]), follow=True)

    assert BOTH[0] in answer.content.decode()
    user.refresh_from_db()
    assert user.company == twins[1]
    assert readable_by(user).count() == 2


def test_the_company_page_and_the_profile_show_the_department(sign_in: SignIn, twins: list[Company]) -> None:
    browser = sign_in(make_person(company=twins[0], role=User.Role.ADMIN))

    assert "Zuid" in browser.get(reverse("company:company")).content.decode()
    assert BOTH[1] in browser.get(reverse("profile:profile")).content.decode()


def test_staff_can_set_the_department_of_a_company(sign_in: SignIn, staff: User, company: Company) -> None:
    url = reverse("admin:companies_company_change", args=[company.pk])
    browser = sign_in(staff)
    form = browser.get(url).context["adminform"].form
    typed = {name: form[name].value() or "" for name in form.fields if name != "allows_self_registration"}
    management = {
        f"{formset.formset.prefix}-{name}": value
        for formset in browser.get(url).context["inline_admin_formsets"]
        for name, value in {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}.items()
    }

    for name, is_saved in (("Advies & ontwerp", True), ("Regel\u202eom", False)):
        answer = browser.post(url, typed | management | {"department": name, "allows_self_registration": "on"})
        company.refresh_from_db()
        assert (answer.status_code == 302, company.department == name) == (is_saved, is_saved)


# A company without self-registration (R17) --------------------------------------------------------------------


@pytest.fixture
def closed(db: None) -> Company:
    return make_company("Gesloten BV", "voorbeeld.example", allows_self_registration=False)


def test_an_address_of_a_company_without_self_registration_gets_a_personal_account(
    client: Client, closed: Company
) -> None:
    user = make_pending_person(ADDRESS)

    page = at_the_password(client, user)

    assert "Your address fits Gesloten BV, but there only an admin adds people." in page
    assert "Until then you have a personal account" in page
    assert closed.contact_person not in page
    assert closed.contact_email not in page
    form = {"company": "none", "password": PASSWORD, "repeat": PASSWORD}
    client.post(reverse("sign_in:choose_password"), form)
    user.refresh_from_db()
    assert (user.is_active, user.company) == (True, None)


def test_registration_mentions_a_company_without_self_registration_beside_an_open_company(
    client: Client, closed: Company, company: Company
) -> None:
    page = at_the_password(client, make_pending_person(ADDRESS))

    assert "Your address belongs to Voorbeeld BV" in page
    assert "Your address fits Gesloten BV" in page
    assert "Your address fits Voorbeeld BV" not in page
    assert "Until then" not in page


def test_only_the_owner_of_an_address_learns_which_company_fits_the_address(
    client: Client, closed: Company
) -> None:
    register_self(ADDRESS, "Noor", language="en")
    mail = message_as_sent(OutboxMail.objects.get())
    for kind in ("plain", "html"):
        assert "Your address fits Gesloten BV" in " ".join(body_part(mail, kind).split())

    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    client.post(reverse("sign_in:register"), {"name": "Noor", "email": ADDRESS})
    for name in ("sign_in:register", "sign_in:register_done"):  # anybody can type an address there
        assert "Gesloten" not in client.get(reverse(name)).content.decode()
    link = reverse("sign_in:registration", args=[registration_token(User.objects.get())])
    assert "Gesloten" not in client.get(link).content.decode()


def test_the_registration_mail_of_a_company_member_does_not_name_other_companies(
    company: Company, closed: Company
) -> None:
    user = make_pending_person(ADDRESS, company=company, registration_origin=User.Origin.SELF)
    register_self(user.email, "Noor", language="nl")
    OutboxMail.objects.all().delete()
    User.objects.update(registration_sent_at=None)
    register_self(user.email, "Noor", language="nl")

    assert "Gesloten" not in body_part(message_as_sent(OutboxMail.objects.get()), "plain")


def test_the_home_page_and_profile_of_a_personal_account_name_a_fitting_company(
    sign_in: SignIn, closed: Company
) -> None:
    browser = sign_in(make_person(ADDRESS, language="en"))

    for name in ("home:home", "profile:profile"):
        assert "Your address fits Gesloten BV" in browser.get(reverse(name)).content.decode(), name


def test_an_invited_person_is_offered_to_join_and_not_advised_to_ask_an_admin(
    sign_in: SignIn, closed: Company
) -> None:
    user = make_person(ADDRESS, language="en")
    JoinInvitation.objects.create(company=closed, user=user)

    page = sign_in(user).get(reverse("home:home")).content.decode()

    assert "Your address fits" not in page
    assert reverse("profile:join", args=[closed.pk]) in page


def test_a_personal_account_on_another_domain_does_not_see_the_company(
    sign_in: SignIn, closed: Company, personal: User
) -> None:
    for name in ("home:home", "profile:profile"):
        assert "Gesloten" not in sign_in(personal).get(reverse(name)).content.decode()

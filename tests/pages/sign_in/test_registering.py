"""Test registering, and the choice of a company that follows."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import JoinInvitation, User
from nenconnect.mail.models import OutboxMail
from tests.factories import make_company, make_pending_person
from tests.pages.sign_in.links import NEW_PASSWORD, link_for, without_tokens

# Registering --------------------------------------------------------------------------------


@pytest.mark.parametrize("account", ["collega", "nieuw", "geblokkeerd", "onbekend"])
def test_registering_gives_the_same_answer_for_every_address(client, colleague, pending, blocked, account):
    data = {"name": "Iemand", "email": f"{account}@voorbeeld.example"}
    response = client.post(reverse("sign_in:register"), data)
    assert (response.status_code, response["Location"]) == (302, reverse("sign_in:register_done"))
    done = client.get(reverse("sign_in:register_done"))
    assert done.status_code == 200
    assert without_tokens(done.content).count(data["email"].encode()) == 2  # as typed, in the lead and in the list


def test_registering_with_a_new_address_mails_the_link(client, db):
    client.post(reverse("sign_in:register"), {"name": "Iemand", "email": "IEMAND@Voorbeeld.example"})
    mail = OutboxMail.objects.get()
    assert mail.recipient
    assert (mail.event, mail.recipient.email) == ("registration_requested", "iemand@voorbeeld.example")


def test_registering_with_an_existing_address_mails_that_it_has_an_account(client, colleague):
    client.post(reverse("sign_in:register"), {"name": "Iemand", "email": colleague.email})
    assert OutboxMail.objects.get().event == "account_exists"
    colleague.refresh_from_db()
    assert colleague.name == "Coen Collega"


@pytest.mark.parametrize("address", ["geen adres", "a@acme.nl@evil.com", "a@localhost", "=?utf-8?q?x?=@acme.nl"])
def test_registering_with_an_invalid_address_is_refused_and_keeps_the_typed_name(english, db, address):
    response = english.post(reverse("sign_in:register"), {"name": "Iemand", "email": address})
    assert response.status_code == 200
    assert response.context["form"].errors["email"]
    assert 'href="#id_email"' in response.content.decode()
    assert 'value="Iemand"' in response.content.decode()
    assert not OutboxMail.objects.exists()


@pytest.mark.parametrize("name", ["Jan\vJansen", "Jan\u202esnaJ", "Jan\nBcc: x@y.nl", "x" * 151, ""])
def test_registering_refuses_a_name_that_is_not_one_line_of_text(client, db, name):
    response = client.post(reverse("sign_in:register"), {"name": name, "email": "iemand@voorbeeld.example"})
    assert response.context["form"].errors["name"]
    assert not User.objects.exists()


# The link of the registration mail ------------------------------------------------------------------


def test_a_person_invited_by_nen_can_join_from_another_domain(sign_in, company, personal):
    JoinInvitation.objects.create(company=company, user=personal, role="admin", origin=User.Origin.NEN)
    User.objects.filter(pk=personal.pk).update(language="en")
    browser = sign_in(personal)
    assert "You become an admin of this company." in browser.get("/").content.decode()
    browser.post(reverse("profile:join", args=[company.pk]))
    personal.refresh_from_db()
    assert (personal.company, personal.role) == (company, "admin")


def test_a_newcomer_chooses_one_of_the_companies_with_the_domain_of_their_address(client, company):
    other = make_company("Voorbeeld Techniek", "voorbeeld.example")
    someone = make_pending_person("twee@voorbeeld.example")
    client.post(link_for(someone))
    page = client.get(reverse("sign_in:choose_password")).content.decode()
    assert page.count('type="radio"') == 3
    data = {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    assert client.post(reverse("sign_in:choose_password"), data).context["form"].errors["company"]
    client.post(reverse("sign_in:choose_password"), {"company": other.pk, **data})
    someone.refresh_from_db()
    assert (someone.company, someone.role) == (other, User.Role.USER)


def test_a_newcomer_cannot_choose_a_company_that_was_not_offered(client, company, other_company):
    make_company("Voorbeeld Techniek", "voorbeeld.example")
    someone = make_pending_person("twee@voorbeeld.example")
    client.post(link_for(someone))
    data = {"company": other_company.pk, "password": NEW_PASSWORD, "repeat": NEW_PASSWORD, "role": "admin"}
    assert client.post(reverse("sign_in:choose_password"), data).context["form"].errors["company"]
    someone.refresh_from_db()
    assert someone.is_pending


def test_a_newcomer_is_warned_when_the_domain_is_removed_while_they_choose_a_password(client, company):
    someone = make_pending_person("een@voorbeeld.example")
    client.post(link_for(someone))
    company.domains.all().delete()
    data = {"company": company.pk, "password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    response = client.post(reverse("sign_in:choose_password"), data)
    assert response["Location"] == reverse("sign_in:choose_password")
    someone.refresh_from_db()
    assert someone.is_pending
    client.post(reverse("sign_in:choose_password"), {**data, "company": "none"})
    someone.refresh_from_db()
    assert (someone.is_active, someone.company) == (True, None)

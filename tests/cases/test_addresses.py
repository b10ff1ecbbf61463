"""Test in the pages which addresses may register and join which company (C1–C7).

The rules themselves: tests/accounts and tests/companies.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.actions.finishing_registration import companies_to_choose, finish_registration
from accounts.actions.registration import NewColleague, add_user
from accounts.models import User
from companies.domains import add_domain, remove_domain
from companies.models import Company
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from nenconnect.translations import ROOMS
from pages.forms import AddressField
from tests.factories import PASSWORD, make_company, make_pending_person, registration_token
from tests.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
UNUSUAL_ADDRESSES = [
    '"jan"@voorbeeld.example',
    '"jan@voorbeeld.example"@evil.example',
    "=?utf-8?q?jan=40voorbeeld.example?=@evil.example",
    "jan%voorbeeld.example@evil.example",
    "evil.example!jan@voorbeeld.example",
    "\u212aarel@voorbeeld.example",
    "\u0131ris@voorbeeld.example",
    "jan@voor\u200bbeeld.example",
    f"{'a' * 65}@voorbeeld.example",
    "jan@voorbeeld.example\nBcc: all@evil.example",
]


def register(address: str) -> User:
    Client().post(reverse("sign_in:register"), {"name": "Jan Jansen", "email": address})
    return User.objects.latest("pk")


def status_of_adding(browser: Client, address: str) -> int:
    form_data = {"role": "user", "email": address, "name": "Jan Jansen"}
    return browser.post(reverse("company:add_user"), form_data).status_code


@pytest.mark.parametrize(
    "address", ["jan@evil-voorbeeld.example", "jan@voorbeeld.example.evil.com", "jan@sub.voorbeeld.example"]
)
def test_c01_an_address_on_a_lookalike_domain_does_not_get_into_the_company(
    address: str, company: Company, admin: User, sign_in: SignIn
) -> None:
    assert companies_to_choose(register(address)) == []
    assert status_of_adding(sign_in(admin), address) == 200
    assert not User.objects.filter(email=address, company=company).exists()


def test_c01_an_address_with_two_at_signs_is_refused(company: Company, admin: User, sign_in: SignIn) -> None:
    before = User.objects.count()
    for address in ("a@voorbeeld.example@evil.example", "a@evil.example@voorbeeld.example"):
        Client().post(reverse("sign_in:register"), {"name": "Jan", "email": address})
        assert status_of_adding(sign_in(admin), address) == 200
    assert User.objects.count() == before


def test_c01_no_code_outside_mail_parses_an_address_with_a_mail_library() -> None:
    assert not _files_with(r"\bparseaddr\b|\bgetaddresses\b", except_in="nenconnect/mail/")


@pytest.mark.parametrize("address", UNUSUAL_ADDRESSES)
def test_c02_an_unusual_address_is_refused_by_every_form_and_action(
    address: str, company: Company, admin: User, sign_in: SignIn
) -> None:
    Client().post(reverse("sign_in:register"), {"name": "Jan", "email": address})
    status_of_adding(sign_in(admin), address)
    with pytest.raises(RuleError):
        add_user(company, NewColleague(email=address, name="Jan"), by=admin)
    with pytest.raises(ValidationError):
        AddressField(autocomplete="email").clean(address)
    assert list(User.objects.all()) == [admin]


def test_c03_a_mail_goes_to_the_punycode_of_the_typed_domain(smtp_sink: SmtpSink) -> None:
    user = register("jan@straße.nl")
    drain()
    assert user.email == "jan@xn--strae-oqa.nl"
    assert [mail["To"].addresses[0].addr_spec for mail in smtp_sink.mails()] == ["jan@xn--strae-oqa.nl"]


def test_c03_straße_and_strasse_are_different_domains() -> None:
    straße, strasse = make_company("Straße", "xn--strae-oqa.nl"), make_company("Strasse", "strasse.nl")
    assert companies_to_choose(register("jan@straße.nl")) == [straße]
    assert companies_to_choose(register("jan@strasse.nl")) == [strasse]


def test_c03_no_code_uses_the_idna_codec_of_python() -> None:
    assert not _files_with(r"""(en|de)code\(\s*["']idna["']""")


@pytest.mark.parametrize(
    "name", ["gmail.com", "0815.ru", "co.uk", "nl", "jan@voorbeeld.nl", "*.voorbeeld.nl", "v_b.nl"]
)
def test_c04_nen_cannot_add_a_public_mail_domain_or_an_invalid_domain(
    name: str, company: Company, staff: User
) -> None:
    with pytest.raises(RuleError) as error:
        add_domain(company, name, by=staff)
    assert error.value.field == "name"


def test_c05_addresses_with_different_text_after_a_plus_are_different_people() -> None:
    assert {register("jan@acme.nl").pk, register("jan+test@acme.nl").pk, register("JAN+TEST@acme.nl").pk} == set(
        User.objects.values_list("pk", flat=True)
    )
    assert sorted(User.objects.values_list("email", flat=True)) == ["jan+test@acme.nl", "jan@acme.nl"]


class TestC06:
    """Test that a domain is checked again at each step: registering, opening the link, finishing."""

    def test_c06_a_domain_removed_before_the_link_is_opened_offers_no_company(
        self, company: Company, staff: User
    ) -> None:
        user = register("jan@voorbeeld.example")
        assert companies_to_choose(user) == [company]
        remove_domain(company.domains.get(), by=staff)
        page = self.open(user)
        assert company.name not in page
        assert companies_to_choose(user) == []

    def test_c06_a_domain_removed_while_the_password_is_chosen_refuses_the_company(
        self, company: Company, staff: User
    ) -> None:
        user = register("jan@voorbeeld.example")
        token = registration_token(user)
        remove_domain(company.domains.get(), by=staff)
        with pytest.raises(RuleError) as error:
            finish_registration(token, password=PASSWORD, company=company)
        assert error.value.field == "company"
        user.refresh_from_db()
        assert (user.is_pending, user.company) == (True, None)

    def test_c06_a_domain_removed_after_an_admin_added_a_person_stops_the_registration(
        self, company: Company, admin: User, staff: User
    ) -> None:
        user = add_user(company, NewColleague(email="jan@voorbeeld.example", name="Jan"), by=admin)
        remove_domain(company.domains.get(), by=staff)
        with pytest.raises(RuleError) as error:
            finish_registration(registration_token(user), password=PASSWORD)
        assert error.value.field == "email"

    def test_c06_members_stay_in_the_company_when_their_domain_is_removed(
        self, company: Company, colleague: User, staff: User, sign_in: SignIn
    ) -> None:
        remove_domain(company.domains.get(), by=staff)
        colleague.refresh_from_db()
        assert colleague.company == company
        assert sign_in(colleague).get(reverse("requests:license_requests")).status_code == 200

    @staticmethod
    def open(user: User) -> str:
        browser = Client()
        browser.post(reverse("sign_in:registration", args=[registration_token(user)]))
        return browser.get(reverse("sign_in:choose_password")).content.decode()


def test_c07_registering_and_being_added_gives_one_account(company: Company, admin: User, sign_in: SignIn) -> None:
    # One after the other, both ways; test_registration_races.py does both at once.
    register("jan@voorbeeld.example")
    assert status_of_adding(sign_in(admin), "Jan@Voorbeeld.example") == 302
    register("jan@voorbeeld.example")
    added = make_pending_person("piet@voorbeeld.example", company=company)
    register("piet@voorbeeld.example")
    jan, piet = (User.objects.get(email=f"{name}@voorbeeld.example") for name in ("jan", "piet"))
    assert (jan.company, piet.company, piet.pk) == (company, company, added.pk)
    assert not OutboxMail.objects.filter(event="account_exists").exists()


def _files_with(pattern: str, *, except_in: str = "tests/") -> list[str]:
    paths = [path for folder in ROOMS for path in Path(settings.BASE_DIR, folder).rglob("*.py")]
    sources = {str(path.relative_to(settings.BASE_DIR)): path.read_text() for path in paths}
    return [name for name, text in sources.items() if re.search(pattern, text) and not name.startswith(except_in)]

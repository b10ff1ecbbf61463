"""C1–C7 at the doors: which addresses come in, and into which company. The rules themselves: test_addresses.py."""

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
from tests.factories import PASSWORD, company_with, pending_person, registration_token
from tests.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
ODD = [
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


def add(browser: Client, address: str) -> int:
    typed = {"role": "user", "email": address, "name": "Jan Jansen"}
    return browser.post(reverse("company:add_user"), typed).status_code


@pytest.mark.parametrize(
    "address", ["jan@evil-voorbeeld.example", "jan@voorbeeld.example.evil.com", "jan@sub.voorbeeld.example"]
)
def test_c01_a_domain_that_looks_like_the_companys_is_no_way_in(
    address: str, company: Company, admin: User, sign_in: SignIn
) -> None:
    assert companies_to_choose(register(address)) == []
    assert add(sign_in(admin), address) == 200
    assert not User.objects.filter(email=address, company=company).exists()


def test_c01_what_stands_after_the_last_at_sign_is_the_domain(
    company: Company, admin: User, sign_in: SignIn
) -> None:
    before = User.objects.count()
    for address in ("a@voorbeeld.example@evil.example", "a@evil.example@voorbeeld.example"):
        Client().post(reverse("sign_in:register"), {"name": "Jan", "email": address})
        assert add(sign_in(admin), address) == 200
    assert User.objects.count() == before


def test_c01_no_code_of_ours_lets_a_mail_library_pick_the_address_out_of_a_text() -> None:
    assert not _in_our_code(r"\bparseaddr\b|\bgetaddresses\b", but_not="nenconnect/mail/")


@pytest.mark.parametrize("address", ODD)
def test_c02_an_address_of_an_odd_kind_comes_in_by_no_door(
    address: str, company: Company, admin: User, sign_in: SignIn
) -> None:
    Client().post(reverse("sign_in:register"), {"name": "Jan", "email": address})
    add(sign_in(admin), address)
    with pytest.raises(RuleError):
        add_user(company, NewColleague(email=address, name="Jan"), by=admin)
    with pytest.raises(ValidationError):
        AddressField(autocomplete="email").clean(address)
    assert list(User.objects.all()) == [admin]


def test_c03_a_mail_goes_to_the_domain_that_was_typed_and_to_no_other(smtp_sink: SmtpSink) -> None:
    user = register("jan@straße.nl")
    drain()
    assert user.email == "jan@xn--strae-oqa.nl"
    assert [mail["To"].addresses[0].addr_spec for mail in smtp_sink.mails()] == ["jan@xn--strae-oqa.nl"]


def test_c03_straße_and_strasse_are_two_companies() -> None:
    here, there = company_with("Straße", "xn--strae-oqa.nl"), company_with("Strasse", "strasse.nl")
    assert companies_to_choose(register("jan@straße.nl")) == [here]
    assert companies_to_choose(register("jan@strasse.nl")) == [there]


def test_c03_no_code_of_ours_uses_pythons_own_idna() -> None:
    assert not _in_our_code(r"""(en|de)code\(\s*["']idna["']""")


@pytest.mark.parametrize(
    "name", ["gmail.com", "0815.ru", "co.uk", "nl", "jan@voorbeeld.nl", "*.voorbeeld.nl", "v_b.nl"]
)
def test_c04_nen_cannot_give_a_company_a_domain_where_anybody_gets_an_address(
    name: str, company: Company, staff: User
) -> None:
    with pytest.raises(RuleError) as refused:
        add_domain(company, name, by=staff)
    assert refused.value.field == "name"


def test_c05_what_stands_behind_a_plus_makes_another_person() -> None:
    assert {register("jan@acme.nl").pk, register("jan+test@acme.nl").pk, register("JAN+TEST@acme.nl").pk} == set(
        User.objects.values_list("pk", flat=True)
    )
    assert sorted(User.objects.values_list("email", flat=True)) == ["jan+test@acme.nl", "jan@acme.nl"]


class TestC06:
    """A domain is looked at again at each step: registering, opening the link, finishing."""

    def test_c06_gone_before_the_link_is_opened(self, company: Company, staff: User) -> None:
        user = register("jan@voorbeeld.example")
        assert companies_to_choose(user) == [company]
        remove_domain(company.domains.get(), by=staff)
        page = self.open(user)
        assert company.name not in page
        assert companies_to_choose(user) == []

    def test_c06_gone_while_the_password_is_chosen(self, company: Company, staff: User) -> None:
        user = register("jan@voorbeeld.example")
        token = registration_token(user)
        remove_domain(company.domains.get(), by=staff)
        with pytest.raises(RuleError) as refused:
            finish_registration(token, password=PASSWORD, company=company)
        assert refused.value.field == "company"
        user.refresh_from_db()
        assert (user.is_pending, user.company) == (True, None)

    def test_c06_gone_after_an_admin_added_the_person(self, company: Company, admin: User, staff: User) -> None:
        user = add_user(company, NewColleague(email="jan@voorbeeld.example", name="Jan"), by=admin)
        remove_domain(company.domains.get(), by=staff)
        with pytest.raises(RuleError) as refused:
            finish_registration(registration_token(user), password=PASSWORD)
        assert refused.value.field == "email"

    def test_c06_members_stay(self, company: Company, colleague: User, staff: User, sign_in: SignIn) -> None:
        remove_domain(company.domains.get(), by=staff)
        colleague.refresh_from_db()
        assert colleague.company == company
        assert sign_in(colleague).get(reverse("requests:license_requests")).status_code == 200

    @staticmethod
    def open(user: User) -> str:
        browser = Client()
        browser.post(reverse("sign_in:registration", args=[registration_token(user)]))
        return browser.get(reverse("sign_in:choose_password")).content.decode()


def test_c07_an_address_that_registered_itself_and_is_then_added_is_one_account(
    company: Company, admin: User, sign_in: SignIn
) -> None:
    """At one moment: test_registration_races.py. Here one after the other, both ways."""
    register("jan@voorbeeld.example")
    assert add(sign_in(admin), "Jan@Voorbeeld.example") == 302
    register("jan@voorbeeld.example")
    added = pending_person("piet@voorbeeld.example", company=company)
    register("piet@voorbeeld.example")
    jan, piet = (User.objects.get(email=f"{name}@voorbeeld.example") for name in ("jan", "piet"))
    assert (jan.company, piet.company, piet.pk) == (company, company, added.pk)
    assert not OutboxMail.objects.filter(event="account_exists").exists()


def _in_our_code(pattern: str, *, but_not: str = "tests/") -> list[str]:
    paths = [path for folder in ROOMS for path in Path(settings.BASE_DIR, folder).rglob("*.py")]
    ours = {str(path.relative_to(settings.BASE_DIR)): path.read_text() for path in paths}
    return [name for name, text in ours.items() if re.search(pattern, text) and not name.startswith(but_not)]

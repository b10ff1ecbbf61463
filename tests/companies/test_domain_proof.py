"""Test that a TXT record proves a domain, looked up by workers (R7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.domain_proof import look_up_domains
from accounts.models import User
from companies import resolver
from companies.domains import remove_domain
from companies.models import Company, Domain
from companies.proof import Change, Found, save_look_up
from nenconnect.audit.models import AuditEntry
from nenconnect.environment import WrongValue, name_servers
from nenconnect.mail.models import OutboxMail
from tests.companies.name_server import NameServer, name_server
from tests.factories import make_person

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]


@pytest.fixture
def dns_says() -> Iterator[NameServer]:
    with name_server() as server:
        yield server


@pytest.fixture
def domain(company: Company, dns_says: NameServer) -> Domain:
    # Its mail server is there; its proof is not, yet.
    dns_says.set("voorbeeld.example", "MX", "10 mail.voorbeeld.example.")
    return company.domains.get()


def look_again(domain: Domain) -> Domain:
    Domain.objects.update(look_up_due_at=timezone.now())
    look_up_domains()
    domain.refresh_from_db()
    return domain


def prove(domain: Domain, dns_says: NameServer) -> Domain:
    dns_says.set(domain.proof_host, "TXT", '"v=other"', f'"{domain.proof_value}"')
    return look_again(domain)


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


def test_a_domain_is_proven_once_its_record_is_there(domain: Domain, dns_says: NameServer) -> None:
    assert look_again(domain).proven_at is None

    assert prove(domain, dns_says).proven_at is not None
    assert verbs() == ["domain_proven"]


def test_a_new_domain_is_looked_up_without_anybody_asking(domain: Domain, dns_says: NameServer) -> None:
    look_up_domains()

    assert f"{domain.proof_host} TXT" in dns_says.queries
    domain.refresh_from_db()
    assert domain.looked_up_at
    assert timedelta(minutes=50) < domain.look_up_due_at - timezone.now() <= timedelta(hours=1)


def test_the_value_of_another_domain_proves_nothing(domain: Domain, dns_says: NameServer) -> None:
    other = Domain.objects.create(company=domain.company, name="ander.example")
    assert other.proof_value != domain.proof_value

    dns_says.set(domain.proof_host, "TXT", f'"{other.proof_value}"', f'"{domain.proof_value}x"')

    assert look_again(domain).proven_at is None


def test_a_txt_record_in_several_strings_is_read_as_one_value(domain: Domain, dns_says: NameServer) -> None:
    value = domain.proof_value
    dns_says.set(domain.proof_host, "TXT", f'"{value[:7]}" "{value[7:]}"')

    assert look_again(domain).proven_at is not None


@pytest.mark.parametrize("failure", ["SERVFAIL", "REFUSED", "silence"])
def test_a_failing_name_server_changes_nothing_and_is_queried_again_soon(
    domain: Domain, dns_says: NameServer, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "SECONDS", 0.3)
    looked_up_at = prove(domain, dns_says).looked_up_at
    dns_says.fails = failure

    look_again(domain)

    assert domain.proven_at
    assert (domain.proof_missing_since, domain.mail_gone_since) == (None, None)
    assert domain.looked_up_at == looked_up_at
    assert domain.look_up_due_at - timezone.now() <= timedelta(minutes=15)
    assert not OutboxMail.objects.exists()


def test_a_proven_domain_is_looked_up_every_month(domain: Domain, dns_says: NameServer) -> None:
    prove(domain, dns_says)

    assert timedelta(days=29) < domain.look_up_due_at - timezone.now() <= timedelta(days=30)


def test_admins_are_mailed_about_a_missing_record_before_the_proof_lapses(
    domain: Domain, dns_says: NameServer, admin: User, colleague: User
) -> None:
    manager = make_person("manager@nen.example", is_staff=True)
    Company.objects.update(account_manager=manager)
    prove(domain, dns_says)
    dns_says.remove(domain.proof_host, "TXT")

    look_again(domain)
    look_again(domain)

    assert domain.proven_at
    assert domain.proof_missing_since
    mails = OutboxMail.objects.filter(event="domain_proof_missing")
    assert {mail.recipient for mail in mails} == {admin, manager}
    assert mails.count() == 2


def test_admins_are_mailed_again_a_week_before_the_proof_lapses(
    domain: Domain, dns_says: NameServer, admin: User
) -> None:
    prove(domain, dns_says)
    dns_says.remove(domain.proof_host, "TXT")
    look_again(domain)
    assert OutboxMail.objects.count() == 1

    with time_machine.travel(timezone.now() + timedelta(days=24)):
        look_again(domain)
        look_again(domain)
    assert OutboxMail.objects.count() == 2
    assert domain.proven_at

    with time_machine.travel(timezone.now() + timedelta(days=31)):
        look_again(domain)
    assert not domain.proven_at
    assert not domain.proof_missing_since
    assert verbs() == ["domain_proven", "domain_proof_lapsed"]


def test_a_record_that_is_put_back_in_time_ends_the_warning(domain: Domain, dns_says: NameServer) -> None:
    proven_at = prove(domain, dns_says).proven_at
    dns_says.remove(domain.proof_host, "TXT")
    look_again(domain)

    prove(domain, dns_says)

    assert (domain.proven_at, domain.proof_missing_since) == (proven_at, None)


def test_a_domain_takes_mail_by_mx_or_by_an_address(domain: Domain, dns_says: NameServer) -> None:
    assert look_again(domain).mail_gone_since is None

    dns_says.remove(domain.name, "MX")
    assert look_again(domain).mail_gone_since is not None

    for kind, address in (("A", "192.0.2.1"), ("AAAA", "2001:db8::1")):
        dns_says.records = {(domain.name, kind): [address]}
        assert look_again(domain).mail_gone_since is None

    dns_says.records = {(domain.name, "MX"): ["0 ."], (domain.name, "A"): ["192.0.2.1"]}  # a null MX
    assert look_again(domain).mail_gone_since is not None


def test_a_domain_removed_during_its_look_up_stays_removed(domain: Domain, staff: User) -> None:
    remove_domain(Domain.objects.get(), by=staff)

    assert save_look_up(domain, Found(has_proof=True, takes_mail=True)) is Change.SAME
    assert not Domain.objects.exists()


def test_staff_see_host_and_value_and_ask_to_look_now(
    sign_in: SignIn, staff: User, domain: Domain, dns_says: NameServer
) -> None:
    browser, page = sign_in(staff), reverse("admin:companies_domain_change", args=[domain.pk])
    Domain.objects.update(look_up_due_at=timezone.now() + timedelta(days=3))
    dns_says.set(domain.proof_host, "TXT", f'"{domain.proof_value}"')

    shown = browser.get(page).content.decode()
    assert domain.proof_host in shown
    assert domain.proof_value in shown
    assert browser.get(reverse("admin:companies_domain_look_up", args=[domain.pk])).status_code == 405
    browser.post(reverse("admin:companies_domain_look_up", args=[domain.pk]))

    assert dns_says.queries == []  # never in the request
    look_up_domains()
    assert "Bewezen sinds" in browser.get(page).content.decode()


@pytest.mark.parametrize(
    ("raw", "servers"),
    [
        ("10.0.0.53", [("10.0.0.53", 53)]),
        ("10.0.0.53:5353, [2001:db8::53]:54", [("10.0.0.53", 5353), ("2001:db8::53", 54)]),
    ],
)
def test_name_servers_are_read_from_the_environment(raw: str, servers: list[tuple[str, int]]) -> None:
    assert name_servers(raw) == servers


@pytest.mark.parametrize("raw", ["dns.example", "10.0.0.53:port", "", "10.0.0.53,,"])
def test_a_wrong_name_server_stops_the_start(raw: str) -> None:
    with pytest.raises((WrongValue, ValueError)):
        name_servers(raw)

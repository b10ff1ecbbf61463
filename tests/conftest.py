"""Provide the people and companies that tests share, by their role."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client, TransactionTestCase, override_settings
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from companies.models import Company
from tests.clients import signed_in
from tests.emptying import empty_tables
from tests.factories import PASSWORD, make_admin, make_company, make_pending_person, make_person

__all__ = ["PASSWORD"]


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords() -> Iterator[None]:
    """Use a quick password hash: PBKDF2 takes a second per test; a test about its time restores it."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_waiting_for_even_answers() -> Iterator[None]:
    """Skip the deliberate wait of registration and password reset; a test about the wait restores it."""
    with override_settings(EVEN_ANSWER_SECONDS=0):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Let tests truncate the audit by disabling its trigger; the test of the trigger enables it."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_is_not_emptied")


@pytest.fixture(autouse=True, scope="session")
def _empty_tables_quickly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
        yield


@pytest.fixture(autouse=True)
def _clear_cache() -> None:
    """Clear what a web process caches in memory, such as the current terms."""
    cache.clear()


@pytest.fixture(scope="module")
def module_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let a module-scoped fixture write rows once for all tests of the module; each test rolls back to them.

    A test takes `db` too, or what it writes stays for the next.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def company(db: None) -> Company:
    return make_company("Voorbeeld BV", "voorbeeld.example")


@pytest.fixture
def other_company(db: None) -> Company:
    return make_company("Bouwbedrijf BV", "bouwbedrijf.example")


@pytest.fixture
def admin(company: Company) -> User:
    return make_admin(company, "beheerder@voorbeeld.example", name="Anneke Beheerder")  # its only admin


@pytest.fixture
def colleague(company: Company) -> User:
    return make_person("collega@voorbeeld.example", company=company, name="Coen Collega")


@pytest.fixture
def pending(company: Company) -> User:
    return make_pending_person("nieuw@voorbeeld.example", company=company, name="Noor Nieuw")


@pytest.fixture
def blocked(company: Company) -> User:
    return make_person("geblokkeerd@voorbeeld.example", company=company, name="Bram Blok", is_blocked=True)


@pytest.fixture
def other_admin(other_company: Company) -> User:
    return make_admin(other_company, "beheerder@bouwbedrijf.example", name="Olga Bouwer")  # its only admin


@pytest.fixture
def personal(db: None) -> User:
    return make_person("zonder@bedrijf.example", name="Pim Zonder")


@pytest.fixture
def staff(db: None) -> User:
    return make_person("nen@nen.example", name="Nel van NEN", is_staff=True, is_superuser=True)


@pytest.fixture
def sign_in(db: None) -> Callable[[User], Client]:
    return signed_in


@pytest.fixture
def _english() -> Iterator[None]:
    """Show the English source texts, for tests that read the words of a refusal."""
    with translation.override("en"):
        yield

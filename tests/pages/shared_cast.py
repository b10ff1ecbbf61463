"""Make the browsers and rows of access_cast.py once for a module whose tests roll back."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client

from tests.clients import copy_of
from tests.factories import make_admin, make_company, make_person
from tests.pages.access_cast import browsers_of, one_of_everything


@dataclass(frozen=True)
class Cast:
    browsers: dict[str, Client]
    things: dict[str, object]


@pytest.fixture(scope="module")
def shared_cast(module_db: None) -> Cast:
    company = make_company("Voorbeeld BV", "voorbeeld.example")
    other_company = make_company("Bouwbedrijf BV", "bouwbedrijf.example")
    admin = make_admin(company, "beheerder@voorbeeld.example", name="Anneke Beheerder")
    people = {
        "personal": make_person("zonder@bedrijf.example"),
        "colleague": make_person("collega@voorbeeld.example", company=company),
        "admin": admin,
        "other_admin": make_admin(other_company, "beheerder@bouwbedrijf.example"),
        "blocked": make_person("geblokkeerd@voorbeeld.example", company=company, is_blocked=True),
        "staff": make_person("nen@nen.example", is_staff=True, is_superuser=True),
    }
    return Cast(browsers_of(people), one_of_everything(company, admin))


@pytest.fixture
def browsers(shared_cast: Cast, db: None) -> dict[str, Client]:
    return {name: copy_of(browser) for name, browser in shared_cast.browsers.items()}


@pytest.fixture
def things(shared_cast: Cast, db: None) -> dict[str, object]:
    return shared_cast.things

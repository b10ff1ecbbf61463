from __future__ import annotations

import pytest

from accounts.models import MoveRequest, User
from companies.models import Company
from tests.factories import make_admin, make_company, make_move_request


@pytest.fixture
def north(company: Company, admin: User) -> Company:
    # Where the colleague is, by mistake: one of two companies of one name and one domain.
    Company.objects.filter(pk=company.pk).update(department="Noord")
    company.refresh_from_db()
    return company


@pytest.fixture
def south(db: None) -> Company:
    return make_company("Voorbeeld BV", "voorbeeld.example", department="Zuid")


@pytest.fixture
def south_admin(south: Company) -> User:
    return make_admin(south, "zuid@voorbeeld.example", name="Zoë Zuid")


@pytest.fixture
def move(north: Company, south: Company, south_admin: User, colleague: User) -> MoveRequest:
    return make_move_request(south, colleague)

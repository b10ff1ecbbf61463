"""Make the browsers and rows of test_access.py: one per kind of person and per kind of row."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.core.signing import Signer
from django.test import Client

from accounts.mails.registration import REGISTRATION_SALT
from accounts.models import Deputy, User
from companies.models import Company
from licenses.models import Grant, Opening
from members.models import Departure, PeopleChange, PeopleImport
from requests_app.models import DocumentRequest, LicenseRequest
from tests.clients import signed_in
from tests.factories import (
    make_collection,
    make_document,
    make_license,
    make_move_request,
    make_person,
    make_terms_version,
)
from tests.pages.access_table import PEOPLE


@pytest.fixture
def browsers(admin, personal, colleague, other_admin, blocked, staff) -> dict[str, Client]:
    people = (personal, colleague, admin, other_admin, blocked, staff)
    return browsers_of(dict(zip(PEOPLE[1:], people, strict=True)))


@pytest.fixture
def things(company, colleague, admin) -> dict[str, object]:
    return one_of_everything(company, admin)


def browsers_of(people: dict[str, User]) -> dict[str, Client]:
    """Return a signed-in browser per kind of person; the session of the blocked person began before the block."""
    assert tuple(people) == PEOPLE[1:]
    return {"anonymous": Client()} | {name: signed_in(user) for name, user in people.items()}


def one_of_everything(company: Company, admin: User) -> dict[str, object]:
    """Write one row of everything. No licence opens the document, and the collection has room for it."""
    shown, document = make_license(company, name="Getoond"), make_document("NEN 7510:2024")
    collection = make_collection(company, name="Maatwerk")
    newcomer = make_person(
        company=None, registered_at=None, registration_round=1, registration_deadline="2999-01-01"
    )
    person = make_person(company=company)
    Grant.objects.create(license=collection, user=person)
    return {
        "user": person.pk,
        "role": User.Role.ADMIN,
        "on": "1",
        "company": company.pk,
        "terms": make_terms_version(accepted_by=User.objects.all()).pk,
        "move": make_move_request(company).pk,
        "license": shown.pk,
        "collection": collection.pk,
        "label_value": company.label_values.create(name="Inkoop").pk,
        "document": document.pk,
        "opening": (document.pk, Opening.objects.create(document=document, user=person, company=company).pk),
        "people_import": PeopleImport.objects.create(company=company).pk,
        "people_change": PeopleChange.objects.create(company=company, kind=PeopleChange.Kind.GIVE_LICENSE).pk,
        "departure": Departure.objects.create(company=company, kind=Departure.Kind.BLOCK).pk,
        "sentence": company.ready_sentences.create(text="Vraag eerst uw teamleider.").pk,
        "license_request": LicenseRequest.objects.create(company=company, user=person, license=shown).pk,
        "document_request": DocumentRequest.objects.create(company=company, user=person, document=document).pk,
        "registration": Signer(salt=REGISTRATION_SALT).sign_object([newcomer.pk, 1]),
        "deputy": Deputy.objects.create(
            company=company, user=person, admin=admin, first_day="2026-01-01", last_day="2999-01-01"
        ).pk,
        "device": UserSession.objects.create(user=person, session_key="a" * 32, ip="203.0.113.7").pk,
        "no_token": "1-geen",
        "sample": ("password_reset", "nl"),
        "no_mail": "00000000000000000000-00000000",
    }


def _arguments(thing: object) -> list[object]:
    return list(thing) if isinstance(thing, tuple) else [thing]

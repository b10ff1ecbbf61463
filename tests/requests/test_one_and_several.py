"""Test that deciding several requests has the same result as deciding one (R23, R28)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.models import Grant, License
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions.asking import request_document, request_license
from requests_app.actions.deciding import decide, give_license
from requests_app.actions.several_at_once import decide_many, give_to_people
from requests_app.models import REQUEST_KINDS, AccessRequest, RequestStatus
from tests.factories import make_document, make_grants, make_license, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]

Result = dict[str, Any]
GRANT = ("user", "license", "origin", "granted_by", "ends_on")


def result_of(change: Callable[[], dict[int, str]]) -> Result:
    # What the change refuses and leaves in the tables; then it is undone, so that another can be compared.
    audited = AuditEntry.objects.count()
    with transaction.atomic():
        refusals = change()
        result = {
            "refusals": refusals,
            "grants": sorted(
                Grant.objects.values_list("user", "license", "origin", "granted_by", "ends_on"), key=str
            ),
            "requests": [row for kind in REQUEST_KINDS for row in decisions(kind)],
            "mails": sorted(OutboxMail.objects.values_list("event", "recipient", "key"), key=str),
            "audit": sorted(map(str, AuditEntry.objects.values_list("verb", "actor_id", "subjects", "details"))),
        }
        assert AuditEntry.objects.count() > audited
        transaction.set_rollback(True)
    return result


def decisions(kind: type[AccessRequest]) -> list[tuple[Any, ...]]:
    columns = ["status", "decided_by", "license", "reason", "rejection_reason", "rejection_note", "ask_again_on"]
    return list(kind.objects.order_by("pk").values_list("pk", *columns))


@pytest.fixture
def people(company: Company, other_company: Company, license: License) -> list[User]:
    # Each in another situation; the seats are one too few.
    names = ("asked", "asked for the standard", "asked for both", "silent", "holder", "lapsed", "late")
    people = {name: make_person(company=company, name=name) for name in names}
    document = license.documents.get()
    request_license(license, by=people["asked"], reason="Bouw")
    request_document(document, by=people["asked for the standard"])
    request_license(license, by=people["asked for both"])
    request_document(document, by=people["asked for both"])
    request_license(license, by=people["late"])
    make_grants(license, people["holder"])
    make_grants(license, people["lapsed"], ends_on=timezone.localdate() - timedelta(days=1))
    shut_out = make_person(company=company, name="blocked")
    request_license(license, by=shut_out)
    User.objects.filter(pk=shut_out.pk).update(is_blocked=True)
    everyone = list(people.values())
    return [*everyone[:3], shut_out, make_person(company=other_company), *everyone[3:]]


@pytest.fixture
def license(company: Company) -> License:
    return make_license(company, documents=[make_document()], seats=6)


def test_giving_one_by_one_has_the_same_result_as_giving_to_several_at_once(
    license: License, people: list[User], admin: User
) -> None:
    def one_by_one() -> dict[int, str]:
        refusals = {}
        for user in people:
            try:
                give_license(license, to=user, by=admin)
            except RuleError as error:
                refusals[user.pk] = str(error)
        return refusals

    def at_once() -> dict[int, str]:
        return {pk: str(error) for pk, error in give_to_people(license, people, by=admin).items()}

    alone, together = result_of(one_by_one), result_of(at_once)

    assert len(alone["refusals"]) == 3  # blocked, of another company, no seat
    assert len(alone["grants"]) == 6
    assert alone == together


@pytest.mark.parametrize("status", [status for status in RequestStatus if status != RequestStatus.OPEN])
@pytest.mark.parametrize("is_deputy", [False, True])
def test_deciding_one_by_one_has_the_same_result_as_deciding_several_at_once(
    status: RequestStatus, is_deputy: bool, company: Company, people: list[User], admin: User
) -> None:
    decides = make_person(company=company) if is_deputy else admin
    by = None if status == RequestStatus.EXPIRED else decides

    def one_by_one() -> dict[int, str]:
        for kind in REQUEST_KINDS:
            for row in kind.objects.pending():
                decide(row, status, by=by)
        return {}

    def at_once() -> dict[int, str]:
        for kind in REQUEST_KINDS:
            decide_many(kind.objects.pending().select_related("user"), status, by=by)
        return {}

    alone, together = result_of(one_by_one), result_of(at_once)

    assert {row[1] for row in alone["requests"]} == {status}
    assert alone == together

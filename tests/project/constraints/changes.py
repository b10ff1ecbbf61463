"""Make changes of single rows that the database should refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import psycopg
from django.db import IntegrityError, connection, models
from django.utils import timezone

from accounts.models import Deputy, User
from companies.models import Company, Domain, DomainFanOut, LabelValue
from licenses.models import License
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest, ReadySentence
from tests.factories import make_document, make_license, make_person

OUR_APPS = ("companies", "accounts", "licenses", "requests_app", "members", "mail", "audit", "throttle")


@dataclass(frozen=True)
class ConstraintCast:
    company: Company
    other_company: Company
    admin: User
    colleague: User


def queryset_of(model: type[models.Model], pk: int) -> models.QuerySet:
    """Return the row as a queryset, for an update that bypasses every action."""
    return model._default_manager.filter(pk=pk)


def update_row(row: models.Model, **fields: object) -> None:
    queryset_of(type(row), row.pk).update(**fields)


def insert_copy(row: models.Model, **fields: object) -> None:
    """Insert a second row with the same values except these fields."""
    duplicate = type(row)._default_manager.get(pk=row.pk)
    duplicate.pk = None
    for name, value in fields.items():
        setattr(duplicate, name, value)
    duplicate.save(force_insert=True)


def second_domain(cast: ConstraintCast) -> None:
    Domain.objects.create(company=cast.company, name="voorbeeld.example")


def second_fan_out(domain: Domain) -> None:
    for _twice in range(2):
        DomainFanOut.objects.create(domain=domain)


def domain_in_capitals(cast: ConstraintCast) -> None:
    Domain.objects.create(company=cast.company, name="Voorbeeld.nl")


def domain_with_an_at_sign(cast: ConstraintCast) -> None:
    Domain.objects.create(company=cast.company, name="jan@voorbeeld.nl")


def domain_of_one_label(cast: ConstraintCast) -> None:
    Domain.objects.create(company=cast.company, name="nl")


def domain_in_unicode(cast: ConstraintCast) -> None:
    Domain.objects.create(company=cast.company, name="straße.nl")


def existing_address_in_capitals(cast: ConstraintCast) -> None:
    make_person("Collega@Voorbeeld.example")


def address_with_a_kelvin_sign(cast: ConstraintCast) -> None:
    make_person("\u212aarel@voorbeeld.example")


def address_with_two_at_signs(cast: ConstraintCast) -> None:
    make_person("jan@voorbeeld.example@evil.example")


def address_with_a_quoted_name(cast: ConstraintCast) -> None:
    make_person('"jan"@voorbeeld.example')


def address_in_unicode(cast: ConstraintCast) -> None:
    make_person("jan@straße.nl")


def address_with_a_line_break(cast: ConstraintCast) -> None:
    make_person("jan@voorbeeld.example\n")


def license_request_of(cast: ConstraintCast) -> LicenseRequest:
    license = make_license(cast.company)
    return LicenseRequest.objects.create(company=cast.company, license=license, user=cast.colleague)


def document_request_of(cast: ConstraintCast) -> DocumentRequest:
    return DocumentRequest.objects.create(company=cast.company, document=make_document(), user=cast.colleague)


def contradictory_decisions(
    make_request: Callable[[ConstraintCast], AccessRequest],
) -> list[Callable[[ConstraintCast], None]]:
    """Return changes that give a request a status, decision time and decider that contradict each other."""
    now = timezone.now()
    contradictions: list[Callable[[ConstraintCast], dict[str, object]]] = [
        lambda cast: {"status": "approved"},
        lambda cast: {"status": "rejected", "decided_by": cast.admin},
        lambda cast: {"status": "open", "decided_at": now},
        lambda cast: {"status": "open", "decided_at": now, "decided_by": cast.admin},
        lambda cast: {"status": "withdrawn"},
        lambda cast: {"status": "withdrawn", "decided_at": now, "decided_by": cast.colleague},
        lambda cast: {"status": "expired"},
        lambda cast: {"status": "expired", "decided_at": now, "decided_by": cast.admin},
        lambda cast: {"status": "other", "decided_at": now, "decided_by": cast.admin},
    ]
    return [partial(_change_new_request, make_request, fields) for fields in contradictions]


def _change_new_request(
    make_request: Callable[[ConstraintCast], AccessRequest],
    fields: Callable[[ConstraintCast], dict[str, object]],
    cast: ConstraintCast,
) -> None:
    update_row(make_request(cast), **fields(cast))


def rejection_fields_without_rejection(
    make_request: Callable[[ConstraintCast], AccessRequest],
) -> list[Callable[[ConstraintCast], object]]:
    """Return changes that the database must refuse: each gives an open request a field of a rejected request."""
    return [
        partial(_change_new_request, make_request, lambda cast: {"rejection_note": "Nee"}),
        partial(_change_new_request, make_request, lambda cast: {"ask_again_on": timezone.localdate()}),
    ]


def sentence_of(cast: ConstraintCast, text: str = "Vraag het na") -> ReadySentence:
    return ReadySentence.objects.create(company=cast.company, text=text)


def mail_for(cast: ConstraintCast, **fields: object) -> OutboxMail:
    defaults = {"event": "account_exists", "key": "a", "message_id": "<a@x>", "recipient": cast.colleague}
    return OutboxMail.objects.create(**defaults | fields)


def value_of(company: Company, name: str) -> LabelValue:
    return LabelValue.objects.create(company=company, name=name)


def value_in_use(cast: ConstraintCast) -> LabelValue:
    value = value_of(cast.company, "Inkoop")
    make_person(company=cast.company, label=value)
    return value


def deputy_of(cast: ConstraintCast) -> Deputy:
    today = timezone.localdate()
    return Deputy.objects.create(
        company=cast.company, user=cast.colleague, admin=cast.admin, first_day=today, last_day=today
    )


def empty_audit() -> None:
    """Truncate the audit with its trigger enabled; conftest.py disables the trigger for tests."""
    create_audit_entry()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry ENABLE TRIGGER audit_is_not_emptied")
        cursor.execute("TRUNCATE audit_auditentry")


def create_audit_entry() -> AuditEntry:
    return AuditEntry.objects.create(verb="blocked", actor_id=1)


def first_license(cast: ConstraintCast) -> License:
    return License.objects.first() or make_license(cast.company)


def violated_constraint(error: IntegrityError) -> str | None:
    assert isinstance(error.__cause__, psycopg.Error)
    return error.__cause__.diag.constraint_name

"""Changes of single rows that the database should refuse."""

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
from tests.factories import document, license_for, person

OUR_APPS = ("companies", "accounts", "licenses", "requests_app", "members", "mail", "audit", "throttle")


@dataclass(frozen=True)
class Cast:
    company: Company
    other_company: Company
    admin: User
    colleague: User


def rows(model: type[models.Model], pk: int) -> models.QuerySet:
    """For an update that passes every action."""
    return model._default_manager.filter(pk=pk)


def change(thing: models.Model, **fields: object) -> None:
    rows(type(thing), thing.pk).update(**fields)


def copy(thing: models.Model, **fields: object) -> None:
    """A second row like this one, but for these fields."""
    twin = type(thing)._default_manager.get(pk=thing.pk)
    twin.pk = None
    for name, value in fields.items():
        setattr(twin, name, value)
    twin.save(force_insert=True)


def second_domain(cast: Cast) -> None:
    Domain.objects.create(company=cast.company, name="voorbeeld.example")


def second_fan_out(domain: Domain) -> None:
    for _twice in range(2):
        DomainFanOut.objects.create(domain=domain)


def domain_in_capitals(cast: Cast) -> None:
    Domain.objects.create(company=cast.company, name="Voorbeeld.nl")


def domain_with_an_at_sign(cast: Cast) -> None:
    Domain.objects.create(company=cast.company, name="jan@voorbeeld.nl")


def domain_of_one_label(cast: Cast) -> None:
    Domain.objects.create(company=cast.company, name="nl")


def domain_in_unicode(cast: Cast) -> None:
    Domain.objects.create(company=cast.company, name="straße.nl")


def same_address_in_capitals(cast: Cast) -> None:
    person("Collega@Voorbeeld.example")


def address_with_a_kelvin_sign(cast: Cast) -> None:
    person("\u212aarel@voorbeeld.example")


def address_with_two_at_signs(cast: Cast) -> None:
    person("jan@voorbeeld.example@evil.example")


def address_with_a_quoted_name(cast: Cast) -> None:
    person('"jan"@voorbeeld.example')


def address_in_unicode(cast: Cast) -> None:
    person("jan@straße.nl")


def address_with_a_line_break(cast: Cast) -> None:
    person("jan@voorbeeld.example\n")


def request_of(cast: Cast) -> LicenseRequest:
    license = license_for(cast.company)
    return LicenseRequest.objects.create(company=cast.company, license=license, user=cast.colleague)


def document_request_of(cast: Cast) -> DocumentRequest:
    return DocumentRequest.objects.create(company=cast.company, document=document(), user=cast.colleague)


def undecided(make: Callable[[Cast], AccessRequest]) -> list[Callable[[Cast], None]]:
    """Every way in which when, the outcome, and who where nobody can have decided, do not fit together."""
    now = timezone.now()
    wrong: list[Callable[[Cast], dict[str, object]]] = [
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
    return [partial(_spoil, make, fields) for fields in wrong]


def _spoil(make: Callable[[Cast], AccessRequest], fields: Callable[[Cast], dict[str, object]], cast: Cast) -> None:
    change(make(cast), **fields(cast))


def unrejected(make: Callable[[Cast], AccessRequest]) -> list[Callable[[Cast], object]]:
    """What comes with a rejection only."""
    return [
        partial(_spoil, make, lambda cast: {"rejection_note": "Nee"}),
        partial(_spoil, make, lambda cast: {"ask_again_on": timezone.localdate()}),
    ]


def sentence_of(cast: Cast, text: str = "Vraag het na") -> ReadySentence:
    return ReadySentence.objects.create(company=cast.company, text=text)


def mail_for(cast: Cast, **fields: object) -> OutboxMail:
    defaults = {"event": "account_exists", "key": "a", "message_id": "<a@x>", "recipient": cast.colleague}
    return OutboxMail.objects.create(**defaults | fields)


def value_of(company: Company, name: str) -> LabelValue:
    return LabelValue.objects.create(company=company, name=name)


def held_value(cast: Cast) -> LabelValue:
    """A value that somebody has."""
    value = value_of(cast.company, "Inkoop")
    person(company=cast.company, label=value)
    return value


def deputy_of(cast: Cast) -> Deputy:
    today = timezone.localdate()
    return Deputy.objects.create(
        company=cast.company, user=cast.colleague, admin=cast.admin, first_day=today, last_day=today
    )


def empty_audit() -> None:
    """With the trigger as it is anywhere but in tests (conftest)."""
    audit_entry()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry ENABLE TRIGGER audit_is_not_emptied")
        cursor.execute("TRUNCATE audit_auditentry")


def audit_entry() -> AuditEntry:
    return AuditEntry.objects.create(verb="blocked", actor_id=1)


def first_license(cast: Cast) -> License:
    return License.objects.first() or license_for(cast.company)


def refused_by(error: IntegrityError) -> str | None:
    assert isinstance(error.__cause__, psycopg.Error)
    return error.__cause__.diag.constraint_name

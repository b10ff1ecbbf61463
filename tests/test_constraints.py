"""What must hold always, the database says too: each constraint, unique field and trigger refuses by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from accounts.models import (
    AddressChange,
    Deputy,
    JoinInvitation,
    SignInAttempts,
    StatusCounts,
    TermsAcceptance,
    TermsVersion,
    User,
)
from companies.models import Company, Domain, DomainFanOut, LabelValue
from licenses.models import CompanyWideEnd, Document, Grant, License
from members.models import Departure, Leaver, PeopleChange, PeopleChangeLine, PeopleImport, PeopleImportLine
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import Heartbeat, MailQueue, OutboxMail
from nenconnect.throttle.models import NetworkCount
from nenconnect.translations import ROOMS
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest, ReadySentence, RequestMessage
from tests.factories import (
    collection_for,
    company_with,
    document,
    license_for,
    move_to,
    pending_person,
    person,
    published_terms,
)

pytestmark = pytest.mark.django_db

OUR_APPS = ("companies", "accounts", "licenses", "requests_app", "members", "mail", "audit", "throttle", "once")


@dataclass(frozen=True)
class Cast:
    company: Company
    other_company: Company
    admin: User
    colleague: User


@pytest.fixture
def cast(company: Company, other_company: Company, admin: User, colleague: User) -> Cast:
    return Cast(company, other_company, admin, colleague)


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


def empty_trail() -> None:
    """With the trigger as it is anywhere but in tests (conftest)."""
    trail_entry()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry ENABLE TRIGGER audit_is_not_emptied")
        cursor.execute("TRUNCATE audit_auditentry")


def trail_entry() -> AuditEntry:
    return AuditEntry.objects.create(verb="blocked", actor_id=1)


# By the name of the constraint, "model.field" of a unique field, or the name of the trigger.
REFUSED: dict[str, list[Callable[[Cast], object]]] = {
    "company.customer_number": [lambda cast: copy(cast.company)],
    "company_has_a_name": [lambda cast: change(cast.company, name="")],
    "company_second_step_has_a_day": [
        lambda cast: change(cast.company, second_step_for="everyone"),
        lambda cast: change(cast.company, second_step_from="2027-01-01"),
    ],
    "company_promises_some_days": [
        lambda cast: change(cast.company, promised_days=0),
        lambda cast: change(cast.company, promised_days=31),
    ],
    "company_closes_requests_in_time": [
        lambda cast: change(cast.company, closes_after_days=6),
        lambda cast: change(cast.company, closes_after_days=366),
    ],
    "company_closed_says_why": [
        lambda cast: change(cast.company, closed_at=timezone.now()),
        lambda cast: change(cast.company, closed_because="Opgezegd"),
    ],
    "company_has_a_number": [lambda cast: change(cast.company, customer_number="")],
    "domain_lost_proof_was_there": [
        lambda cast: change(cast.company.domains.get(), proof_missing_since=timezone.now())
    ],
    "domainfanout.domain": [lambda cast: second_fan_out(cast.company.domains.get())],
    "domain_once_per_company": [second_domain],
    "domain_is_canonical": [domain_in_capitals, domain_with_an_at_sign, domain_of_one_label, domain_in_unicode],
    "user.email": [lambda cast: person(cast.colleague.email)],
    "addresschange.user": [
        lambda cast: [AddressChange.objects.create(user=cast.colleague, address="a@acme.nl") for _twice in "ab"]
    ],
    "addresschange_is_canonical": [
        lambda cast: AddressChange.objects.create(user=cast.colleague, address="A@acme.nl"),
        lambda cast: AddressChange.objects.create(user=cast.colleague, address="a b@acme.nl"),
    ],
    "user_email_is_canonical": [
        same_address_in_capitals,
        address_with_a_kelvin_sign,
        address_with_two_at_signs,
        address_with_a_quoted_name,
        address_in_unicode,
        address_with_a_line_break,
    ],
    "user_admin_has_a_company": [
        lambda cast: person(role=User.Role.ADMIN),
        lambda cast: change(pending_person(company=cast.company, role=User.Role.ADMIN), company=None),
    ],
    "user_merged_is_closed": [
        lambda cast: person(merged_into=cast.admin),
        lambda cast: change(person(merged_into=cast.admin, is_blocked=True), company=cast.company),
    ],
    "labelvalue_once_per_company": [
        lambda cast: [value_of(cast.company, name) for name in ("Inkoop", "INKOOP")],
        lambda cast: change(value_of(cast.company, "Verkoop"), name=value_of(cast.company, "Inkoop").name.lower()),
    ],
    "labelvalue_has_a_name": [lambda cast: value_of(cast.company, "")],
    "user_label_has_a_company": [
        lambda cast: change(person(), label=value_of(cast.company, "Inkoop")),
        lambda cast: change(person(company=cast.company, label=value_of(cast.company, "Inkoop")), company=None),
    ],
    "user_label_of_own_company": [
        lambda cast: change(cast.colleague, label=value_of(cast.other_company, "Inkoop")),
        lambda cast: change(
            person(company=cast.company, label=value_of(cast.company, "Inkoop")), company=cast.other_company
        ),
        lambda cast: change(held_value(cast), company=cast.other_company),
    ],
    "licenserequest_label_of_own_company": [
        lambda cast: change(request_of(cast), label=value_of(cast.other_company, "Project A"))
    ],
    "documentrequest_label_of_own_company": [
        lambda cast: change(document_request_of(cast), label=value_of(cast.other_company, "Project A"))
    ],
    "licenserequest_rejected_says": unrejected(request_of),
    "documentrequest_rejected_says": unrejected(document_request_of),
    "requestmessage_about_one_request": [
        lambda cast: RequestMessage.objects.create(is_question=True, text="?"),
        lambda cast: RequestMessage.objects.create(
            is_question=True,
            text="?",
            license_request=request_of(cast),
            document_request=document_request_of(cast),
        ),
    ],
    "readysentence_once_per_company": [lambda cast: [sentence_of(cast) for _twice in range(2)]],
    "readysentence_says_something": [lambda cast: sentence_of(cast, "")],
    "deputy_first_day_before_last": [lambda cast: change(deputy_of(cast), last_day="2020-01-01")],
    "deputy_is_somebody_else": [lambda cast: change(deputy_of(cast), user=cast.admin)],
    "deputy_user_of_own_company": [
        lambda cast: change(deputy_of(cast), user=person(company=cast.other_company)),
        lambda cast: change(deputy_of(cast).user, company=None),
    ],
    "deputy_admin_of_own_company": [
        lambda cast: change(deputy_of(cast), admin=person(company=cast.other_company)),
    ],
    "user_pending_has_a_deadline": [lambda cast: change(cast.colleague, registered_at=None)],
    "user_undeliverable_since": [lambda cast: change(cast.colleague, undeliverable_reason="550 no")],
    "user_last_active_admin_changed": [lambda cast: change(cast.admin, is_blocked=True)],
    "user_last_active_admin_deleted": [lambda cast: rows(User, cast.admin.pk).delete()],
    "statuscounts.company": [
        lambda cast: [StatusCounts.objects.create(company=cast.company) for _twice in range(2)],
    ],
    "signinattempts.address": [
        lambda cast: [SignInAttempts.objects.create(address="jan@acme.nl") for _twice in range(2)]
    ],
    "termsacceptance_once": [
        lambda cast: [
            TermsAcceptance.objects.create(version=version, user=cast.colleague)
            for version in [published_terms()] * 2
        ]
    ],
    "terms_are_not_changed": [
        lambda cast: change(published_terms(), text_nl="Iets anders"),
        lambda cast: change(published_terms(), text_en="Something else"),
        lambda cast: change(published_terms(), published_at=timezone.now() + timedelta(days=1)),
        lambda cast: change(published_terms(), published_by=cast.admin),
    ],
    "terms_are_not_deleted": [
        lambda cast: published_terms().delete(),
        lambda cast: TermsVersion.objects.filter(pk=published_terms().pk).delete(),
    ],
    "moverequest_one_open": [lambda cast: copy(move_to(cast.company), to_company=company_with("Een derde"))],
    "moverequest_to_another_company": [lambda cast: move_to(cast.company, cast.colleague)],
    "moverequest_decided_when": [
        lambda cast: change(move_to(cast.company), status="accepted"),
        lambda cast: change(move_to(cast.company), decided_at=timezone.now()),
    ],
    "peopleimportline_once": [
        lambda cast: [
            PeopleImportLine.objects.create(people_import=row, number=2, outcome="new")
            for row in [PeopleImport.objects.create(company=cast.company)] * 2
        ]
    ],
    "peoplechangeline_once": [
        lambda cast: [
            PeopleChangeLine.objects.create(change=row, user=cast.colleague)
            for row in [PeopleChange.objects.create(company=cast.company, kind="block")] * 2
        ]
    ],
    "leaver_once_per_departure": [
        lambda cast: [
            Leaver.objects.create(departure=row, user=cast.colleague)
            for row in [Departure.objects.create(company=cast.company, kind=Departure.Kind.BLOCK)] * 2
        ]
    ],
    "joininvitation_once": [
        lambda cast: [JoinInvitation.objects.create(company=cast.company, user=cast.colleague) for _twice in "ab"]
    ],
    "document.number": [lambda cast: [document("NEN 1010:2020") for _twice in range(2)]],
    "document_plus_has_countries": [
        lambda cast: document(is_plus=True, plus_countries=[]),
        lambda cast: document(is_plus=False, plus_countries=["NL"]),
    ],
    "license_only_a_collection_has_limits": [
        lambda cast: license_for(cast.company, max_documents=3),
        lambda cast: license_for(cast.company, allowed_kinds=["NEN"]),
    ],
    "license_max_documents_added": [
        lambda cast: collection_for(cast.company, max_documents=1).documents.add(document(), document()),
        lambda cast: collection_for(cast.company, max_documents=0).documents.add(document()),
    ],
    "license_max_documents_changed": [
        lambda cast: change(collection_for(cast.company, documents=[document(), document()]), max_documents=1)
    ],
    "companywideend.license": [
        lambda cast: [CompanyWideEnd.objects.create(license=first_license(cast)) for _twice in range(2)]
    ],
    "licenserequest_waits_while_open": [
        lambda cast: change(
            request_of(cast), waiting_since=timezone.now(), status="withdrawn", decided_at=timezone.now()
        )
    ],
    "license_ends_after_it_starts": [
        lambda cast: license_for(cast.company, starts_on=date(2027, 1, 2), ends_on=date(2027, 1, 1))
    ],
    "license_ends_before_2200": [lambda cast: license_for(cast.company, ends_on=date(9999, 12, 31))],
    "license_company_wide_is_approved": [
        lambda cast: license_for(cast.company, is_company_wide=True, is_company_wide_approved=False)
    ],
    "license_company_wide_has_no_seats": [lambda cast: license_for(cast.company, is_company_wide=True, seats=5)],
    "grant_once": [
        lambda cast: [
            Grant.objects.create(license=license, user=cast.colleague)
            for license in [license_for(cast.company)] * 2
        ]
    ],
    "licenserequest_one_open": [lambda cast: copy(request_of(cast))],
    "licenserequest_decided_when": [*undecided(request_of)],
    "licenserequest_open_has_a_person": [lambda cast: change(request_of(cast), user=None)],
    "documentrequest_one_open": [lambda cast: copy(document_request_of(cast))],
    "documentrequest_decided_when": [*undecided(document_request_of)],
    "documentrequest_open_has_a_person": [lambda cast: change(document_request_of(cast), user=None)],
    "outboxmail_once_per_key": [lambda cast: copy(mail_for(cast), message_id="<b@x>")],
    "outboxmail_own_message_id": [lambda cast: copy(mail_for(cast), key="b")],
    "outboxmail_sent_has_a_time": [
        lambda cast: mail_for(cast, status="sent"),
        lambda cast: mail_for(cast, status="waiting", sent_at=timezone.now()),
    ],
    "outboxmail_rerouted_to_another": [lambda cast: mail_for(cast, on_behalf_of=cast.colleague)],
    "outboxmail_person_or_address": [lambda cast: mail_for(cast, address="karin@acme.nl")],
    "mailqueue_one_row": [lambda cast: MailQueue.objects.create(pk=2)],
    "mailqueue_paused_since": [
        lambda cast: MailQueue.objects.create(pk=1, is_paused=True),
        lambda cast: MailQueue.objects.create(pk=1, paused_at=timezone.now()),
        lambda cast: MailQueue.objects.create(pk=1, retry_at=timezone.now()),
    ],
    "heartbeat.name": [
        lambda cast: [Heartbeat.objects.create(name="beat", at=timezone.now()) for _twice in range(2)]
    ],
    "networkcount_once": [
        lambda cast: [
            NetworkCount.objects.create(door="register", network="203.0.113.0/24", level=1) for _twice in range(2)
        ]
    ],
    "networkcount_is_of_something": [
        lambda cast: NetworkCount.objects.create(door="register", network="203.0.113.0/24", level=0)
    ],
    "audit_is_append_only": [
        lambda cast: change(trail_entry(), verb="unblocked"),
        lambda cast: trail_entry().delete(),
        lambda cast: AuditEntry.objects.filter(pk=trail_entry().pk).delete(),
    ],
    "audit_is_not_emptied": [lambda cast: empty_trail()],
}
# What a trigger calls itself when it refuses.
TRIGGER_SAYS = {
    "user_last_active_admin_changed": "user_last_active_admin",
    "user_last_active_admin_deleted": "user_last_active_admin",
    "license_max_documents_added": "license_max_documents",
    "license_max_documents_changed": "license_max_documents",
    "audit_is_append_only": None,
    "audit_is_not_emptied": None,
    "terms_are_not_changed": None,
    "terms_are_not_deleted": None,
}
EVERY_WAY = [
    pytest.param(name, act, id=f"{name}-{number}")
    for name, acts in REFUSED.items()
    for number, act in enumerate(acts)
]


@pytest.mark.parametrize(("name", "act"), EVERY_WAY)
def test_the_database_refuses(cast: Cast, name: str, act: Callable[[Cast], object]) -> None:
    with pytest.raises(IntegrityError) as refused:
        do_and_check(act, cast)

    assert refused_by(refused.value) == TRIGGER_SAYS.get(name, constraint_of(name))


@transaction.atomic
def do_and_check(act: Callable[[Cast], object], cast: Cast) -> None:
    act(cast)
    connection.check_constraints()  # the deferred ones speak now instead of at the commit


def test_every_constraint_unique_field_and_trigger_stands_above() -> None:
    assert set(REFUSED) == {*constraints(), *unique_fields(), *foreign_keys_on_two_columns(), *triggers()}


def test_requests_that_are_closed_may_be_many(cast: Cast) -> None:
    """Asking again after a rejection, or after taking it back, is allowed (R26)."""
    for make in (request_of, document_request_of):
        first = make(cast)
        change(first, status="rejected", decided_at=timezone.now(), decided_by=cast.admin)
        copy(first, status="withdrawn", decided_by=None, decided_at=timezone.now())
        copy(first, status="open", decided_by=None, decided_at=None)
        assert type(first)._default_manager.count() == 3


def test_things_that_history_hangs_on_are_not_deleted(cast: Cast) -> None:
    license_request, document_request = request_of(cast), document_request_of(cast)
    for thing in (license_request.license, cast.company, document_request.document):
        with pytest.raises(models.ProtectedError):
            thing.delete()


def first_license(cast: Cast) -> License:
    return License.objects.first() or license_for(cast.company)


@pytest.mark.parametrize("make", [request_of, document_request_of])
def test_nobody_goes_whose_request_is_open_and_what_was_decided_stays(
    cast: Cast, make: Callable[[Cast], AccessRequest]
) -> None:
    """The action withdraws it first (C27, C42)."""
    asked = make(cast)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        cast.colleague.delete()
    assert refused_by(refused.value) == f"{asked._meta.model_name}_open_has_a_person"

    change(asked, status="rejected", decided_at=timezone.now(), decided_by=cast.admin)
    cast.colleague.delete()

    asked.refresh_from_db()
    assert (asked.user, asked.status, asked.decided_by) == (None, "rejected", cast.admin)


def our_models() -> list[type[models.Model]]:
    return [model for label in OUR_APPS for model in apps.get_app_config(label).get_models()]


def constraints() -> list[str]:
    return [constraint.name for model in our_models() for constraint in model._meta.constraints]


def unique_fields() -> list[str]:
    return [
        f"{model._meta.model_name}.{field.name}"
        for model in our_models()
        for field in model._meta.local_fields
        if field.unique and not field.primary_key
    ]


def foreign_keys_on_two_columns() -> list[str]:
    """Django knows none: a migration has written them in SQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'f' AND cardinality(conkey) > 1")
        return [name for (name,) in cursor.fetchall()]


def triggers() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal "
            "AND tgname NOT LIKE '%\\_status'"  # these refuse nothing: they tell that numbers changed
        )
        return [name for (name,) in cursor.fetchall()]


def constraint_of(name: str) -> str:
    """The database's own name for a unique field; a constraint has the name that the model gives it."""
    if "." not in name:
        return name
    model_name, field = name.split(".")
    model = next(model for model in our_models() if model._meta.model_name == model_name)
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    column = next(one.column for one in model._meta.local_fields if one.name == field)
    return next(key for key, facts in found.items() if facts["unique"] and facts["columns"] == [column])


def refused_by(error: IntegrityError) -> str | None:
    assert isinstance(error.__cause__, psycopg.Error)
    return error.__cause__.diag.constraint_name


def test_each_licence_and_document_is_ours() -> None:
    """The list of apps above is whole: no app of ours is left out of the check."""
    ours = {model._meta.app_label for model in apps.get_models() if not is_third_party(model)}
    assert ours == set(OUR_APPS)


def is_third_party(model: type[models.Model]) -> bool:
    return model.__module__.split(".")[0] not in ROOMS


def test_a_document_and_a_licence_are_what_they_seem(cast: Cast) -> None:
    """The good neighbours of what is refused above are accepted."""
    document(is_plus=True, plus_countries=["NL", "BE"])
    license_for(cast.company, starts_on=date(2027, 1, 1), ends_on=date(2027, 1, 1))
    license_for(cast.company, is_company_wide=True)
    assert Document.objects.count() == 1
    assert License.objects.count() == 2

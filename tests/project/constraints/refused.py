"""List each constraint, unique field and trigger with changes that it refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.utils import timezone

from accounts.models import (
    AddressChange,
    JoinInvitation,
    SignInAttempts,
    StatusCounts,
    TermsAcceptance,
    TermsVersion,
    User,
)
from licenses.models import CompanyWideEnd, Grant
from members.models import Departure, Leaver, PeopleChange, PeopleChangeLine, PeopleImport, PeopleImportLine
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import Heartbeat, MailQueue
from nenconnect.throttle.models import NetworkCount
from requests_app.models import RequestMessage
from tests.factories import (
    make_collection,
    make_company,
    make_document,
    make_license,
    make_move_request,
    make_pending_person,
    make_person,
    make_terms_version,
)
from tests.project.constraints.changes import (
    ConstraintCast,
    address_in_unicode,
    address_with_a_kelvin_sign,
    address_with_a_line_break,
    address_with_a_quoted_name,
    address_with_two_at_signs,
    contradictory_decisions,
    create_audit_entry,
    deputy_of,
    document_request_of,
    domain_in_capitals,
    domain_in_unicode,
    domain_of_one_label,
    domain_with_an_at_sign,
    empty_audit,
    existing_address_in_capitals,
    first_license,
    insert_copy,
    license_request_of,
    mail_for,
    queryset_of,
    rejection_fields_without_rejection,
    second_domain,
    second_fan_out,
    sentence_of,
    update_row,
    value_in_use,
    value_of,
)

# Keys: the name of a constraint or trigger, or "model.field" for a unique field.
REFUSED_CHANGES: dict[str, list[Callable[[ConstraintCast], object]]] = {
    "company.customer_number": [lambda cast: insert_copy(cast.company)],
    "company_has_a_name": [lambda cast: update_row(cast.company, name="")],
    "company_second_step_has_a_day": [
        lambda cast: update_row(cast.company, second_step_for="everyone"),
        lambda cast: update_row(cast.company, second_step_from="2027-01-01"),
    ],
    "company_promises_some_days": [
        lambda cast: update_row(cast.company, promised_days=0),
        lambda cast: update_row(cast.company, promised_days=31),
    ],
    "company_closes_requests_in_time": [
        lambda cast: update_row(cast.company, closes_after_days=6),
        lambda cast: update_row(cast.company, closes_after_days=366),
    ],
    "company_closed_says_why": [
        lambda cast: update_row(cast.company, closed_at=timezone.now()),
        lambda cast: update_row(cast.company, closed_because="Opgezegd"),
    ],
    "company_has_a_number": [lambda cast: update_row(cast.company, customer_number="")],
    "domain_lost_proof_was_there": [
        lambda cast: update_row(cast.company.domains.get(), proof_missing_since=timezone.now())
    ],
    "domainfanout.domain": [lambda cast: second_fan_out(cast.company.domains.get())],
    "domain_once_per_company": [second_domain],
    "domain_is_canonical": [domain_in_capitals, domain_with_an_at_sign, domain_of_one_label, domain_in_unicode],
    "user.email": [lambda cast: make_person(cast.colleague.email)],
    "addresschange.user": [
        lambda cast: [AddressChange.objects.create(user=cast.colleague, address="a@acme.nl") for _twice in "ab"]
    ],
    "addresschange_is_canonical": [
        lambda cast: AddressChange.objects.create(user=cast.colleague, address="A@acme.nl"),
        lambda cast: AddressChange.objects.create(user=cast.colleague, address="a b@acme.nl"),
    ],
    "user_email_is_canonical": [
        existing_address_in_capitals,
        address_with_a_kelvin_sign,
        address_with_two_at_signs,
        address_with_a_quoted_name,
        address_in_unicode,
        address_with_a_line_break,
    ],
    "user_admin_has_a_company": [
        lambda cast: make_person(role=User.Role.ADMIN),
        lambda cast: update_row(make_pending_person(company=cast.company, role=User.Role.ADMIN), company=None),
    ],
    "user_admin_reads_own_mail": [
        lambda cast: make_person(company=cast.company, role=User.Role.ADMIN, is_mail_rerouted=True),
        lambda cast: update_row(cast.admin, is_mail_rerouted=True),
    ],
    "user_merged_is_closed": [
        lambda cast: make_person(merged_into=cast.admin),
        lambda cast: update_row(make_person(merged_into=cast.admin, is_blocked=True), company=cast.company),
    ],
    "labelvalue_once_per_company": [
        lambda cast: [value_of(cast.company, name) for name in ("Inkoop", "INKOOP")],
        lambda cast: update_row(
            value_of(cast.company, "Verkoop"), name=value_of(cast.company, "Inkoop").name.lower()
        ),
    ],
    "labelvalue_has_a_name": [lambda cast: value_of(cast.company, "")],
    "user_label_has_a_company": [
        lambda cast: update_row(make_person(), label=value_of(cast.company, "Inkoop")),
        lambda cast: update_row(
            make_person(company=cast.company, label=value_of(cast.company, "Inkoop")), company=None
        ),
    ],
    "user_label_of_own_company": [
        lambda cast: update_row(cast.colleague, label=value_of(cast.other_company, "Inkoop")),
        lambda cast: update_row(
            make_person(company=cast.company, label=value_of(cast.company, "Inkoop")), company=cast.other_company
        ),
        lambda cast: update_row(value_in_use(cast), company=cast.other_company),
    ],
    "licenserequest_label_of_own_company": [
        lambda cast: update_row(license_request_of(cast), label=value_of(cast.other_company, "Project A"))
    ],
    "documentrequest_label_of_own_company": [
        lambda cast: update_row(document_request_of(cast), label=value_of(cast.other_company, "Project A"))
    ],
    "licenserequest_rejected_says": rejection_fields_without_rejection(license_request_of),
    "documentrequest_rejected_says": rejection_fields_without_rejection(document_request_of),
    "requestmessage_about_one_request": [
        lambda cast: RequestMessage.objects.create(is_question=True, text="?"),
        lambda cast: RequestMessage.objects.create(
            is_question=True,
            text="?",
            license_request=license_request_of(cast),
            document_request=document_request_of(cast),
        ),
    ],
    "readysentence_once_per_company": [lambda cast: [sentence_of(cast) for _twice in range(2)]],
    "readysentence_says_something": [lambda cast: sentence_of(cast, "")],
    "deputy_first_day_before_last": [lambda cast: update_row(deputy_of(cast), last_day="2020-01-01")],
    "deputy_is_somebody_else": [lambda cast: update_row(deputy_of(cast), user=cast.admin)],
    "deputy_user_of_own_company": [
        lambda cast: update_row(deputy_of(cast), user=make_person(company=cast.other_company)),
        lambda cast: update_row(deputy_of(cast).user, company=None),
    ],
    "deputy_admin_of_own_company": [
        lambda cast: update_row(deputy_of(cast), admin=make_person(company=cast.other_company)),
    ],
    "user_pending_has_a_deadline": [lambda cast: update_row(cast.colleague, registered_at=None)],
    "user_undeliverable_since": [lambda cast: update_row(cast.colleague, undeliverable_reason="550 no")],
    "user_last_active_admin_changed": [lambda cast: update_row(cast.admin, is_blocked=True)],
    "user_last_active_admin_deleted": [lambda cast: queryset_of(User, cast.admin.pk).delete()],
    "statuscounts.company": [
        lambda cast: [StatusCounts.objects.create(company=cast.company) for _twice in range(2)],
    ],
    "signinattempts.address": [
        lambda cast: [SignInAttempts.objects.create(address="jan@acme.nl") for _twice in range(2)]
    ],
    "termsacceptance_once": [
        lambda cast: [
            TermsAcceptance.objects.create(version=version, user=cast.colleague)
            for version in [make_terms_version()] * 2
        ]
    ],
    "terms_are_not_changed": [
        lambda cast: update_row(make_terms_version(), text_nl="Iets anders"),
        lambda cast: update_row(make_terms_version(), text_en="Something else"),
        lambda cast: update_row(make_terms_version(), published_at=timezone.now() + timedelta(days=1)),
        lambda cast: update_row(make_terms_version(), published_by=cast.admin),
    ],
    "terms_are_not_deleted": [
        lambda cast: make_terms_version().delete(),
        lambda cast: TermsVersion.objects.filter(pk=make_terms_version().pk).delete(),
    ],
    "moverequest_one_open": [
        lambda cast: insert_copy(make_move_request(cast.company), to_company=make_company("Een derde"))
    ],
    "moverequest_to_another_company": [lambda cast: make_move_request(cast.company, cast.colleague)],
    "moverequest_decided_when": [
        lambda cast: update_row(make_move_request(cast.company), status="accepted"),
        lambda cast: update_row(make_move_request(cast.company), decided_at=timezone.now()),
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
    "document.number": [lambda cast: [make_document("NEN 1010:2020") for _twice in range(2)]],
    "document_plus_has_countries": [
        lambda cast: make_document(is_plus=True, plus_countries=[]),
        lambda cast: make_document(is_plus=False, plus_countries=["NL"]),
    ],
    "license_only_a_collection_has_limits": [
        lambda cast: make_license(cast.company, max_documents=3),
        lambda cast: make_license(cast.company, allowed_kinds=["NEN"]),
    ],
    "license_max_documents_added": [
        lambda cast: make_collection(cast.company, max_documents=1).documents.add(
            make_document(), make_document()
        ),
        lambda cast: make_collection(cast.company, max_documents=0).documents.add(make_document()),
    ],
    "license_max_documents_changed": [
        lambda cast: update_row(
            make_collection(cast.company, documents=[make_document(), make_document()]), max_documents=1
        )
    ],
    "companywideend.license": [
        lambda cast: [CompanyWideEnd.objects.create(license=first_license(cast)) for _twice in range(2)]
    ],
    "licenserequest_waits_while_open": [
        lambda cast: update_row(
            license_request_of(cast), waiting_since=timezone.now(), status="withdrawn", decided_at=timezone.now()
        )
    ],
    "license_ends_after_it_starts": [
        lambda cast: make_license(cast.company, starts_on=date(2027, 1, 2), ends_on=date(2027, 1, 1))
    ],
    "license_once": [
        lambda cast: [make_license(cast.company, name="Bouw", starts_on=date(2027, 1, 1)) for _number in range(2)]
    ],
    "license_ends_before_2200": [lambda cast: make_license(cast.company, ends_on=date(9999, 12, 31))],
    "license_company_wide_is_approved": [
        lambda cast: make_license(cast.company, is_company_wide=True, is_company_wide_approved=False)
    ],
    "license_company_wide_has_no_seats": [lambda cast: make_license(cast.company, is_company_wide=True, seats=5)],
    "grant_once": [
        lambda cast: [
            Grant.objects.create(license=license, user=cast.colleague)
            for license in [make_license(cast.company)] * 2
        ]
    ],
    "licenserequest_one_open": [lambda cast: insert_copy(license_request_of(cast))],
    "licenserequest_decided_when": [*contradictory_decisions(license_request_of)],
    "licenserequest_open_has_a_person": [lambda cast: update_row(license_request_of(cast), user=None)],
    "documentrequest_one_open": [lambda cast: insert_copy(document_request_of(cast))],
    "documentrequest_decided_when": [*contradictory_decisions(document_request_of)],
    "documentrequest_open_has_a_person": [lambda cast: update_row(document_request_of(cast), user=None)],
    "outboxmail_once_per_key": [lambda cast: insert_copy(mail_for(cast), message_id="<b@x>")],
    "outboxmail_own_message_id": [lambda cast: insert_copy(mail_for(cast), key="b")],
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
        lambda cast: update_row(create_audit_entry(), verb="unblocked"),
        lambda cast: create_audit_entry().delete(),
        lambda cast: AuditEntry.objects.filter(pk=create_audit_entry().pk).delete(),
    ],
    "audit_is_not_emptied": [lambda cast: empty_audit()],
}

"""List each audit verb of a company admin with the action that records it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.actions import (
    closing,
    deputies,
    details,
    labels,
    membership,
    moving,
    registration,
    second_step,
    sign_in,
    terms,
)
from accounts.actions.address_change import ask_address_change, cancel_address_change, send_address_change_again
from accounts.actions.registration import NewColleague
from accounts.models import AddressChange, Deputy, User
from companies import actions as companies
from companies import domains, proof
from companies.models import Company, LabelValue
from licenses.actions import collections, document_import, granting, switches
from licenses.actions import terms as license_terms
from licenses.models import DocumentImport
from members.actions import bulk_changes, departures, people_import
from members.actions.moving import accept_move
from members.actions.returning import bring_back
from members.models import Departure, Leaver, PeopleImport
from requests_app.actions import (
    approving_documents,
    asking_first,
    deciding,
    ready_sentences,
    requester_actions,
    waiting_list,
)
from requests_app.actions.asking import request_document, request_license
from requests_app.models import DocumentRequest, LicenseRequest, ReadySentence
from tests.factories import (
    add_authenticator_app,
    make_collection,
    make_company,
    make_document,
    make_grants,
    make_license,
    make_move_request,
    make_pending_person,
    make_person,
)

CONTACT = {
    "contact_person": "Karin Geheim",
    "contact_phone": "06 99887766",
    "contact_email": "karin@geheim.example",
}
TERM: dict[str, Any] = {"name": "Bouw", "starts_on": date(2027, 1, 1), "ends_on": date(2027, 12, 31)}
NEW = NewColleague(email="geheim@voorbeeld.example", name="Gerda Geheim", phone="06 99887766")


def request_of(company: Company, by: User) -> LicenseRequest:
    return request_license(make_license(company), by=by, reason="Geheime reden")


def document_asked(company: Company, by: User) -> DocumentRequest:
    make_collection(company)
    return request_document(make_document(), by=by, reason="Geheime reden")


def withdraw(request: LicenseRequest | DocumentRequest, by: User) -> None:
    deciding.withdraw(request, by=by)


def reopened(company: Company, by: User) -> None:
    closing.close_company(company, because="Geheim", by=by)
    closing.reopen_company(company, by=by)


def deleted(by: User) -> None:
    companies.delete_company(make_company("Geheim BV"), by=by)


def late(request: LicenseRequest | DocumentRequest) -> LicenseRequest | DocumentRequest:
    # Past the time that the company promises.
    request.created_at = timezone.now() - timedelta(days=30)
    request.save()
    return request


def deputy_of(company: Company, admin: User) -> Deputy:
    today = timezone.localdate()
    return deputies.name_deputy(make_person(company=company), first_day=today, last_day=today, by=admin)


def answered(request: LicenseRequest | DocumentRequest, by: User) -> None:
    asking_first.ask_first(request, "Geheime vraag?", by=by)
    asking_first.answer(request, "Geheim antwoord", by=by)


def kept_sentence(company: Company, by: User) -> ReadySentence:
    return ready_sentences.add_sentence(company, "Geheime zin", by=by)


Act = Callable[[Company, User], object]

# The verb → an action by the admin that leaves it. What comes before it in the same line leaves its own.
BY_ADMIN: dict[str, Act] = {
    "company_created": lambda c, a: companies.create_company(
        by=a, name="Geheim BV", customer_number="K1-geheim", **CONTACT
    ),
    "second_step_required": lambda c, a: companies.set_second_step(
        c, "everyone", first_day=timezone.localdate(), by=a
    ),
    "second_step_taken_away": lambda c, a: second_step.take_away(
        add_authenticator_app(make_person(company=c)), by=a
    ),
    "company_changed": lambda c, a: companies.change_company(c, by=a, **CONTACT),
    "domain_added": lambda c, a: domains.add_domain(c, "nieuw.example", by=a),
    "domain_changed": lambda c, a: domains.change_domain(c.domains.get(), has_subdomains=True, by=a),
    "domain_removed": lambda c, a: domains.remove_domain(c.domains.get(), by=a),
    "domain_look_up_asked": lambda c, a: proof.look_now(c.domains.get(), by=a),
    "company_closed": lambda c, a: closing.close_company(c, because="Geheim", by=a),
    "company_reopened": lambda c, a: reopened(c, a),
    "company_deleted": lambda c, a: deleted(a),
    "deputy_named": deputy_of,
    "deputy_ended": lambda c, a: deputies.end_deputy(deputy_of(c, a), by=a),
    "licenserequest_added_to": lambda c, a: requester_actions.add_word(request_of(c, a), "Geheim", by=a),
    "licenserequest_nudged": lambda c, a: requester_actions.nudge(late(request_of(c, a)), by=a),
    "documentrequest_added_to": lambda c, a: requester_actions.add_word(document_asked(c, a), "Geheim", by=a),
    "documentrequest_nudged": lambda c, a: requester_actions.nudge(late(document_asked(c, a)), by=a),
    "label_values_added": lambda c, a: companies.add_label_values(c, "users", ["Geheime dienst"], by=a),
    "label_value_renamed": lambda c, a: companies.rename_label_value(
        secret_value(c), "Geheimer", seen="Geheim", by=a
    ),
    "label_values_merged": lambda c, a: labels.merge_label_values(
        secret_value(c), into=secret_value(c, "Geheimer"), by=a
    ),
    "label_value_deleted": lambda c, a: labels.delete_label_value(secret_value(c), by=a),
    "ready_sentence_added": lambda c, a: kept_sentence(c, a),
    "ready_sentence_changed": lambda c, a: ready_sentences.change_sentence(kept_sentence(c, a), "Geheimer", by=a),
    "ready_sentence_deleted": lambda c, a: ready_sentences.delete_sentence(kept_sentence(c, a), by=a),
    "licenserequest_asked": lambda c, a: asking_first.ask_first(
        request_of(c, make_person(company=c)), "Geheim?", by=a
    ),
    "documentrequest_asked": lambda c, a: asking_first.ask_first(
        document_asked(c, make_person(company=c)), "Geheim?", by=a
    ),
    "licenserequest_answered": lambda c, a: answered(request_of(c, a), a),
    "documentrequest_answered": lambda c, a: answered(document_asked(c, a), a),
    "user_added": lambda c, a: registration.add_user(c, NEW, by=a),
    "join_invited": lambda c, a: registration.invite_to_join(
        c, make_person("los@geheim.example"), role="user", by=a
    ),
    "registration_sent_again": lambda c, a: registration.send_registration_again(
        make_pending_person(company=c, registration_sent_at=None), by=a
    ),
    "move_declined": lambda c, a: moving.decline_move(make_move_request(c), by=a),
    "moved_in": lambda c, a: accept_move(make_move_request(c), by=a),
    "moved_out": lambda c, a: accept_move(make_move_request(neighbour(c), make_person(company=c)), by=a),
    "address_change_asked": lambda c, a: ask_address_change(
        make_person(company=c), "geheim@voorbeeld.example", by=a
    ),
    "address_change_sent_again": lambda c, a: address_asked(c, a, later=send_address_change_again),
    "address_change_cancelled": lambda c, a: address_asked(c, a, later=cancel_address_change),
    "address_changed": lambda c, a: ask_address_change(
        make_pending_person(company=c), "geheim@voorbeeld.example", by=a
    ),
    "role_changed": lambda c, a: membership.change_role(make_person(company=c), User.Role.ADMIN, by=a),
    "blocked": lambda c, a: membership.block(make_person(company=c), by=a),
    "unblocked": lambda c, a: membership.unblock(make_person(company=c, is_blocked=True), by=a),
    "people_uploaded": lambda c, a: uploaded(c, a),
    "people_loaded": lambda c, a: load_people(c, a),
    "people_changed": lambda c, a: bulk_changes.start(
        bulk_changes.choose(c, [make_person(company=c).pk], kind="block", by=a), by=a
    ),
    "people_left": lambda c, a: departures.start_departure(c, [make_person(company=c)], kind="block", by=a),
    "people_left_undone": lambda c, a: undo_departure(c, a),
    "returned_to_company": lambda c, a: bring_somebody_back(c, a),
    "removed_from_company": lambda c, a: membership.remove_from_company(make_person(company=c), by=a),
    "details_changed": lambda c, a: details.change_details(make_person(company=c), by=a, name="Gijs Geheim"),
    "terms_published": lambda c, a: terms.publish(by=a, text_nl="Geheim", text_en="Geheim"),
    "lock_ended": lambda c, a: sign_in.end_lock(make_person(company=c), by=a),
    "license_created": lambda c, a: license_terms.create_license(c, by=a, **TERM),
    "license_changed": lambda c, a: license_terms.change_terms(make_license(c), by=a, name="Infra", seats=7),
    "license_documents_set": lambda c, a: license_terms.set_documents(make_license(c), [make_document()], by=a),
    "license_document_removed": lambda c, a: out_of_collection(c, a),
    "license_end_changed": lambda c, a: ending_earlier(c, a),
    "documents_uploaded": lambda c, a: documents_uploaded(a),
    "documents_loaded": lambda c, a: load_documents(a),
    "license_document_added": lambda c, a: collections.add_document(make_collection(c), make_document(), by=a),
    "license_granted": lambda c, a: granting.grant(make_license(c), to=make_person(company=c), by=a),
    "license_taken_away": lambda c, a: take_away(c, a),
    "company_wide_switched": lambda c, a: switches.set_company_wide(
        make_license(c, is_company_wide_approved=True), True, by=a
    ),
    "license_shown_switched": lambda c, a: switches.set_shown(make_license(c), False, by=a),
    "licenserequest_created": lambda c, a: request_of(c, a),
    "licenserequest_in_line": lambda c, a: in_line(c, a),
    "licenserequest_approved": lambda c, a: deciding.approve(request_of(c, a), by=a),
    "licenserequest_rejected": lambda c, a: deciding.reject(request_of(c, a), by=a, reason="Geheim"),
    "licenserequest_withdrawn": lambda c, a: withdraw(request_of(c, a), by=a),
    "documentrequest_created": lambda c, a: document_asked(c, a),
    "documentrequest_approved": lambda c, a: approving_documents.approve_document(
        document_asked(c, a), license=c.licenses.get(), by=a
    ),
    "documentrequest_rejected": lambda c, a: deciding.reject(document_asked(c, a), by=a, reason="Geheim"),
    "documentrequest_withdrawn": lambda c, a: withdraw(document_asked(c, a), by=a),
}


def address_asked(company: Company, admin: User, *, later: Callable[..., None]) -> None:
    user = make_person(company=company)
    ask_address_change(user, "geheim@voorbeeld.example", by=admin)
    AddressChange.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    later(user, by=admin)


def neighbour(company: Company) -> Company:
    # Another company on the same domain.
    return make_company("Geheim BV", "voorbeeld.example")


def secret_value(company: Company, name: str = "Geheim") -> LabelValue:
    return LabelValue.objects.create(company=company, name=name)


def uploaded(company: Company, admin: User) -> PeopleImport:
    return people_import.start_import(company, table=ContentFile(b"geheim", name="geheim.csv"), by=admin)


def load_people(company: Company, admin: User) -> None:
    row = uploaded(company, admin)
    PeopleImport.objects.update(state=PeopleImport.State.READY)
    people_import.load(row, only_good=False, by=admin)


def undo_departure(company: Company, admin: User) -> None:
    row = departures.start_departure(company, [make_person(company=company)], kind="remove", by=admin)
    Departure.objects.update(state=Departure.State.DONE)
    departures.undo(row, by=admin)


def bring_somebody_back(company: Company, admin: User) -> None:
    row = Departure.objects.create(company=company, kind=Departure.Kind.REMOVE)
    bring_back(Leaver.objects.create(departure=row, user=make_person("weg@voorbeeld.example")), by=admin)


def take_away(company: Company, admin: User) -> None:
    license, user = make_license(company), make_person(company=company)
    make_grants(license, user)
    granting.take_away(license, user=user, by=admin)


def ending_earlier(company: Company, admin: User) -> None:
    license, user = make_license(company), make_person(company=company)
    make_grants(license, user)
    granting.set_end(license, user=user, ends_on=license.ends_on - timedelta(days=1), by=admin)


def out_of_collection(company: Company, admin: User) -> None:
    number = make_document()
    collections.remove_document(make_collection(company, documents=[number]), number, by=admin)


def in_line(company: Company, admin: User) -> None:
    license = make_license(company, seats=1)
    make_grants(license, make_person(company=company))
    waiting_list.put_in_line(request_license(license, by=admin, reason="Geheime reden"), by=admin)


def documents_uploaded(admin: User) -> DocumentImport:
    table = ContentFile(b"geheim", name="geheim.csv")
    return document_import.start_import(table=table, archive=None, only_good=False, by=admin)


def load_documents(admin: User) -> None:
    row = documents_uploaded(admin)
    DocumentImport.objects.update(state=DocumentImport.State.READY)
    document_import.load(row, by=admin)

"""Every change leaves who, what and when (R38), and neither names nor addresses."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from accounts.actions import (
    closing,
    deputies,
    details,
    devices,
    joining,
    labels,
    membership,
    moving,
    password,
    registration,
    second_step,
    sign_in,
    terms,
    undeliverable,
)
from accounts.actions.address_change import (
    ask_address_change,
    cancel_address_change,
    send_address_change_again,
)
from accounts.actions.finishing_registration import finish_registration
from accounts.actions.registering_oneself import register_self
from accounts.actions.registration import NewColleague
from accounts.mails.password import reset_tokens
from accounts.models import AddressChange, Deputy, User
from accounts.second_step import factors_of
from accounts.sessions import SessionStore
from companies import actions as companies
from companies import domains, proof
from companies.models import Company, LabelValue
from licenses.actions import collections, granting, switches
from licenses.actions import terms as license_terms
from members.actions import bulk_changes, deleting, departures, people_import
from members.actions.moving import accept_move
from members.actions.returning import bring_back
from members.models import Departure, Leaver, PeopleImport
from nenconnect.audit.models import AuditEntry
from nenconnect.audit.verbs import VERB_IN_WORDS, details_in_words
from nenconnect.translations import ROOMS
from requests_app.actions import (
    asking_first,
    deciding,
    document_requests,
    license_requests,
    ready_sentences,
    requester_actions,
)
from requests_app.actions.document_requests import request_document
from requests_app.actions.license_requests import request_license
from requests_app.models import DocumentRequest, LicenseRequest, ReadySentence
from tests.factories import (
    PASSWORD,
    TOTP_SECRET,
    admin_of,
    collection_for,
    company_with,
    document,
    granted,
    license_for,
    move_to,
    pending_person,
    person,
    published_terms,
    recovery_codes_of,
    registration_token,
    with_app,
)

pytestmark = pytest.mark.django_db

CONTACT = {
    "contact_person": "Karin Geheim",
    "contact_phone": "06 99887766",
    "contact_email": "karin@geheim.example",
}
TERM: dict[str, Any] = {"name": "Bouw", "starts_on": date(2027, 1, 1), "ends_on": date(2027, 12, 31)}
NEW = NewColleague(email="geheim@voorbeeld.example", name="Gerda Geheim", phone="06 99887766")
# What must never stand in the trail: it is kept for ever, and people can ask to be forgotten.
SECRETS = ("geheim", "99887766", "@")


def asked(company: Company, by: User) -> LicenseRequest:
    return request_license(license_for(company), by=by, reason="Geheime reden")


def document_asked(company: Company, by: User) -> DocumentRequest:
    collection_for(company)
    return request_document(document(), by=by, reason="Geheime reden")


def withdraw(request: LicenseRequest | DocumentRequest, by: User) -> None:
    deciding.withdraw(request, by=by)


def reopened(company: Company, by: User) -> None:
    closing.close_company(company, because="Geheim", by=by)
    closing.reopen_company(company, by=by)


def deleted(by: User) -> None:
    companies.delete_company(company_with("Geheim BV"), by=by)


def late(request: LicenseRequest | DocumentRequest) -> LicenseRequest | DocumentRequest:
    """Past the time that the company promises."""
    request.created_at = timezone.now() - timedelta(days=30)
    request.save()
    return request


def deputy_of(company: Company, admin: User) -> Deputy:
    today = timezone.localdate()
    return deputies.name_deputy(person(company=company), first_day=today, last_day=today, by=admin)


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
    "second_step_taken_away": lambda c, a: second_step.take_away(with_app(person(company=c)), by=a),
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
    "licenserequest_added_to": lambda c, a: requester_actions.add_word(asked(c, a), "Geheim", by=a),
    "licenserequest_nudged": lambda c, a: requester_actions.nudge(late(asked(c, a)), by=a),
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
    "licenserequest_asked": lambda c, a: asking_first.ask_first(asked(c, person(company=c)), "Geheim?", by=a),
    "documentrequest_asked": lambda c, a: asking_first.ask_first(
        document_asked(c, person(company=c)), "Geheim?", by=a
    ),
    "licenserequest_answered": lambda c, a: answered(asked(c, a), a),
    "documentrequest_answered": lambda c, a: answered(document_asked(c, a), a),
    "user_added": lambda c, a: registration.add_user(c, NEW, by=a),
    "join_invited": lambda c, a: registration.invite_to_join(c, person("los@geheim.example"), role="user", by=a),
    "registration_sent_again": lambda c, a: registration.send_registration_again(
        pending_person(company=c, registration_sent_at=None), by=a
    ),
    "move_declined": lambda c, a: moving.decline_move(move_to(c), by=a),
    "moved_in": lambda c, a: accept_move(move_to(c), by=a),
    "moved_out": lambda c, a: accept_move(move_to(neighbour(c), person(company=c)), by=a),
    "address_change_asked": lambda c, a: ask_address_change(person(company=c), "geheim@voorbeeld.example", by=a),
    "address_change_sent_again": lambda c, a: address_asked(c, a, later=send_address_change_again),
    "address_change_cancelled": lambda c, a: address_asked(c, a, later=cancel_address_change),
    "address_changed": lambda c, a: ask_address_change(
        pending_person(company=c), "geheim@voorbeeld.example", by=a
    ),
    "role_changed": lambda c, a: membership.change_role(person(company=c), User.Role.ADMIN, by=a),
    "blocked": lambda c, a: membership.block(person(company=c), by=a),
    "unblocked": lambda c, a: membership.unblock(person(company=c, is_blocked=True), by=a),
    "people_uploaded": lambda c, a: uploaded(c, a),
    "people_loaded": lambda c, a: load_people(c, a),
    "people_changed": lambda c, a: bulk_changes.start(
        bulk_changes.choose(c, [person(company=c).pk], kind="block", by=a), by=a
    ),
    "people_left": lambda c, a: departures.start_departure(c, [person(company=c)], kind="block", by=a),
    "people_left_undone": lambda c, a: undo_departure(c, a),
    "returned_to_company": lambda c, a: bring_somebody_back(c, a),
    "removed_from_company": lambda c, a: membership.remove_from_company(person(company=c), by=a),
    "details_changed": lambda c, a: details.change_details(person(company=c), by=a, name="Gijs Geheim"),
    "terms_published": lambda c, a: terms.publish(by=a, text_nl="Geheim", text_en="Geheim"),
    "lock_ended": lambda c, a: sign_in.end_lock(person(company=c), by=a),
    "license_created": lambda c, a: license_terms.create_license(c, by=a, **TERM),
    "license_changed": lambda c, a: license_terms.change_terms(license_for(c), by=a, name="Infra", seats=7),
    "license_documents_set": lambda c, a: license_terms.set_documents(license_for(c), [document()], by=a),
    "license_document_added": lambda c, a: collections.add_document(collection_for(c), document(), by=a),
    "license_granted": lambda c, a: granting.grant(license_for(c), to=person(company=c), by=a),
    "license_taken_away": lambda c, a: take_away(c, a),
    "company_wide_switched": lambda c, a: switches.set_company_wide(
        license_for(c, is_company_wide_approved=True), True, by=a
    ),
    "license_shown_switched": lambda c, a: switches.set_shown(license_for(c), False, by=a),
    "licenserequest_created": lambda c, a: asked(c, a),
    "licenserequest_approved": lambda c, a: license_requests.approve(asked(c, a), by=a),
    "licenserequest_rejected": lambda c, a: license_requests.reject(asked(c, a), by=a, reason="Geheim"),
    "licenserequest_withdrawn": lambda c, a: withdraw(asked(c, a), by=a),
    "documentrequest_created": lambda c, a: document_asked(c, a),
    "documentrequest_approved": lambda c, a: document_requests.approve(
        document_asked(c, a), license=c.licenses.get(), by=a
    ),
    "documentrequest_rejected": lambda c, a: document_requests.reject(document_asked(c, a), by=a, reason="Geheim"),
    "documentrequest_withdrawn": lambda c, a: withdraw(document_asked(c, a), by=a),
}


def address_asked(company: Company, admin: User, *, later: Callable[..., None]) -> None:
    user = person(company=company)
    ask_address_change(user, "geheim@voorbeeld.example", by=admin)
    AddressChange.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    later(user, by=admin)


def neighbour(company: Company) -> Company:
    """Another company on the same domain."""
    return company_with("Geheim BV", "voorbeeld.example")


def secret_value(company: Company, name: str = "Geheim") -> LabelValue:
    return LabelValue.objects.create(company=company, name=name)


def uploaded(company: Company, admin: User) -> PeopleImport:
    return people_import.start_import(company, table=ContentFile(b"geheim", name="geheim.csv"), by=admin)


def load_people(company: Company, admin: User) -> None:
    row = uploaded(company, admin)
    PeopleImport.objects.update(state=PeopleImport.State.READY)
    people_import.load(row, only_good=False, by=admin)


def undo_departure(company: Company, admin: User) -> None:
    row = departures.start_departure(company, [person(company=company)], kind="remove", by=admin)
    Departure.objects.update(state=Departure.State.DONE)
    departures.undo(row, by=admin)


def bring_somebody_back(company: Company, admin: User) -> None:
    row = Departure.objects.create(company=company, kind=Departure.Kind.REMOVE)
    bring_back(Leaver.objects.create(departure=row, user=person("weg@voorbeeld.example")), by=admin)


def take_away(company: Company, admin: User) -> None:
    license, user = license_for(company), person(company=company)
    granted(license, user)
    granting.take_away(license, user=user, by=admin)


def register(company: Company) -> User:
    return finish_registration(registration_token(pending_person(company=company)), password=PASSWORD)


def reset(company: Company) -> User:
    user = person(company=company)
    return password.finish_password_reset(f"{user.pk}-{reset_tokens.make_token(user)}", password=PASSWORD)


def join(company: Company) -> User:
    user = person("los@voorbeeld.example")
    joining.join(user, company)
    return user


def ask_to_move(company: Company) -> User:
    other = neighbour(company)
    admin_of(company)
    user = person(company=other)
    moving.ask_to_move(user, company)
    return user


def withdraw_move(company: Company) -> User:
    user = ask_to_move(company)
    moving.withdraw_move(user)
    return user


def accept_terms(company: Company) -> User:
    user = person(company=company)
    terms.accept(user, published_terms())
    return user


def change_password(company: Company) -> User:
    return password.change_password(person(company=company), password="een-ander-wachtwoord-9")


def sign_out_elsewhere(company: Company) -> User:
    user, store = person(company=company), SessionStore()
    store.create()
    devices.see_device(user, store.session_key or "", ip="203.0.113.7", user_agent="Geheim/1.0")
    devices.end_devices(devices.devices_of(user), by=user)
    return user


def delete_account(company: Company) -> User:
    user = person(company=company, name="Gijs Geheim")
    deleting.delete_account(user, by=user)
    return user


def add_app(company: Company) -> User:
    return second_step.add_app(person(company=company), secret=TOTP_SECRET)


def remove_app(company: Company) -> User:
    user = with_app(person(company=company))
    second_step.remove(user, factors_of(user).get())
    return user


def make_recovery_codes(company: Company) -> User:
    user = with_app(person(company=company))
    second_step.make_recovery_codes(user)
    return user


def use_recovery_code(company: Company) -> User:
    user = with_app(person(company=company))
    assert second_step.use_code(user, recovery_codes_of(user)[0])
    return user


BY_ONESELF: dict[str, Callable[[Company], User]] = {
    "devices_signed_out": sign_out_elsewhere,
    "user_deleted": delete_account,
    "registered": register,
    "second_step_added": add_app,
    "second_step_removed": remove_app,
    "recovery_codes_made": make_recovery_codes,
    "recovery_code_used": use_recovery_code,
    "password_reset": reset,
    "joined_company": join,
    "move_requested": ask_to_move,
    "move_withdrawn": withdraw_move,
    "terms_accepted": accept_terms,
    "password_changed": change_password,
}

# Before anybody has signed in, nobody did it.
BY_A_VISITOR: dict[str, Callable[[User], None]] = {
    "registration_requested": lambda user: register_self("geheim@post.example", "Gerda Geheim", language="nl"),
    "password_reset_asked": lambda user: password.ask_password_reset(user.email),
    "address_refused": lambda user: undeliverable.mark_undeliverable(user.email, "550 geheim"),
    "address_accepted": lambda user: refused_and_accepted(user),
}
# Tests beside the journeys do these: test_opening, test_document_import, test_license_changes.
ON_DOCUMENTS = {
    "company_wide_ending",
    "document_added",
    "document_changed",
    "document_file_back",
    "document_file_missing",
    "documents_loaded",
    "documents_uploaded",
    "license_document_removed",
    "license_end_changed",
    "licenserequest_in_line",
}
# Tests of the roles at NEN do it: test_staff_roles.
BY_ADMINISTRATORS = {"staff_role_changed"}
# NEN merges two accounts: tests/test_desk_people.py does it.
BY_MERGING = {"account_closed", "accounts_merged", "license_moved_along"}
# What nobody does: tests/test_forgetting.py, test_domain_proof.py and test_waiting_requests.py let the time pass.
BY_THE_CLOCK = {
    "registration_forgotten",
    "domain_proof_lapsed",
    "domain_proven",
    "deputy_began",
    "licenserequest_expired",
    "documentrequest_expired",
}
# What happens to the mail queue: tests/test_mail_desk.py and tests/test_rerouting.py do it.
BY_THE_DESK = {"mail_queue_paused", "mail_queue_resumed", "mails_sent_again", "mail_rerouted"}


def refused_and_accepted(user: User) -> None:
    undeliverable.mark_undeliverable(user.email, "550 geheim")
    user.refresh_from_db()
    undeliverable.mark_deliverable(user)


@pytest.mark.parametrize(("verb", "act"), BY_ADMIN.items(), ids=BY_ADMIN)
def test_what_an_admin_does_is_written_down(company: Company, admin: User, verb: str, act: Act) -> None:
    before = timezone.now()

    act(company, admin)

    entry = AuditEntry.objects.get(verb=verb)
    assert entry.actor_id == admin.pk
    assert entry.subjects
    assert before <= entry.at <= timezone.now()
    if verb not in {"company_created", "company_deleted", "terms_published"}:
        assert entry.company_id == company.pk
    check_holds_no_secret()


@pytest.mark.parametrize(("verb", "act"), BY_ONESELF.items(), ids=BY_ONESELF)
def test_what_one_does_oneself_is_written_down(
    company: Company, verb: str, act: Callable[[Company], User]
) -> None:
    user = act(company)

    entry = AuditEntry.objects.get(verb=verb)
    assert (entry.actor_id, entry.company_id, entry.subjects["user"]) == (user.pk, company.pk, user.pk)
    check_holds_no_secret()


@pytest.mark.parametrize(("verb", "act"), BY_A_VISITOR.items(), ids=BY_A_VISITOR)
def test_what_a_visitor_asks_is_written_down(colleague: User, verb: str, act: Callable[[User], None]) -> None:
    act(colleague)

    assert AuditEntry.objects.get(verb=verb).actor_id is None
    check_holds_no_secret()


def test_every_verb_of_the_actions_stands_above() -> None:
    apps = [room for room in ROOMS if room != "nenconnect"]
    sources = [path for app in apps for path in Path(settings.BASE_DIR, app).rglob("*.py")]

    used = {verb for source in sources for verb in verbs_in(source)}

    assert used
    assert used <= {
        *BY_ADMIN,
        *BY_ONESELF,
        *BY_A_VISITOR,
        *BY_THE_CLOCK,
        *BY_ADMINISTRATORS,
        *BY_MERGING,
        *ON_DOCUMENTS,
    }


def test_every_verb_has_words_for_people() -> None:
    elsewhere = {*BY_THE_CLOCK, *BY_ADMINISTRATORS, *BY_MERGING, *BY_THE_DESK, *ON_DOCUMENTS}
    assert set(VERB_IN_WORDS) == {*BY_ADMIN, *BY_ONESELF, *BY_A_VISITOR, *elsewhere}


def verbs_in(source: Path) -> list[str]:
    """What is handed to `record` and to membership's `_change`, where it stands there in full."""
    calls = [node for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in {"record", "_change"}]
    words = [argument.value for call in named for argument in call.args if isinstance(argument, ast.Constant)]
    return [word for word in words if isinstance(word, str)]


def check_holds_no_secret() -> None:
    for entry in AuditEntry.objects.all():
        written = json.dumps([entry.verb, entry.subjects, entry.details]).lower()
        assert not [secret for secret in SECRETS if secret in written], written


def test_what_is_refused_leaves_no_trail(company: Company, admin: User, colleague: User) -> None:
    with pytest.raises(Exception, match=r"only active admin|enige actieve"):
        membership.block(admin, by=admin)
    with pytest.raises(Exception, match="NEN"):
        switches.set_company_wide(license_for(company), True, by=admin)

    assert not AuditEntry.objects.exists()


def test_what_changes_nothing_leaves_no_trail(company: Company, admin: User, colleague: User) -> None:
    license = license_for(company)
    membership.change_role(colleague, User.Role.USER, by=admin)
    membership.unblock(colleague, by=admin)
    details.change_details(colleague, by=admin, name=colleague.name)
    granting.take_away(license, user=colleague, by=admin)
    switches.set_shown(license, True, by=admin)
    license_terms.change_terms(license, by=admin, name=license.name)

    assert not AuditEntry.objects.exists()


def test_the_trail_of_a_person_outlives_them(company: Company, admin: User) -> None:
    user = person(company=company)
    membership.block(user, by=admin)
    User.objects.filter(pk=user.pk).delete()

    assert AuditEntry.objects.get(verb="blocked").subjects == {"user": user.pk}


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_trail_is_only_added_to(company: Company, admin: User, act: str) -> None:
    membership.block(person(company=company), by=admin)
    second = admin_of(company)

    with pytest.raises(IntegrityError), transaction.atomic():
        _do(act, second)
    assert AuditEntry.objects.get().actor_id == admin.pk


def _do(act: str, user: User) -> None:
    if act == "update":
        AuditEntry.objects.update(actor_id=user.pk)
    else:
        AuditEntry.objects.all().delete()


@pytest.mark.parametrize(("model", "label"), [("license", "last day"), ("grant", "until")])
def test_a_field_goes_by_its_name_in_what_the_line_is_about(model: str, label: str) -> None:
    with translation.override("en"):
        told = details_in_words({"fields": ["ends_on"], "changes": {}}, {model: 1, "user": 2})
    assert told.endswith(f": {label}")

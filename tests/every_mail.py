"""Write each mail of NEN Connect with the action that sends it, using names that try to break the mail."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape

from django.conf import settings
from django.utils import timezone

from accounts.actions import second_step
from accounts.actions.address_change import ask_address_change
from accounts.actions.closing import close_company
from accounts.actions.deputies import name_deputy
from accounts.actions.domain_fan_out import run_domain_fan_outs
from accounts.actions.moving import ask_to_move, decline_move
from accounts.actions.password import ask_password_reset
from accounts.actions.registering_oneself import register_self
from accounts.actions.registration import NewColleague, add_user
from accounts.mails import domains as domain_mails
from accounts.mails.address_change import send_address_changed
from accounts.mails.registration import REGISTRATION_NOTICES, send_registration_expiring
from accounts.models import RequestNotices, User
from companies.domains import add_domain
from companies.models import Company
from licenses import mails as license_mails
from licenses.actions.reading import note_missing_file
from licenses.models import Grant, License
from members.actions.deleting import delete_account
from members.actions.merging import merge_accounts
from members.actions.moving import accept_move
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from requests_app import mails as request_mails
from requests_app import waiting_mails
from requests_app.actions import approving_documents, asking_first, deciding, waiting_list
from requests_app.actions.asking import request_document, request_license
from requests_app.actions.deciding import decide
from requests_app.actions.requester_actions import nudge
from requests_app.models import DocumentRequest, LicenseRequest, RequestStatus
from tests.factories import (
    add_authenticator_app,
    make_admin,
    make_collection,
    make_company,
    make_document,
    make_grants,
    make_license,
    make_move_request,
    make_pending_person,
    make_person,
)

# A line break, a header, a tag, a vertical tab, an escape and a turn of the reading direction.
HOSTILE_TEXT = 'Jan & <b>Zn</b> "\r\nBcc: evil@evil.example\x0b \x1b[31m \u202e '
HOSTILE_LINES = "Omdat <script>alert(1)</script> & co\r\n\r\nhttps://evil.example/ klik\u2028\x08"


def write_every_mail() -> list[OutboxMail]:
    """Write every mail and return them.

    The company has two admins, so that each may switch reminders off.
    """
    company = make_company("Nasty", "nasty.example")
    admin, colleague = make_admin(company), make_person(company=company)
    make_admin(company)
    register_self("zelf@nasty.example", "Zelf", language="nl")
    register_self(colleague.email, "Bekend", language="nl")
    ask_password_reset(colleague.email)
    add_user(company, NewColleague(email="nieuw@nasty.example", name="Nieuw"), by=admin)
    add_user(company, NewColleague(email=make_person("los@nasty.example").email, name="Los"), by=admin)
    _request_licenses(company, admin, colleague)
    _request_documents(company, admin, colleague)
    _use_waiting_list(company, admin, colleague)
    _send_reminders(company)
    _send_mails_about_old_requests(company, admin, colleague)
    _move_people(company, admin)
    _delete_an_account(company)
    _add_domain_and_lose_its_proof(company)
    _close_another_company(company)
    second_step.take_away(add_authenticator_app(make_person(company=company)), by=admin)
    ask_address_change(make_person(company=company), "anders@nasty.example", by=admin)
    send_address_changed(make_person(company=company), old="eerst@nasty.example")
    _set_hostile_texts()
    return list(OutboxMail.objects.select_related("recipient", "on_behalf_of").order_by("pk"))


def _request_licenses(company: Company, admin: User, colleague: User) -> None:
    approved, rejected, open_request = (
        request_license(make_license(company), by=colleague, reason=HOSTILE_LINES) for _number in range(3)
    )
    asking_first.ask_first(open_request, HOSTILE_LINES, by=admin)
    asking_first.answer(open_request, HOSTILE_LINES, by=colleague)
    deciding.approve(approved, by=admin)
    deciding.reject(rejected, by=admin, reason=HOSTILE_LINES)


def _request_documents(company: Company, admin: User, colleague: User) -> None:
    collection = make_collection(company)
    approved_document, rejected_document, open_document = make_document(), make_document(), make_document()
    request_document(approved_document, by=make_person(company=company), reason=HOSTILE_LINES)
    rejected = request_document(rejected_document, by=colleague, reason=HOSTILE_LINES)
    deciding.reject(rejected, by=admin, reason=HOSTILE_LINES)
    approving_documents.approve_document(
        request_document(approved_document, by=colleague), license=collection, by=admin
    )
    request_document(open_document, by=colleague)


def _use_waiting_list(company: Company, admin: User, colleague: User) -> None:
    full_license, other = make_license(company, seats=1), make_person(company=company)
    make_grants(full_license, other)
    waiting_list.put_in_line(request_license(full_license, by=colleague), by=admin)
    full_license.grants.all().delete()
    waiting_list.tell_of_free_seats()
    soon = timezone.localdate() + timedelta(days=5)
    make_grants(make_license(company), colleague, ends_on=soon)
    license_mails.send_grant_ending(Grant.objects.filter(ends_on=soon), license_mails.GRANT_NOTICE)


def _move_people(company: Company, admin: User) -> None:
    """Decline one move, accept one (the former admins get a mail) and leave one open."""
    other = make_company("Ernaast", "nasty.example")
    make_admin(other)
    decline_move(make_move_request(company, make_person(company=other)), by=admin)
    accept_move(make_move_request(company, make_person(company=other)), by=admin)
    ask_to_move(make_person(company=other), company)
    merge_accounts(make_person(company=other), stays=make_person(company=other), by=admin)


def _delete_an_account(company: Company) -> None:
    """Delete the account of a person whose mails the admins read; its name is hostile from the start."""
    leaver = make_person(company=company, name=HOSTILE_TEXT, is_mail_rerouted=True)
    delete_account(leaver, by=leaver)


def _add_domain_and_lose_its_proof(company: Company) -> None:
    make_person("los@erbij.example")  # has an address on the domain and gets a mail about it
    domain = add_domain(company, "erbij.example", by=None)
    run_domain_fan_outs()
    domain.proven_at = domain.proof_missing_since = timezone.now()
    domain.save()
    domain_mails.send_proof_missing(domain, is_last=False)


def _close_another_company(company: Company) -> None:
    other = Company.objects.get(name="Ernaast")
    close_company(other, because="Opgezegd", by=None)
    Company.objects.filter(pk=other.pk).update(closed_because=HOSTILE_TEXT)
    domain_mails.send_company_reopened(company, timezone.now())


def _send_reminders(company: Company) -> None:
    # At any hour; tests/mail/reminders/ tests when reminders are sent.
    today = timezone.localdate()
    admins = User.objects.active_admins_of(company).select_related("company")
    for kind in (LicenseRequest, DocumentRequest):
        kind.objects.pending().update(reminded_on=today)
    request_mails.send_requests_waiting(admins, today)
    ending = make_license(company, ends_on=today + timedelta(days=60))
    add_authenticator_app(make_person(company=None, is_staff=True, is_superuser=True))
    note_missing_file(make_document())
    license_mails.send_license_ending([ending], license_mails.ENDING_NOTICES[0])
    for notice in REGISTRATION_NOTICES:
        for place in (company, None):
            deadline = today + timedelta(days=notice.days + 1)
            send_registration_expiring(
                [make_pending_person(company=place, registration_deadline=deadline)], notice
            )


def _send_mails_about_old_requests(company: Company, admin: User, colleague: User) -> None:
    # One of each mail about requests that wait long, and the mail to a deputy.
    today = timezone.localdate()
    old_request = request_license(make_license(company), by=colleague)
    LicenseRequest.objects.filter(pk=old_request.pk).update(created_at=timezone.now() - timedelta(days=90))
    old_request.refresh_from_db()
    nudge(old_request, by=colleague)
    User.objects.filter(pk=admin.pk).update(request_notices=RequestNotices.DAILY)
    waiting_mails.send_digests(User.objects.filter(pk=admin.pk).select_related("company"), today)
    LicenseRequest.objects.filter(pk=old_request.pk).update(escalated_on=today)
    company.contact_email = make_person().email
    company.save()
    waiting_mails.send_requests_unanswered([company], today)
    expired = request_license(make_license(company), by=colleague)
    decide(expired, RequestStatus.EXPIRED, by=None)
    waiting_mails.send_request_expired(expired)
    name_deputy(make_person(company=company), first_day=today, last_day=today, by=admin)


def _set_hostile_texts() -> None:
    # Directly in the database, because the forms refuse such names.
    User.objects.update(name=HOSTILE_TEXT)
    Company.objects.update(name=HOSTILE_TEXT, contact_person=HOSTILE_TEXT)
    for number, license in enumerate(License.objects.all()):  # a name and first day together are unique
        license.name, license.starts_on = HOSTILE_TEXT, license.starts_on - timedelta(days=number)
        license.save()
    for kind in (LicenseRequest, DocumentRequest):
        kind.objects.update(reason=HOSTILE_LINES)
    for number, document_request in enumerate(DocumentRequest.objects.select_related("document")):
        document_request.document.number = f"{HOSTILE_TEXT}{number}"[:60]
        document_request.document.title_nl = HOSTILE_TEXT
        document_request.document.save()


def message_as_sent(mail: OutboxMail) -> EmailMessage:
    """Return the mail as it arrives: rendered, turned into bytes and parsed again."""
    return message_from_bytes(bytes_as_sent(mail), policy=policy.default)


def bytes_as_sent(mail: OutboxMail) -> bytes:
    return render(mail).message().as_bytes()


def body_part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def links_in_mails(mails: list[OutboxMail]) -> dict[str, OutboxMail]:
    """Return every link in text, HTML and headers: its path without the site, and a mail that has it."""
    links: dict[str, OutboxMail] = {}
    for mail in mails:
        message = message_as_sent(mail)
        addresses = re.findall(r'href="([^"]*)"', body_part(message, "html"))
        addresses += re.findall(rf"{re.escape(settings.SITE_URL)}/\S*", body_part(message, "plain"))
        addresses += re.findall("<(http[^>]*)>", str(message["List-Unsubscribe"] or ""))
        links |= {unescape(link).removeprefix(settings.SITE_URL): mail for link in addresses}
    return links

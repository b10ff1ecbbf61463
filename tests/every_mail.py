"""Each mail that NEN Connect knows, written by the action that writes it, with names that try to break it."""

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
    admin_of,
    collection_for,
    company_with,
    document,
    granted,
    license_for,
    move_to,
    pending_person,
    person,
    with_app,
)

# A line break, a header, a tag, a vertical tab, an escape and a turn of the reading direction.
NASTY = 'Jan & <b>Zn</b> "\r\nBcc: evil@evil.example\x0b \x1b[31m \u202e '
NASTY_LINES = "Omdat <script>alert(1)</script> & co\r\n\r\nhttps://evil.example/ klik\u2028\x08"


def write_every_mail() -> list[OutboxMail]:
    """With two admins, so that each of them can switch reminders off."""
    company = company_with("Nasty", "nasty.example")
    admin, colleague = admin_of(company), person(company=company)
    admin_of(company)
    register_self("zelf@nasty.example", "Zelf", language="nl")
    register_self(colleague.email, "Bekend", language="nl")
    ask_password_reset(colleague.email)
    add_user(company, NewColleague(email="nieuw@nasty.example", name="Nieuw"), by=admin)
    add_user(company, NewColleague(email=person("los@nasty.example").email, name="Los"), by=admin)
    _ask_for_licenses(company, admin, colleague)
    _ask_for_documents(company, admin, colleague)
    _stand_in_line(company, admin, colleague)
    _remind(company)
    _wait(company, admin, colleague)
    _move(company, admin)
    _leave(company)
    _add_a_domain(company)
    _close(company)
    second_step.take_away(with_app(person(company=company)), by=admin)
    ask_address_change(person(company=company), "anders@nasty.example", by=admin)
    send_address_changed(person(company=company), old="eerst@nasty.example")
    _make_nasty()
    return list(OutboxMail.objects.select_related("recipient", "on_behalf_of").order_by("pk"))


def _ask_for_licenses(company: Company, admin: User, colleague: User) -> None:
    approved, rejected, _open = (
        request_license(license_for(company), by=colleague, reason=NASTY_LINES) for _number in range(3)
    )
    asking_first.ask_first(_open, NASTY_LINES, by=admin)
    asking_first.answer(_open, NASTY_LINES, by=colleague)
    deciding.approve(approved, by=admin)
    deciding.reject(rejected, by=admin, reason=NASTY_LINES)


def _ask_for_documents(company: Company, admin: User, colleague: User) -> None:
    collection = collection_for(company)
    wanted, unwanted, _left_open = document(), document(), document()
    request_document(wanted, by=person(company=company), reason=NASTY_LINES)
    rejected = request_document(unwanted, by=colleague, reason=NASTY_LINES)
    deciding.reject(rejected, by=admin, reason=NASTY_LINES)
    approving_documents.approve_document(request_document(wanted, by=colleague), license=collection, by=admin)
    request_document(_left_open, by=colleague)


def _stand_in_line(company: Company, admin: User, colleague: User) -> None:
    full, other = license_for(company, seats=1), person(company=company)
    granted(full, other)
    waiting_list.put_in_line(request_license(full, by=colleague), by=admin)
    full.grants.all().delete()
    waiting_list.tell_of_free_seats()
    soon = timezone.localdate() + timedelta(days=5)
    granted(license_for(company), colleague, ends_on=soon)
    license_mails.send_grant_ending(Grant.objects.filter(ends_on=soon), license_mails.GRANT_NOTICE)


def _move(company: Company, admin: User) -> None:
    """One declined, one accepted, whose former admins read of it, and one that waits."""
    other = company_with("Ernaast", "nasty.example")
    admin_of(other)
    decline_move(move_to(company, person(company=other)), by=admin)
    accept_move(move_to(company, person(company=other)), by=admin)
    ask_to_move(person(company=other), company)
    merge_accounts(person(company=other), stays=person(company=other), by=admin)


def _leave(company: Company) -> None:
    """By somebody whose mails the admins read: no account is left whose language or name could change."""
    leaver = person(company=company, name=NASTY, is_mail_rerouted=True)
    delete_account(leaver, by=leaver)


def _add_a_domain(company: Company) -> None:
    """Its proof is gone again, and the people on it are told."""
    person("los@erbij.example")
    domain = add_domain(company, "erbij.example", by=None)
    run_domain_fan_outs()
    domain.proven_at = domain.proof_missing_since = timezone.now()
    domain.save()
    domain_mails.send_proof_missing(domain, is_last=False)


def _close(company: Company) -> None:
    """The company next to it; its own was closed before."""
    other = Company.objects.get(name="Ernaast")
    close_company(other, because="Opgezegd", by=None)
    Company.objects.filter(pk=other.pk).update(closed_because=NASTY)
    domain_mails.send_company_reopened(company, timezone.now())


def _remind(company: Company) -> None:
    """Whatever the hour is: when they are handed out, tests/mail/reminders/ looks at."""
    today = timezone.localdate()
    admins = User.objects.active_admins_of(company).select_related("company")
    for kind in (LicenseRequest, DocumentRequest):
        kind.objects.pending().update(reminded_on=today)
    request_mails.send_requests_waiting(admins, today)
    ending = license_for(company, ends_on=today + timedelta(days=60))
    with_app(person(company=None, is_staff=True, is_superuser=True))
    note_missing_file(document())
    license_mails.send_license_ending([ending], license_mails.ENDING_NOTICES[0])
    for notice in REGISTRATION_NOTICES:
        for place in (company, None):
            deadline = today + timedelta(days=notice.days + 1)
            send_registration_expiring([pending_person(company=place, registration_deadline=deadline)], notice)


def _wait(company: Company, admin: User, colleague: User) -> None:
    """Of each mail that keeps a request from being forgotten one, and of a deputy's."""
    today = timezone.localdate()
    old = request_license(license_for(company), by=colleague)
    LicenseRequest.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=90))
    old.refresh_from_db()
    nudge(old, by=colleague)
    User.objects.filter(pk=admin.pk).update(request_notices=RequestNotices.DAILY)
    waiting_mails.send_digests(User.objects.filter(pk=admin.pk).select_related("company"), today)
    LicenseRequest.objects.filter(pk=old.pk).update(escalated_on=today)
    company.contact_email = person().email
    company.save()
    waiting_mails.send_requests_unanswered([company], today)
    gone = request_license(license_for(company), by=colleague)
    decide(gone, RequestStatus.EXPIRED, by=None)
    waiting_mails.send_request_expired(gone)
    name_deputy(person(company=company), first_day=today, last_day=today, by=admin)


def _make_nasty() -> None:
    """Past the forms, which would refuse such names."""
    User.objects.update(name=NASTY)
    Company.objects.update(name=NASTY, contact_person=NASTY)
    for number, license in enumerate(License.objects.all()):  # of one name and first day there is one
        license.name, license.starts_on = NASTY, license.starts_on - timedelta(days=number)
        license.save()
    for kind in (LicenseRequest, DocumentRequest):
        kind.objects.update(reason=NASTY_LINES)
    for number, one in enumerate(DocumentRequest.objects.select_related("document")):
        one.document.number, one.document.title_nl = f"{NASTY}{number}"[:60], NASTY
        one.document.save()


def sent(mail: OutboxMail) -> EmailMessage:
    """As it travels: rendered, turned into bytes, and read back."""
    return message_from_bytes(raw(mail), policy=policy.default)


def raw(mail: OutboxMail) -> bytes:
    return render(mail).message().as_bytes()


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def links_of(mails: list[OutboxMail]) -> dict[str, OutboxMail]:
    """Every address in the text, the HTML and the headers, without the site: the path, and a mail that has it."""
    links: dict[str, OutboxMail] = {}
    for mail in mails:
        message = sent(mail)
        found = re.findall(r'href="([^"]*)"', part(message, "html"))
        found += re.findall(rf"{re.escape(settings.SITE_URL)}/\S*", part(message, "plain"))
        found += re.findall("<(http[^>]*)>", str(message["List-Unsubscribe"] or ""))
        links |= {unescape(link).removeprefix(settings.SITE_URL): mail for link in found}
    return links

"""Test that each column about a person is in the download, or has a reason not to be (C43)."""

from __future__ import annotations

import pytest
from django.apps import apps

from accounts.models import User
from reports.own_data import SECTIONS, own_data
from reports.own_data.account import LEFT_OUT

pytestmark = pytest.mark.django_db

# Where each column that leads to a person comes into the file; or why it does not.
CONSIDERED = {
    "account.EmailAddress.user": "addresses",
    "accounts.AddressChange.asked_by": "audit",
    "accounts.AddressChange.user": "address_change",
    "accounts.Arrival.user": "arrivals",
    "members.Departure.created_by": "audit",
    "members.Departure.undone_by": "audit",
    "accounts.Deputy.admin": "deputy",
    "accounts.Deputy.user": "deputy",
    "accounts.JoinInvitation.user": "invitations_to_join",
    "members.Leaver.user": "departures",
    "accounts.MoveRequest.decided_by": "audit",
    "accounts.MoveRequest.user": "requests_to_move",
    "members.PeopleChange.created_by": "audit",
    "members.PeopleChangeLine.user": "changes_for_several",
    "members.PeopleImport.created_by": "audit",
    "accounts.TermsAcceptance.user": "terms_accepted",
    "accounts.TermsVersion.published_by": "audit",
    "accounts.User.merged_into": "merged_accounts",
    "accounts.User.groups": "not used: rights come from role and is_staff alone",
    "accounts.User.user_permissions": "not used: rights come from role and is_staff alone",
    "admin.LogEntry.user": "desk_log",
    "companies.Company.account_manager": "account_manager_of",
    "licenses.CompanyWideEnd.asked_by": "audit",
    "licenses.DocumentImport.created_by": "audit",
    "licenses.Grant.granted_by": "licenses_given",
    "licenses.Grant.user": "licenses",
    "licenses.Opening.user": "documents_opened",
    "mail.OutboxMail.on_behalf_of": "mails",
    "mail.OutboxMail.recipient": "mails",
    "mfa.Authenticator.user": "second_steps",
    "requests_app.DocumentRequest.decided_by": "decisions",
    "requests_app.DocumentRequest.user": "document_requests",
    "requests_app.LicenseRequest.decided_by": "decisions",
    "requests_app.LicenseRequest.user": "license_requests",
    "requests_app.RequestMessage.author": "request_messages",
    "usersessions.UserSession.user": "devices",
}
# Without a foreign key: found by the address or the number.
ALSO = {"account", "company", "label", "contact_person_of", "sign_in_attempts", "audit"}


def test_every_column_that_leads_to_a_person_is_considered() -> None:
    # A new one fails this test: say here where it comes into the file, or why not.
    columns = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
        if field.related_model is User or (model is User and field.many_to_many)
    }

    assert columns == set(CONSIDERED)
    named = {section for section in CONSIDERED.values() if "not used" not in section}
    assert named | ALSO == set(SECTIONS) | {"audit"}


def test_every_column_of_the_account_is_in_the_own_data_file(colleague: User) -> None:
    columns = {field.name for field in User._meta.concrete_fields if not field.is_relation}

    assert set(own_data(colleague)["account"]) == columns - LEFT_OUT
    assert columns >= LEFT_OUT

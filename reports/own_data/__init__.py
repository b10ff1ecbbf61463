"""Collect the data kept about a person, to download (C43), without names or addresses of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from reports.own_data import account, asking, coming_and_going, deeds, licenses, mails, signing_in
from reports.own_data.sections import Facts


def own_data(user: User) -> Facts:
    return {
        "site": settings.SITE_URL,
        "made_at": timezone.now(),
        **{name: section(user) for name, section in SECTIONS.items()},
    }


SECTIONS: dict[str, Callable[[User], Any]] = {
    "account": account.account,
    "address_change": account.address_change,
    "company": account.company,
    "label": account.label,
    "contact_person_of": account.contact_person_of,
    "account_manager_of": account.account_manager_of,
    "licenses": licenses.licenses,
    "documents_opened": licenses.documents_opened,
    "departures": coming_and_going.departures,
    "deputy": coming_and_going.deputy,
    "changes_for_several": coming_and_going.changes_for_several,
    "license_requests": asking.license_requests,
    "document_requests": asking.document_requests,
    "request_messages": asking.request_messages,
    "decisions": asking.decisions,
    "licenses_given": licenses.licenses_given,
    "mails": mails.mails,
    "devices": signing_in.devices,
    "sign_in_attempts": signing_in.sign_in_attempts,
    "second_steps": signing_in.second_steps,
    "audit": deeds.audit,
    "terms_accepted": account.terms,
    "invitations_to_join": coming_and_going.invitations,
    "merged_accounts": account.merged_accounts,
    "requests_to_move": coming_and_going.moves,
    "desk_log": deeds.desk_log,
    "addresses": account.addresses,
    "arrivals": signing_in.arrivals,
}

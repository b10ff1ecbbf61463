"""Load the demo's data, all made up: two companies with people, licences and requests, and about 200 documents."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from nenconnect.demo.data import companies, documents, people, requests, terms


@transaction.atomic
def load_demo_data() -> None:
    """Add the data that is missing; an existing company keeps the changes that people made in the demo."""
    now = timezone.now()
    topics = documents.load_documents()
    staff = people.add_administrator_and_account_manager(now=now)
    people.add_missing_people(people.PERSONAL, None, now=now)
    if company := companies.add_voorbeeld_if_missing(topics, by=staff):
        people.add_missing_people(people.VOORBEELD, company, now=now)
        requests.add_history(company, topics, now=now)
        requests.add_todays_requests(company)
    if company := companies.add_bouwbedrijf_if_missing(topics, by=staff):
        people.add_missing_people(people.BOUWBEDRIJF, company, now=now)
        requests.add_history(company, topics, now=now)
    terms.publish_and_accept_first_terms(by=staff)
    people.lock_demo_person(now=now)

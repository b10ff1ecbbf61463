"""The demo's data, all made up: two companies with people, licences and requests, and about 200 documents."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from nenconnect.demo.data import companies, documents, people, requests, terms


@transaction.atomic
def load() -> None:
    """Adds what is missing. A company that is there already stays as people changed it in the demo."""
    now = timezone.now()
    topics = documents.load_documents()
    staff = people.add_staff(now=now)
    people.add_people(people.PERSONAL, None, now=now)
    if company := companies.add_voorbeeld(topics, by=staff):
        people.add_people(people.VOORBEELD, company, now=now)
        requests.add_history(company, topics, now=now)
        requests.add_todays_requests(company)
    if company := companies.add_bouwbedrijf(topics, by=staff):
        people.add_people(people.BOUWBEDRIJF, company, now=now)
        requests.add_history(company, topics, now=now)
    terms.publish_first(by=staff)
    people.lock_somebody(now=now)

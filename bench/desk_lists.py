"""The lists of NEN's desk, 1,000,000 rows each, beside a plain ModelAdmin with the same columns and rows.

People, licences, grants, documents, requests, mails and the audit; the same session and sign-in.

python -m nenconnect.demo.with_services python -m bench.desk_lists
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from statistics import median

from bench.throw_away import multiply, throw_away_database, working_in  # sets Django up for the next

# isort: split
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import User
from bench.floor_desk_urls import LISTS
from bench.table import Row, print_table
from companies.models import Company
from licenses.models import Document, Grant, License
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from requests_app.models import DocumentRequest, LicenseRequest
from tests.factories import with_app

MILLION = 1_000_000
COMPANIES = 50_000
ROUNDS = 10
WARM_UP = 2
MOST = 0.33
_AGO = f"now() - ({MILLION} - n) * interval '20 seconds'"  # three new rows a minute
PLAIN_FILES = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # collectstatic did not run
SETTINGS = {
    "ROOT_URLCONF": "bench.floor_desk_urls",
    "ALLOWED_HOSTS": ["*"],
    "STORAGES": settings.STORAGES | {"staticfiles": PLAIN_FILES},
}


def rows() -> Iterator[Row]:
    with throw_away_database("bench_desk_lists") as database, working_in(database):
        call_command("migrate", verbosity=0)
        staff = _fill()
        with override_settings(**SETTINGS):
            client = Client()
            client.force_login(staff)
            for model in LISTS:
                path = model._meta.label_lower.replace(".", "/")
                floor, here = _measure(client, f"/bench/beheer/{path}/", f"/beheer/{path}/")
                yield Row(model._meta.label_lower, f"{MILLION:,} rows", floor * 1000, here * 1000, "ms", most=MOST)


def _measure(client: Client, *paths: str) -> list[float]:
    times: dict[str, list[float]] = {path: [] for path in paths}
    for number in range(ROUNDS + WARM_UP):
        for path in sorted(paths, reverse=bool(number % 2)):
            began = time.perf_counter()
            answer = client.get(path)
            took = time.perf_counter() - began
            if answer.status_code != 200:
                sys.exit(f"{path} answers {answer.status_code}")
            if number >= WARM_UP:
                times[path].append(took)
    return [median(times[path]) for path in paths]


def _fill() -> User:
    """People and licences in 50,000 companies; everybody has one grant and asked once."""
    now, today = timezone.now(), timezone.localdate()
    company = Company.objects.create(name="Bedrijf", customer_number="K0", contact_person="Els")
    multiply(company, COMPANIES - 1, id="sample.id + n", name="'Bedrijf ' || n", customer_number="'K' || n")
    user = User.objects.create(email="p0@bench.example", name="Persoon", company=company, registered_at=now)
    spread = f"{company.pk} + n % {COMPANIES}"
    multiply(
        user,
        MILLION,
        id="sample.id + n",
        email="'p' || n || '@bench.example'",
        name="'Persoon ' || n",
        company_id=spread,
    )
    license = License.objects.create(company=company, name="Licentie", starts_on=today, ends_on=today)
    multiply(license, MILLION, id="sample.id + n", name="'Licentie ' || n", company_id=spread)
    document = Document.objects.create(number="NEN 0", title_nl="Norm", kind="NEN", published_on=today)
    multiply(document, MILLION, id="sample.id + n", number="'NEN ' || n")
    grant = Grant.objects.create(license=license, user=user)
    theirs = {"license_id": f"{license.pk} + n", "user_id": f"{user.pk} + n"}
    multiply(grant, MILLION, id="sample.id + n", granted_at=_AGO, **theirs)
    asked = LicenseRequest.objects.create(company=company, user=user, license=license)
    multiply(asked, MILLION, id="sample.id + n", company_id=spread, created_at=_AGO, **theirs)
    wanted = DocumentRequest.objects.create(company=company, user=user, document=document)
    of_each = {"document_id": f"{document.pk} + n", "user_id": f"{user.pk} + n"}
    multiply(wanted, MILLION, id="sample.id + n", company_id=spread, created_at=_AGO, **of_each)
    mail = OutboxMail.objects.create(
        event="password_reset", key="k", message_id="<m>", recipient=user, status="sent", sent_at=now
    )
    own = {
        "key": "'k' || n",
        "created_at": _AGO,
        "due_at": _AGO,
        "sent_at": _AGO,
        "message_id": "'<' || n || '>'",
        "recipient_id": f"{user.pk} + n",
    }
    multiply(mail, MILLION, id="sample.id + n", **own)
    entry = AuditEntry.objects.create(verb="blocked", actor_id=user.pk, company_id=company.pk)
    multiply(entry, MILLION, id="sample.id + n", at=_AGO, actor_id=f"{user.pk} + n", company_id=spread)
    staff = User(id=user.pk + 2 * MILLION, email="nen@nen.example", name="Nel", is_staff=True, is_superuser=True)
    staff.registered_at = now
    staff.save()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return with_app(staff)


if __name__ == "__main__":
    sys.exit(print_table(rows()))

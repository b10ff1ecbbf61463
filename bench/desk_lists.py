"""Measure the lists of NEN's desk with 1,000,000 rows each, beside a plain ModelAdmin.

People, licences, grants, documents, requests, mails and the audit; the plain ModelAdmin has the same columns and
rows, and the same session and sign-in.

python -m nenconnect.demo.with_services python -m bench.desk_lists
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from statistics import median

from bench.throw_away import insert_copies, temporary_database, use_database  # sets Django up for the next

# isort: split
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import User
from bench.floor_desk_urls import LISTS
from bench.table import Measurement, print_table
from companies.models import Company
from licenses.models import Document, Grant, License
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from requests_app.models import DocumentRequest, LicenseRequest
from tests.factories import add_authenticator_app

MILLION = 1_000_000
COMPANIES = 50_000
ROUNDS = 10
WARM_UP = 2
MAX_RATIO = 0.33
_MOMENT_OF_N = f"now() - ({MILLION} - n) * interval '20 seconds'"  # three new rows a minute
UNCOLLECTED_FILES = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}  # collectstatic did not run
SETTINGS = {
    "ROOT_URLCONF": "bench.floor_desk_urls",
    "ALLOWED_HOSTS": ["*"],
    "STORAGES": settings.STORAGES | {"staticfiles": UNCOLLECTED_FILES},
}


def measurements() -> Iterator[Measurement]:
    with temporary_database("bench_desk_lists") as database, use_database(database):
        call_command("migrate", verbosity=0)
        staff = _insert_rows()
        with override_settings(**SETTINGS):
            client = Client()
            client.force_login(staff)
            for model in LISTS:
                path = model._meta.label_lower.replace(".", "/")
                floor, here = _median_times(client, f"/bench/beheer/{path}/", f"/beheer/{path}/")
                yield Measurement(
                    model._meta.label_lower,
                    f"{MILLION:,} rows",
                    floor * 1000,
                    here * 1000,
                    "ms",
                    max_ratio=MAX_RATIO,
                )


def _median_times(client: Client, *paths: str) -> list[float]:
    times: dict[str, list[float]] = {path: [] for path in paths}
    for number in range(ROUNDS + WARM_UP):
        for path in sorted(paths, reverse=bool(number % 2)):
            started_at = time.perf_counter()
            response = client.get(path)
            seconds = time.perf_counter() - started_at
            if response.status_code != 200:
                sys.exit(f"{path} answers {response.status_code}")
            if number >= WARM_UP:
                times[path].append(seconds)
    return [median(times[path]) for path in paths]


def _insert_rows() -> User:
    now, today = timezone.now(), timezone.localdate()
    company = Company.objects.create(name="Bedrijf", customer_number="K0", contact_person="Els")
    insert_copies(company, COMPANIES - 1, id="sample.id + n", name="'Bedrijf ' || n", customer_number="'K' || n")
    user = User.objects.create(email="p0@bench.example", name="Persoon", company=company, registered_at=now)
    company_of_n = f"{company.pk} + n % {COMPANIES}"
    insert_copies(
        user,
        MILLION,
        id="sample.id + n",
        email="'p' || n || '@bench.example'",
        name="'Persoon ' || n",
        company_id=company_of_n,
    )
    license = License.objects.create(company=company, name="Licentie", starts_on=today, ends_on=today)
    insert_copies(license, MILLION, id="sample.id + n", name="'Licentie ' || n", company_id=company_of_n)
    document = Document.objects.create(number="NEN 0", title_nl="Norm", kind="NEN", published_on=today)
    insert_copies(document, MILLION, id="sample.id + n", number="'NEN ' || n")
    grant = Grant.objects.create(license=license, user=user)
    license_and_user = {"license_id": f"{license.pk} + n", "user_id": f"{user.pk} + n"}
    insert_copies(grant, MILLION, id="sample.id + n", granted_at=_MOMENT_OF_N, **license_and_user)
    license_request = LicenseRequest.objects.create(company=company, user=user, license=license)
    insert_copies(
        license_request,
        MILLION,
        id="sample.id + n",
        company_id=company_of_n,
        created_at=_MOMENT_OF_N,
        **license_and_user,
    )
    document_request = DocumentRequest.objects.create(company=company, user=user, document=document)
    document_and_user = {"document_id": f"{document.pk} + n", "user_id": f"{user.pk} + n"}
    insert_copies(
        document_request,
        MILLION,
        id="sample.id + n",
        company_id=company_of_n,
        created_at=_MOMENT_OF_N,
        **document_and_user,
    )
    mail = OutboxMail.objects.create(
        event="password_reset", key="k", message_id="<m>", recipient=user, status="sent", sent_at=now
    )
    mail_columns = {
        "key": "'k' || n",
        "created_at": _MOMENT_OF_N,
        "due_at": _MOMENT_OF_N,
        "sent_at": _MOMENT_OF_N,
        "message_id": "'<' || n || '>'",
        "recipient_id": f"{user.pk} + n",
    }
    insert_copies(mail, MILLION, id="sample.id + n", **mail_columns)
    entry = AuditEntry.objects.create(verb="blocked", actor_id=user.pk, company_id=company.pk)
    insert_copies(
        entry, MILLION, id="sample.id + n", at=_MOMENT_OF_N, actor_id=f"{user.pk} + n", company_id=company_of_n
    )
    staff = User(id=user.pk + 2 * MILLION, email="nen@nen.example", name="Nel", is_staff=True, is_superuser=True)
    staff.registered_at = now
    staff.save()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return add_authenticator_app(staff)


if __name__ == "__main__":
    sys.exit(print_table(measurements()))

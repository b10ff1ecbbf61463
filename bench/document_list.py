"""Measure the list of documents that a person can open, beside a plain view with hand-written SQL.

1,000,000 people, 20,000 documents, 1,000,000 grants; the same session and sign-in.

python -m nenconnect.demo.with_services python -m bench.document_list
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from statistics import median

from bench.throw_away import temporary_database, use_database  # sets Django up for the next

# isort: split
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings

from accounts.models import User
from bench.access import insert_grants, insert_people_and_documents
from bench.table import Measurement, print_table
from licenses.models import Document

ROUNDS = 60
WARM_UP = 5
MAX_RATIO = 2.0
UNCOLLECTED_FILES = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}  # collectstatic did not run
SETTINGS = {
    "ROOT_URLCONF": "bench.floor_urls",
    "ALLOWED_HOSTS": ["*"],
    "STORAGES": settings.STORAGES | {"staticfiles": UNCOLLECTED_FILES},
}
FLOOR_PATH, OUR_PATH = "/bench/documenten/", "/documenten/?readable=on"


def measurements() -> Iterator[Measurement]:
    with temporary_database("bench_document_list") as database:
        with use_database(database):
            call_command("migrate", verbosity=0)
            insert_people_and_documents()
            Document.objects.update(
                file="documents/norm.pdf"
            )  # without a file the page shows no button to open it
        insert_grants(database, where="true")
        with use_database(database), override_settings(**SETTINGS):
            times = _times_by_path()
    size = "20,000 documents, 1,000,000 grants"
    yield Measurement(
        "readable by me",
        size,
        median(times[FLOOR_PATH]) * 1000,
        median(times[OUR_PATH]) * 1000,
        "ms",
        max_ratio=MAX_RATIO,
    )


def _times_by_path() -> dict[str, list[float]]:
    client = Client()
    client.force_login(User.objects.get(pk=2))
    times: dict[str, list[float]] = {FLOOR_PATH: [], OUR_PATH: []}
    for number in range(ROUNDS + WARM_UP):
        for path in sorted(times, reverse=bool(number % 2)):
            started_at = time.perf_counter()
            response = client.get(path)
            seconds = time.perf_counter() - started_at
            if response.status_code != 200:
                sys.exit(f"{path} answers {response.status_code}")
            if number >= WARM_UP:
                times[path].append(seconds)
    return times


if __name__ == "__main__":
    sys.exit(print_table(measurements()))

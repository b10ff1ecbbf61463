"""The list of documents that a person can open, beside the same rows by hand-written SQL in a plain Django view.

1,000,000 people, 20,000 documents, 1,000,000 grants; the same session and sign-in.

python -m nenconnect.demo.with_services python -m bench.document_list
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from statistics import median

from bench.throw_away import throw_away_database, working_in  # sets Django up for the next

# isort: split
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings

from accounts.models import User
from bench.access import fill, give
from bench.table import Row, print_table
from licenses.models import Document

ROUNDS = 60
WARM_UP = 5
MOST = 2.0
PLAIN_FILES = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # collectstatic did not run
SETTINGS = {
    "ROOT_URLCONF": "bench.floor_urls",
    "ALLOWED_HOSTS": ["*"],
    "STORAGES": settings.STORAGES | {"staticfiles": PLAIN_FILES},
}
FLOOR, HERE = "/bench/documenten/", "/documenten/?readable=on"


def rows() -> Iterator[Row]:
    with throw_away_database("bench_document_list") as database:
        with working_in(database):
            call_command("migrate", verbosity=0)
            fill()
            Document.objects.update(file="documents/norm.pdf")  # else there would be no button to open it
        give(database, where="true")
        with working_in(database), override_settings(**SETTINGS):
            times = _measure()
    size = "20,000 documents, 1,000,000 grants"
    yield Row("readable by me", size, median(times[FLOOR]) * 1000, median(times[HERE]) * 1000, "ms", most=MOST)


def _measure() -> dict[str, list[float]]:
    client = Client()
    client.force_login(User.objects.get(pk=2))
    times: dict[str, list[float]] = {FLOOR: [], HERE: []}
    for number in range(ROUNDS + WARM_UP):
        for path in sorted(times, reverse=bool(number % 2)):
            began = time.perf_counter()
            answer = client.get(path)
            took = time.perf_counter() - began
            if answer.status_code != 200:
                sys.exit(f"{path} answers {answer.status_code}")
            if number >= WARM_UP:
                times[path].append(took)
    return times


if __name__ == "__main__":
    sys.exit(print_table(rows()))

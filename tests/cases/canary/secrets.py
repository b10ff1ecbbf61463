"""List the secrets of the requester that may appear nowhere, and the pages to search for them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from django.urls import reverse

from requests_app.models import AccessRequest, LicenseRequest
from tests.pages.access_cast import _arguments
from tests.pages.access_table import NO_METHOD, NO_METHOD_IN, TABLE

PK = 987_654_321
NAME, ADDRESS, PHONE = "Karel Kanarie-Zeldzaam", "kanarie.zeldzaam@voorbeeld.example", "015 777 66 55"
SECRETS = ("kanarie", "zeldzaam", PHONE, str(PK), "987.654.321", "vertrouwelijke-vraag", "alleen-voor-jou")


def secrets_in(response: Any) -> list[str]:
    """Return which secrets appear in the body, headers or cookies of the response."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = f"{body.decode(errors='replace')}\n{response.headers}\n{response.cookies}".lower()
    return [secret for secret in SECRETS if secret.lower() in text]


def urls_of_every_page(things: dict[str, object], access_requests: list[AccessRequest]) -> Iterator[str]:
    """Yield every URL; URLs with an argument are tried with the canary, its requests and the shared test rows."""
    ids: dict[str, list[int]] = {"user": [PK], "license_request": [], "document_request": [], "license": []}
    for access_request in access_requests:
        is_license_request = isinstance(access_request, LicenseRequest)
        ids["license_request" if is_license_request else "document_request"].append(access_request.pk)
        if isinstance(access_request, LicenseRequest):
            ids["license"].append(access_request.license_id)
    for name, row in TABLE.items():
        if row.get in (NO_METHOD, NO_METHOD_IN):
            continue
        for thing in [*ids.get(row.thing, []), things[row.thing]] if row.thing else [None]:
            if thing is not None or not row.thing:
                yield reverse(name, args=_arguments(thing) if row.thing else [])


LISTS = ["requests:license_requests", "requests:document_requests"]
EXPORTS = [
    "requests:export_license_requests",
    "requests:export_document_requests",
    "company:export_users",
]
SORTS = ["", "user", "-user", "user__name", "decided_by", "created_at", "-created_at", str(PK)]


def list_and_export_urls() -> Iterator[str]:
    """Yield lists with every period, status and order, and with filters that name the canary."""
    for name, period, sort in product(LISTS, ["month", "all"], SORTS):
        yield f"{reverse(name)}?period={period}&sort={sort}&order={sort}&o={sort}"
    for name, status in product(LISTS, ["open", "approved", "rejected", "withdrawn", "expired"]):
        yield f"{reverse(name)}?period=all&status={status}"
    for name, query in product(
        LISTS, [f"user={PK}", f"q={NAME}", f"mine=on&user={PK}", "ticked=all", f"label={PK}"]
    ):
        yield f"{reverse(name)}?period=all&{query}"
    for name, form in product(EXPORTS, ["csv", "xlsx"]):
        yield f"{reverse(name)}?format={form}&period=all"

"""Names and numbers of the requester that may occur nowhere, and the pages to look for them."""

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


def told(answer: Any) -> list[str]:
    """Which of the secrets stand in an answer, its headers and its cookies; numbers grouped or not."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    everything = f"{body.decode(errors='replace')}\n{answer.headers}\n{answer.cookies}".lower()
    return [secret for secret in SECRETS if secret.lower() in everything]


def addresses(things: dict[str, object], asked: list[AccessRequest]) -> Iterator[str]:
    """Every URL; those of one thing are asked for the canary, its requests and what the table's world has."""
    numbers: dict[str, list[int]] = {"user": [PK], "license_request": [], "document_request": [], "license": []}
    for one in asked:
        numbers["license_request" if isinstance(one, LicenseRequest) else "document_request"].append(one.pk)
        if isinstance(one, LicenseRequest):
            numbers["license"].append(one.license_id)
    for name, row in TABLE.items():
        if row.get in (NO_METHOD, NO_METHOD_IN):
            continue
        for thing in [*numbers.get(row.thing, []), things[row.thing]] if row.thing else [None]:
            if thing is not None or not row.thing:
                yield reverse(name, args=_arguments(thing) if row.thing else [])


LISTS = ["requests:license_requests", "requests:document_requests"]
EXPORTS = [
    "requests:export_license_requests",
    "requests:export_document_requests",
    "company:export_users",
]
SORTS = ["", "user", "-user", "user__name", "decided_by", "created_at", "-created_at", str(PK)]


def variations() -> Iterator[str]:
    """Lists with every period and status, each order that somebody might try, and filters that name the canary."""
    for name, period, sort in product(LISTS, ["month", "all"], SORTS):
        yield f"{reverse(name)}?period={period}&sort={sort}&order={sort}&o={sort}"
    for name, status in product(LISTS, ["open", "approved", "rejected", "withdrawn", "expired"]):
        yield f"{reverse(name)}?period=all&status={status}"
    for name, query in product(
        LISTS, [f"user={PK}", f"q={NAME}", f"own=on&user={PK}", "ticked=all", f"label={PK}"]
    ):
        yield f"{reverse(name)}?period=all&{query}"
    for name, form in product(EXPORTS, ["csv", "xlsx"]):
        yield f"{reverse(name)}?format={form}&period=all"

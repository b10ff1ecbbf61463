"""Several requests decided at once: each once, and what cannot be is told with its reason (R28, C27)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from companies.actions import lock as lock_company
from companies.models import Company
from nenconnect.rules.errors import RuleError
from requests_app.actions.deciding import closed
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest

MAX_AT_ONCE = 200
BATCH = 10
_ABOUT: dict[type[AccessRequest], list[str]] = {LicenseRequest: ["license"], DocumentRequest: ["document"]}


@dataclass(frozen=True)
class Outcome:
    row: AccessRequest
    refusal: str = ""


def decide_together(
    kind: type[AccessRequest], ids: Iterable[int], change: Callable[[Any], None], *, company: Company
) -> list[Outcome]:
    """Does `change` to each that is open, the oldest first; what a rule refuses stays as it was.

    A few in one transaction: nobody waits long for the company's lock, however many press the button at once.
    """
    wanted = sorted(ids)[:MAX_AT_ONCE]
    batches = [wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH)]
    return [outcome for batch in batches for outcome in _decide(kind, batch, change, company)]


@transaction.atomic
def _decide(
    kind: type[AccessRequest], ids: list[int], change: Callable[[Any], None], company: Company
) -> list[Outcome]:
    """The company is locked once for all of them: whoever comes second reads that they are decided."""
    lock_company(company)
    rows = kind._default_manager.filter(company=company, pk__in=ids).order_by("pk")
    return [_tried(row, change) for row in rows.select_related("user", "decided_by", *_ABOUT[kind])]


def _tried(row: AccessRequest, change: Callable[[Any], None]) -> Outcome:
    if not row.is_open:
        return Outcome(row, str(closed(row)))
    try:
        with transaction.atomic():
            change(row)
    except RuleError as error:
        return Outcome(row, str(error))
    return Outcome(row)

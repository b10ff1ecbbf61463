"""What deciding on several requests at once would do, in numbers, before anybody does it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef

from companies.models import Company
from licenses.models import License, LicenseQuerySet
from requests_app.access import licenses_for
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest


@dataclass
class Part:
    """Of one licence or document: how many ask for it, and how many seats are free for them."""

    name: str
    wanted: int = 0
    free: int | None = None  # none: no limit

    @property
    def too_many(self) -> int:
        return 0 if self.free is None else max(0, self.wanted - self.free)


@dataclass
class Numbers:
    chosen: int = 0
    open: int = 0
    gone: int = 0  # the requester cannot sign in at the company any more
    ended: int = 0  # the licence is not valid today
    parts: dict[int, Part] = field(default_factory=dict)

    @property
    def closed(self) -> int:
        return self.chosen - self.open

    @property
    def possible(self) -> int:
        return self.open - self.gone - self.ended - sum(part.too_many for part in self.parts.values())


def approval_in_numbers(kind: type[AccessRequest], ids: list[int]) -> Numbers:
    """By the same words as `approve` refuses by; seats are counted once for each licence."""
    rows = list(kind.objects.filter(pk__in=ids).select_related("user", kind.wanted_field).order_by("pk"))
    numbers = Numbers(chosen=len(rows), open=sum(row.is_open for row in rows))
    free = _free_seats({row.license_id for row in rows if isinstance(row, LicenseRequest)})
    for row in (row for row in rows if row.is_open):
        person = row.requester
        if not person.is_active or person.company_id != row.company_id:
            numbers.gone += 1
        elif isinstance(row, LicenseRequest) and not row.license.is_in_term:
            numbers.ended += 1
        else:
            _count(row, numbers, free)
    return numbers


def _count(row: AccessRequest, numbers: Numbers, free: dict[int, int]) -> None:
    seats = free.get(row.wanted_id) if isinstance(row, LicenseRequest) else None
    numbers.parts.setdefault(row.wanted_id, Part(str(row.wanted), free=seats)).wanted += 1


def _free_seats(ids: set[int]) -> dict[int, int]:
    limited = License.objects.filter(pk__in=ids, seats__isnull=False).with_counts()
    return {one.pk: max(0, (one.seats or 0) - one.seats_used) for one in limited}


def collections_for(company: Company, ids: Iterable[int]) -> LicenseQuerySet:
    """The collections of the company, where one of the documents asked for is in no licence of it yet."""
    held = License.objects.filter(company=company, documents=OuterRef("document")).in_term()
    rows = DocumentRequest.objects.pending().of(company).filter(~Exists(held), pk__in=ids)
    collections = License.objects.of(company).in_term().filter(kind=License.Kind.CUSTOM).with_counts()
    return collections if rows.exists() else collections.none()


def destination_of(row: DocumentRequest, chosen: License | None) -> License | None:
    """The one licence that approval can lead to, else the chosen one where it is among them."""
    candidates = list(licenses_for(row.company_id, row.document)[:2])
    return candidates[0] if len(candidates) == 1 else chosen

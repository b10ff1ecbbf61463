"""Preview the approval of several requests at once, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

from licenses.models import License
from requests_app.models import AccessRequest


@dataclass
class SeatDemand:
    """Count the requests for one licence or document, and the seats that are free for them."""

    name: str
    requests: int = 0
    free_seats: int | None = None  # None: no limit

    @property
    def too_many(self) -> int:
        return 0 if self.free_seats is None else max(0, self.requests - self.free_seats)


@dataclass
class ApprovalPreview:
    chosen: int = 0
    open: int = 0
    without_requester: int = 0  # the requester can no longer sign in at the company
    ended: int = 0  # the licence is not valid today
    demands: dict[int, SeatDemand] = field(default_factory=dict)

    @property
    def closed(self) -> int:
        return self.chosen - self.open

    @property
    def possible(self) -> int:
        return (
            self.open
            - self.without_requester
            - self.ended
            - sum(demand.too_many for demand in self.demands.values())
        )


def preview_approval(kind: type[AccessRequest], ids: list[int]) -> ApprovalPreview:
    """Count by the same rules as `approve` refuses by; each licence's seats are counted once."""
    rows = list(kind.objects.filter(pk__in=ids).select_related("user", kind.item_field).order_by("pk"))
    pending = [row for row in rows if row.is_open]
    preview = ApprovalPreview(chosen=len(rows), open=len(pending))
    free = _free_seats({row.license_id for row in pending if row.license_id})
    for row in pending:
        person = row.requester
        if not person.is_active or person.company_id != row.company_id:
            preview.without_requester += 1
        elif row.license and not row.license.is_in_term:
            preview.ended += 1
        else:
            _add_to_demand(row, preview, free)
    return preview


def _add_to_demand(row: AccessRequest, preview: ApprovalPreview, free: dict[int, int]) -> None:
    seats = free.get(row.license_id) if row.license_id else None
    preview.demands.setdefault(row.item_id, SeatDemand(str(row.item), free_seats=seats)).requests += 1


def _free_seats(ids: set[int]) -> dict[int, int]:
    limited = License.objects.filter(pk__in=ids, seats__isnull=False).with_counts()
    return {license.pk: max(0, (license.seats or 0) - license.seats_used) for license in limited}

"""Find audit entries by index, as fast among millions as among ten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from nenconnect.audit.models import AuditEntry

NEWEST = ("-at", "-pk")


@dataclass(frozen=True)
class Page:
    """Hold one page of entries.

    `older` and `newer` are the ids of the entries from which the next page begins, or None at an end.
    """

    lines: list[AuditEntry]
    older: int | None = None
    newer: int | None = None


def between_days(rows: QuerySet[AuditEntry], first: date | None, last: date | None) -> QuerySet[AuditEntry]:
    if first:
        rows = rows.filter(at__gte=_start_of_day(first))
    return rows.filter(at__lt=_start_of_day(last + timedelta(days=1))) if last and last < date.max else rows


def about_people(rows: QuerySet[AuditEntry], people: Sequence[int]) -> QuerySet[AuditEntry]:
    return rows.filter(Q(actor_id__in=people) | Q(subjects__user__in=people))


def newest_about(rows: QuerySet[AuditEntry], people: Sequence[int], number: int) -> QuerySet[AuditEntry]:
    """Keep the newest `number` entries by or about these people.

    One index per person and side; OR would read all entries.
    """
    ways = [rows.filter(actor_id=pk) for pk in people] + [rows.filter(subjects__user=pk) for pk in people]
    if not ways:
        return rows.none()
    parts = [way.order_by(*NEWEST).values("pk")[:number] for way in ways]
    return rows.filter(pk__in={row["pk"] for row in parts[0].union(*parts[1:], all=True)})


def page_of(
    rows: QuerySet[AuditEntry], size: int, *, before: int | None, after: int | None, people: Sequence[int] | None
) -> Page:
    """Return the newest page of entries, or the page before or after the given entry.

    `people` limits it to entries by or about these people; None means everybody's entries.
    """
    number = after or before
    beside = rows.filter(pk=number).first() if number else None
    is_backward = bool(beside and after)
    if beside:
        rows = _newer_than(rows, beside) if is_backward else _older_than(rows, beside)
    if people is not None and not is_backward:
        rows = newest_about(rows, people, size + 1)
    elif people is not None:
        rows = about_people(rows, people)
    ordered = rows.order_by("at", "pk") if is_backward else rows.order_by(*NEWEST)
    lines = list(ordered[: size + 1])
    has_more, lines = len(lines) > size, lines[:size]
    if is_backward:
        lines.reverse()
    if not lines:
        return Page([])
    older = lines[-1].pk if has_more or is_backward else None
    newer = lines[0].pk if (has_more if is_backward else beside) else None
    return Page(lines, older=older, newer=newer)


def in_chunks(rows: QuerySet[AuditEntry], size: int) -> Iterator[list[AuditEntry]]:
    chunk: list[AuditEntry] = []
    for entry in rows.order_by(*NEWEST).iterator(chunk_size=size):
        chunk.append(entry)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _older_than(rows: QuerySet[AuditEntry], line: AuditEntry) -> QuerySet[AuditEntry]:
    """Find the place in the index by `at`; the number tells apart entries of one moment."""
    return rows.filter(at__lte=line.at).exclude(at=line.at, pk__gte=line.pk)


def _newer_than(rows: QuerySet[AuditEntry], line: AuditEntry) -> QuerySet[AuditEntry]:
    return rows.filter(at__gte=line.at).exclude(at=line.at, pk__lte=line.pk)


def _start_of_day(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))

"""Collect invitations, moves, deputyships, and changes made to several people at once."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import Deputy, JoinInvitation, MoveRequest, User
from members.models import Leaver, PeopleChangeLine
from reports.own_data.sections import Facts


def departures(user: User) -> list[Facts]:
    """Return the data kept for a week so that a company can undo a departure."""
    rows = Leaver.objects.filter(user=user).select_related("departure").order_by("pk")
    return [
        {"at": row.departure.created_at, "what": row.departure.get_kind_display(), "role": row.get_role_display()}
        for row in rows
    ]


def deputy(user: User) -> list[Facts]:
    """Return deputyships of the person and for the person, without the other's name."""
    rows = Deputy.objects.filter(Q(user=user) | Q(admin=user)).order_by("pk")
    return [
        {"stood_in": row.user_id == user.pk, "first_day": row.first_day, "last_day": row.last_day} for row in rows
    ]


def changes_for_several(user: User) -> list[Facts]:
    rows = PeopleChangeLine.objects.filter(user=user).select_related("change").order_by("pk")
    return [
        {"at": row.change.created_at, "what": row.change.get_kind_display(), "outcome": row.get_outcome_display()}
        for row in rows
    ]


def invitations(user: User) -> list[Facts]:
    rows = JoinInvitation.objects.filter(user=user).select_related("company").order_by("pk")
    return [
        {"company": row.company.name, "role": row.get_role_display(), "invited_at": row.invited_at} for row in rows
    ]


def moves(user: User) -> list[Facts]:
    rows = MoveRequest.objects.filter(user=user).select_related("from_company", "to_company").order_by("pk")
    return [
        {
            "from": row.from_company.name,
            "to": row.to_company.name,
            "status": row.get_status_display(),
            "asked_at": row.asked_at,
            "decided_at": row.decided_at,
        }
        for row in rows
    ]

"""Move a person to another company, or remove a person: licences of the company that is left end."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts.actions.membership import lock_people_who_may_leave
from accounts.actions.moving import begin_move_by_nen, check_can_move, finish_move, lock_open_move
from accounts.models import MoveRequest, User
from companies.models import Company
from licenses.actions.granting import remove_colleagues, take_away
from licenses.models import License
from nenconnect.rules.errors import Refusals, raise_refusal
from requests_app.actions.several_at_once import decide_many
from requests_app.models import REQUEST_KINDS, RequestStatus


@transaction.atomic
def accept_move(move: MoveRequest, *, by: User) -> None:
    """Accept the person; licences of the other company are taken away and its open requests withdrawn."""
    move = lock_open_move(move)  # from here on nothing is given, requested or decided at either company
    check_can_move(move)
    for license in License.objects.of(move.from_company).filter(grants__user=move.user).order_by("pk"):
        take_away(license, user=move.user, by=move.user)  # who lets them in elsewhere is not told here (R13)
    _withdraw_requests(move.from_company, [move.user], by=move.user)
    finish_move(move, by=by)


@transaction.atomic
def move_person(user: User, to: Company, *, by: User) -> None:
    """Move the person at once, by NEN, with the rules and mails of a requested move. Raises RuleError."""
    accept_move(begin_move_by_nen(user, to, by=by), by=by)


def leave_company(user: User, *, by: User) -> None:
    """Remove the person from the company. Raises RuleError for the only active admin and for who left already."""
    raise_refusal(leave_company_together([user], by=by))


@transaction.atomic
def leave_company_together(people: Sequence[User], *, by: User) -> Refusals:
    """Remove people from their company and withdraw their open requests, which can no longer be decided."""
    leaving, refusals = lock_people_who_may_leave(people, by=by)
    for company in Company.objects.filter(pk__in={user.company_id for user in leaving if user.company_id}):
        _withdraw_requests(company, leaving, by=by)
    return refusals | remove_colleagues(leaving, by=by)


def _withdraw_requests(company: Company, people: Sequence[User], *, by: User) -> None:
    for kind in REQUEST_KINDS:
        open_requests = kind.objects.pending().of(company).filter(user__in=people)
        decide_many(open_requests.select_related("user"), RequestStatus.WITHDRAWN, by=by)

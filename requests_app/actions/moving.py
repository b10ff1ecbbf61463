"""Moving to another company ends what the person had at the one that is left."""

from __future__ import annotations

from django.db import transaction

from accounts.actions.moving import check_can_move, finish_move, lock_open_move
from accounts.models import MoveRequest, User
from licenses.actions.granting import take_away
from licenses.models import License
from requests_app.actions.deciding import decide
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest, RequestStatus


@transaction.atomic
def accept_move(move: MoveRequest, *, by: User) -> None:
    """Takes the person in. Licences of the other company are taken away, and open requests there withdrawn.

    Raises RuleError: decided already, gone or blocked meanwhile, not admitted any more, the last admin there.
    """
    move = lock_open_move(move)  # from here on nobody gives, asks or decides at either company
    check_can_move(move)
    for license in License.objects.of(move.from_company).filter(grants__user=move.user).order_by("pk"):
        take_away(license, user=move.user, by=by)
    kinds: tuple[type[AccessRequest], ...] = (LicenseRequest, DocumentRequest)
    for kind in kinds:
        for asked in kind.objects.pending().of(move.from_company).filter(user=move.user):
            decide(asked, RequestStatus.WITHDRAWN, by=by)
    finish_move(move, by=by)

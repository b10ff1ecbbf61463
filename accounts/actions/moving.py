"""Ask to move to another company, whose admin decides.

members.actions.moving ends what the person has at the old company, and calls `finish_move`.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.actions.contact import hand_over_contact
from accounts.actions.deputies import end_deputyships
from accounts.actions.membership import keep_an_admin
from accounts.mails.joining import (
    send_colleague_moved,
    send_move_accepted,
    send_move_declined,
    send_move_requested,
)
from accounts.models import AddressChange, JoinInvitation, MoveRequest, User
from accounts.verbs import MOVE_DECLINED, MOVE_REQUESTED, MOVE_WITHDRAWN, MOVED_IN, MOVED_OUT
from companies.actions import lock_both
from companies.models import Company
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError

MAX_PER_DAY = 3  # by one person: each is a mail to all admins of a company


def companies_to_move_to(user: User) -> list[Company]:
    if user.company_id is None or user.is_staff:
        return []
    deciding = User.objects.active_admins().filter(company=OuterRef("pk"))
    others = Company.objects.admitting(user.email).exclude(pk=user.company_id)
    return list(others.filter(Exists(deciding)).order_by("name", "department", "pk"))


@transaction.atomic
def ask_to_move(user: User, to: Company) -> MoveRequest:
    """Ask to move. Raises RuleError: not accepted there, last admin here, asked already, too often today."""
    left = user.company
    if left is not None:
        lock_both(left, to)
    user = User.objects.select_for_update().get(pk=user.pk)
    if left is None or user.company_id != left.pk or not user.is_active or to not in companies_to_move_to(user):
        raise RuleError(_("You cannot move to this company. NEN Klantenservice can help."), field="company")
    keep_an_admin(user, by=user)
    _check_not_too_often(user)
    try:
        with transaction.atomic():
            move = MoveRequest.objects.create(user=user, from_company=left, to_company=to)
    except IntegrityError:
        raise RuleError(_("You have asked to move already. Wait for the answer, or withdraw it.")) from None
    send_move_requested(move)
    record(MOVE_REQUESTED, by=user, company_id=to.pk, about=[move, user])
    return move


@transaction.atomic
def begin_move_by_nen(user: User, to: Company, *, by: User) -> MoveRequest:
    """Start a move by NEN, without a request and on any domain. Raises RuleError."""
    if user.company is None:
        raise RuleError(
            _("%(name)s belongs to no company. Add the address at the company: the owner joins by confirming.")
            % {"name": user},
            field="company",
        )
    if user.company_id == to.pk:
        raise RuleError(_("%(name)s is at this company already.") % {"name": user}, field="company")
    lock_both(user.company, to)
    keep_an_admin(User.objects.get(pk=user.pk), by=by)
    for move in MoveRequest.objects.pending().filter(user=user):
        _close_request(move, MoveRequest.Status.WITHDRAWN)
    return MoveRequest.objects.create(user=user, from_company=user.company, to_company=to, is_by_nen=True)


@transaction.atomic
def withdraw_move(user: User) -> None:
    """Withdraw the person's open request; later mails to the admins do not mention it (C37)."""
    pending = MoveRequest.objects.pending().filter(user=user).first()
    if pending is None:
        raise RuleError(_("There is no request to withdraw: it has been decided."))
    move = lock_open_move(pending)
    _close_request(move, MoveRequest.Status.WITHDRAWN)
    record(MOVE_WITHDRAWN, by=user, company_id=move.to_company_id, about=[move, user])


@transaction.atomic
def decline_move(move: MoveRequest, *, by: User) -> None:
    """Decline the request and mail the person. Raises RuleError when it is decided."""
    move = lock_open_move(move)
    _close_request(move, MoveRequest.Status.DECLINED, by=by)
    record(MOVE_DECLINED, by=by, company_id=move.to_company_id, about=[move, move.user])
    send_move_declined(move)


def lock_open_move(move: MoveRequest) -> MoveRequest:
    """Lock both companies and the request. Raises RuleError with who decided it and when."""
    lock_both(move.from_company, move.to_company)
    row = MoveRequest.objects.select_for_update(of=("self",)).select_related(
        "user", "from_company", "to_company", "decided_by"
    )
    move = row.get(pk=move.pk)
    if move.is_open:
        return move
    if move.status == MoveRequest.Status.WITHDRAWN:
        raise RuleError(_("This request was withdrawn."))
    assert move.decided_at is not None
    raise RuleError(
        _("%(name)s already decided this on %(when)s: %(status)s.")
        % {
            "name": move.decided_by or _("A person who is no longer here"),
            "when": formats.date_format(timezone.localtime(move.decided_at), "DATETIME_FORMAT"),
            "status": move.get_status_display().lower(),
        }
    )


def check_can_move(move: MoveRequest) -> None:
    """Raise RuleError for what changed since the request; the caller holds the locks of `lock_open_move`."""
    person, company = move.user, move.to_company
    if not person.is_active or person.is_staff:
        raise RuleError(_("%(name)s can no longer sign in, and so cannot move.") % {"name": person})
    if person.company_id != move.from_company_id:
        raise RuleError(_("%(name)s has left the company meanwhile, and so cannot move.") % {"name": person})
    if company.is_closed:
        raise RuleError(_("%(company)s is closed. NEN Klantenservice can help.") % {"company": company})
    if not (move.is_by_nen or company.admits(person.email)):
        raise RuleError(
            _("%(company)s no longer allows the domain that the address of %(name)s is on.")
            % {"name": person, "company": company}
        )
    admins = User.objects.active_admins_of(move.from_company)
    if person in admins and admins.count() == 1:
        raise RuleError(
            _(
                "%(company)s has %(name)s as its only active admin. %(name)s has to make a colleague there "
                "admin first; then you can accept."
            )
            % {"name": person, "company": move.from_company.full_name}
        )


def finish_move(move: MoveRequest, *, by: User) -> None:
    """Move the person to the company as a user without label, and end rerouting."""
    person = User.objects.select_for_update().get(pk=move.user_id)
    hand_over_contact(Company.objects.filter(pk=move.from_company_id), [person], by=person)
    end_deputyships(person, by=person)
    person.company, person.role, person.label = move.to_company, User.Role.USER, None
    person.is_mail_rerouted = False
    person.save(update_fields=["company", "role", "label", "is_mail_rerouted"])
    JoinInvitation.objects.filter(user=person).delete()
    AddressChange.objects.filter(user=person).delete()
    _close_request(move, MoveRequest.Status.ACCEPTED, by=by)
    record(MOVED_OUT, by=by, company_id=move.from_company_id, about=[move, person])
    record(MOVED_IN, by=by, company_id=move.to_company_id, about=[move, person])
    send_move_accepted(move)
    send_colleague_moved(move)


def _check_not_too_often(user: User) -> None:
    since = timezone.now() - timedelta(days=1)
    if MoveRequest.objects.filter(user=user, asked_at__gte=since).count() >= MAX_PER_DAY:
        raise RuleError(_("You have asked %(max)s times today. Please go on tomorrow.") % {"max": MAX_PER_DAY})


def _close_request(move: MoveRequest, status: str, *, by: User | None = None) -> None:
    move.status, move.decided_at, move.decided_by = status, timezone.now(), by
    move.save(update_fields=["status", "decided_at", "decided_by"])

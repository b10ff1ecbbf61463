"""Declare the mails about invitations and moves."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import mail_cast
from accounts.models import JoinInvitation, MoveRequest, User
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.batch import row_of
from nenconnect.mail.events import Context, To, Unwanted, mail
from nenconnect.mail.models import OutboxMail


def send_join_invited(invitation: JoinInvitation) -> None:
    queue_mail("join_invited", to=invitation.user, about=invitation, once_per=f"{timezone.now():%Y%m%d}")


def send_move_requested(move: MoveRequest) -> None:
    for admin in User.objects.active_admins_of(move.to_company):
        queue_mail("move_requested", to=admin, about=move)


def send_move_accepted(move: MoveRequest) -> None:
    queue_mail("move_accepted", to=move.user, about=move)


def send_move_declined(move: MoveRequest) -> None:
    queue_mail("move_declined", to=move.user, about=move)


def send_colleague_moved(move: MoveRequest) -> None:
    """Mail every active admin of the company that the person left, without naming the new one (R13)."""
    for admin in User.objects.active_admins_of(move.from_company):
        queue_mail("colleague_moved", to=admin, about=move)


@mail(label=_("Invitation to join the company"), sample=mail_cast.about_invitation)
def join_invited(mail: OutboxMail) -> Context:
    invitation = (
        JoinInvitation.objects.standing()
        .select_related("company", "user")
        .filter(pk=mail.id_of(JoinInvitation))
        .first()
    )
    if invitation is None:
        raise Unwanted("the invitation was used or taken back, or its time has passed")
    if not invitation.user.is_active or invitation.company.is_closed:
        raise Unwanted("the account is not active, or the company closed")
    return {"invitation": invitation, "person": invitation.user}


@mail(label=_("Request to move to decide on"), to=To.ADMINS, sample=mail_cast.about_move)
def move_requested(mail: OutboxMail) -> Context:
    move = _open_move_of(mail)
    if not move.is_open:
        raise Unwanted("the request was decided or withdrawn")
    _check_admin(mail, move.to_company_id)
    return {"move": move}


@mail(label=_("Request to move accepted"), sample=mail_cast.about_move)
def move_accepted(mail: OutboxMail) -> Context:
    move = _open_move_of(mail)
    if not move.user.is_active:
        raise Unwanted("the person cannot sign in any more")
    return {"move": move}


@mail(label=_("Request to move declined"), sample=mail_cast.about_move)
def move_declined(mail: OutboxMail) -> Context:
    return move_accepted(mail)


@mail(label=_("Colleague moved to another company"), to=To.ADMINS, sample=mail_cast.about_move)
def colleague_moved(mail: OutboxMail) -> Context:
    move = _open_move_of(mail)
    _check_admin(mail, move.from_company_id)
    return {"move": move}


def _open_move_of(mail: OutboxMail) -> MoveRequest:
    move = row_of(mail, MoveRequest.objects.select_related("user", "from_company", "to_company"))
    if move is None:
        raise Unwanted("the request is gone")
    return move


def _check_admin(mail: OutboxMail, company_id: int) -> None:
    """Send only to a person who is still admin: the mail names a colleague."""
    reader = mail.recipient  # read with the claim, a moment ago
    is_admin = isinstance(reader, User) and reader.is_active and reader.is_company_admin
    if not (is_admin and reader and reader.company_id == company_id):
        raise Unwanted("the reader is no admin any more")

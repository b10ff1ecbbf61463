"""An account is deleted: nothing that names the person stays, and history keeps "deleted user" (R3, C42)."""

from __future__ import annotations

import json

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import mails
from accounts.actions.contact import hand_over_contact, has_as_contact
from accounts.actions.devices import end_all_devices
from accounts.actions.membership import keep_an_admin
from accounts.models import Deputy, JoinInvitation, Leaver, MoveRequest, PeopleChangeLine, SignInAttempts, User
from companies.models import Company
from licenses.actions.granting import take_away
from licenses.models import License
from nenconnect.errors import RuleError
from nenconnect.mail.farewell import forget_person
from nenconnect.trail.actions import record
from requests_app.actions.deciding import decide
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest, RequestMessage, RequestStatus

KINDS: tuple[type[AccessRequest], ...] = (LicenseRequest, DocumentRequest)
_FIELD = {LicenseRequest: "license_request", DocumentRequest: "document_request"}


@transaction.atomic
def delete_account(user: User, *, by: User) -> None:
    """By the person, who has just given the password, or by an admin of their company. A second time does nothing.

    What was asked for is withdrawn, licences come free, and one mail says farewell. Raises RuleError: NEN staff,
    the only active admin, or somebody who changed companies meanwhile.
    """
    _lock_companies(user)
    for license in License.objects.filter(grants__user=user).order_by("pk"):
        take_away(license, user=user, by=by)
    _withdraw_requests(user, by=by)
    locked = User.objects.select_for_update().filter(pk=user.pk).first()
    if locked is None:
        return
    if locked.company_id != user.company_id:
        raise RuleError(_("Something changed meanwhile. Please try again."))
    check_may_go(locked, by=by)
    record("user_deleted", by=by, company_id=locked.company_id, about=locked)
    hand_over_contact(Company.objects.all(), locked, by=by)
    for account in [*locked.merged_accounts.all(), locked]:
        _forget(account)
    mails.send_account_deleted(locked)
    locked.delete()


def check_may_go(user: User, *, by: User) -> None:
    """Raises RuleError with what to do first."""
    if user.is_staff:
        raise RuleError(_("An account of NEN staff is not deleted here. Ask the administrator of NEN Connect."))
    keep_an_admin(user, by=by)


def _lock_companies(user: User) -> None:
    """Every company that the account touches, in one order, before licences and requests (C40)."""
    touched = has_as_contact(user) | Q(pk=user.company_id) | Q(licenses__grants__user=user)
    touched |= Q(pk__in=Leaver.objects.filter(user=user).values("departure__company"))
    touched |= Q(pk__in=PeopleChangeLine.objects.filter(user=user).values("change__company"))
    for kind in KINDS:
        touched |= Q(pk__in=kind._default_manager.filter(user=user, status=RequestStatus.OPEN).values("company"))
    ids = list(Company.objects.filter(touched).values_list("pk", flat=True).distinct())
    list(Company.objects.select_for_update().filter(pk__in=ids).order_by("pk"))


def _withdraw_requests(user: User, *, by: User) -> None:
    """Nobody can decide on them any more (C27)."""
    for kind in KINDS:
        rows = kind._default_manager.filter(user=user, status=RequestStatus.OPEN).order_by("pk")
        for row in rows.select_for_update(of=("self",)):
            decide(row, RequestStatus.WITHDRAWN, by=by)


def _forget(user: User) -> None:
    """What no foreign key leads to."""
    things: list[models.Model] = [
        *JoinInvitation.objects.filter(user=user),
        *MoveRequest.objects.filter(user=user),
        *Deputy.objects.filter(Q(user=user) | Q(admin=user)),
        *_whose_mails_name(user),
    ]
    for kind in KINDS:
        things += kind._default_manager.filter(user=user)
        kind._default_manager.filter(user=user).update(reason="")
        _strip_rejections(kind, user)
    RequestMessage.objects.filter(author=user).update(text="…")
    Leaver.objects.filter(user=user).update(reason="")
    PeopleChangeLine.objects.filter(user=user).update(reason="")
    forget_person(user, address=user.email, things=things)
    SignInAttempts.objects.filter(address=user.email).delete()
    end_all_devices(user)
    _strip_desk_log(user)


def _whose_mails_name(user: User) -> models.QuerySet[Company]:
    """The person's own, and where the person asked: what tells of several requests is about the company."""
    own = Q(pk=user.company_id)
    for kind in KINDS:
        own |= Q(pk__in=kind._default_manager.filter(user=user).values("company"))
    return Company.objects.filter(own)


def _strip_rejections(kind: type[AccessRequest], user: User) -> None:
    """They stay, as decisions do; but to whom they were said, or who signed them, does not.

    What was said to the person alone goes, and so do the questions: nobody else was to read them.
    """
    kind._default_manager.filter(user=user).update(rejection_note="")
    RequestMessage.objects.filter(**{f"{_FIELD[kind]}__user": user}).update(text="…")
    theirs = kind._default_manager.filter(Q(user=user) | Q(decided_by=user)).exclude(rejection_reason="")
    for row in theirs:
        for word in (user.email, user.name, user.phone):
            row.rejection_reason = row.rejection_reason.replace(word, "…") if word else row.rejection_reason
        row.save(update_fields=["rejection_reason"])


def _strip_desk_log(user: User) -> None:
    """Django's own log of NEN's desk, which writes names down."""
    desk = ContentType.objects.get_for_model(User)
    about = LogEntry.objects.filter(content_type=desk, object_id=str(user.pk))
    about.update(object_repr=_("Deleted user"))
    # A part of another thing's page, as Django writes it: {"object": "Jan de Vries"}.
    named = Q(change_message__contains=json.dumps(user.name)) | Q(change_message__contains=user.email)
    LogEntry.objects.filter(named).update(change_message="")

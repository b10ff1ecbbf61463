"""Delete an account: nothing that names the person stays, and history keeps "deleted user" (R3, C42)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mails
from accounts.actions.contact import companies_with_contact_among, hand_over_contact
from accounts.actions.devices import end_all_devices
from accounts.actions.membership import ActiveAdmins, keep_an_admin
from accounts.models import Deputy, JoinInvitation, MoveRequest, SignInAttempts, User
from companies.models import Company
from licenses.actions.granting import take_away_from_many
from licenses.models import Grant, License
from members.models import Leaver, PeopleChangeLine
from members.verbs import USER_DELETED
from nenconnect.audit.actions import new_entry, record_many
from nenconnect.bulk.many_rows import in_batches
from nenconnect.mail.farewell import forget_people
from nenconnect.rules.errors import Refusals, RuleError, raise_refusal, split_by_rule
from requests_app.actions.several_at_once import decide_many
from requests_app.models import REQUEST_KINDS, AccessRequest, RequestMessage, RequestStatus

WORDS_AT_ONCE = 200  # that one statement looks for


def delete_account(user: User, *, by: User) -> None:
    """Delete the account of a person, by that person or by an admin of the company.

    The person has just typed the password. A second call does nothing.
    """
    raise_refusal(delete_accounts([user], by=by))


@transaction.atomic
def delete_accounts(people: Sequence[User], *, by: User, mails_from: datetime | None = None) -> Refusals:
    """Delete each account like `delete_account`; the mails go one after the other from `mails_from` on."""
    _lock_companies(people)
    going, refusals = _who_may_go(people, by=by)
    licenses_held = Grant.objects.filter(user__in=going).values("license")
    for license in License.objects.filter(pk__in=licenses_held).order_by("pk"):
        take_away_from_many(license, going, by=by)
    _withdraw_requests(going, by=by)
    record_many(new_entry(USER_DELETED, by=by, company_id=user.company_id, about=user) for user in going)
    hand_over_contact(Company.objects.all(), going, by=by)
    accounts = [*User.objects.filter(merged_into__in=going).order_by("pk"), *going]
    _delete_rows_without_foreign_key(accounts)
    mails.send_accounts_deleted(going, due_at=mails_from or timezone.now())
    User.objects.filter(pk__in=[account.pk for account in accounts]).delete()
    return refusals


def _who_may_go(people: Sequence[User], *, by: User) -> tuple[list[User], Refusals]:
    """Lock and reload these people; an account that is already deleted is left out."""
    rows = User.objects.select_for_update().filter(pk__in=[user.pk for user in people]).order_by("pk")
    locked, refusals = {user.pk: user for user in rows}, Refusals()
    admins = ActiveAdmins(list(locked.values()))

    def check(user: User) -> None:
        if locked[user.pk].company_id != user.company_id:
            raise RuleError(_("Something changed meanwhile. Please try again."))
        _check_not_staff(locked[user.pk])
        admins.let_go(locked[user.pk], by=by)

    going = split_by_rule([user for user in people if user.pk in locked], check, refusals)
    return [locked[user.pk] for user in going], refusals


def check_may_go(user: User, *, by: User) -> None:
    """Raise RuleError with what to do first."""
    _check_not_staff(user)
    keep_an_admin(user, by=by)


def _check_not_staff(user: User) -> None:
    if user.is_staff:
        raise RuleError(_("An account of NEN staff is not deleted here. Ask the administrator of NEN Connect."))


def _lock_companies(people: Sequence[User]) -> None:
    """Lock every company that the accounts touch, in one order, before licences and requests (C40)."""
    touched: list[models.QuerySet[Any, Any]] = [  # each by an index; as one condition they scan whole tables
        companies_with_contact_among(people, Company.objects.all()).values("pk"),
        Grant.objects.filter(user__in=people).values("license__company"),
        Leaver.objects.filter(user__in=people).values("departure__company"),
        PeopleChangeLine.objects.filter(user__in=people).values("change__company"),
    ]
    for kind in REQUEST_KINDS:
        open_requests = kind._default_manager.filter(user__in=people, status=RequestStatus.OPEN)
        touched.append(open_requests.values("company"))
    current_companies = Company.objects.filter(
        pk__in={user.company_id for user in people if user.company_id}
    ).values("pk")
    ids = current_companies.order_by().union(*(rows.order_by() for rows in touched)).values_list("pk", flat=True)
    list(Company.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk"))


def _withdraw_requests(people: Sequence[User], *, by: User) -> None:
    """Withdraw the open requests, which can no longer be decided (C27)."""
    for kind in REQUEST_KINDS:
        rows = kind._default_manager.filter(user__in=people, status=RequestStatus.OPEN).order_by("pk")
        locked = rows.select_for_update(of=("self",)).select_related("user")
        decide_many(locked, RequestStatus.WITHDRAWN, by=by)


def _delete_rows_without_foreign_key(people: Sequence[User]) -> None:
    things: list[models.Model] = [
        *JoinInvitation.objects.filter(user__in=people),
        *MoveRequest.objects.filter(user__in=people),
        *Deputy.objects.filter(Q(user__in=people) | Q(admin__in=people)),
        *_whose_mails_name(people),
    ]
    for kind in REQUEST_KINDS:
        things += kind._default_manager.filter(user__in=people)
        kind._default_manager.filter(user__in=people).update(reason="")
        _strip_rejections(kind, people)
    RequestMessage.objects.filter(author__in=people).update(text="…")
    Leaver.objects.filter(user__in=people).update(reason="")
    PeopleChangeLine.objects.filter(user__in=people).update(reason="")
    addresses = [user.email for user in people]
    forget_people(people, addresses=addresses, things=things)
    SignInAttempts.objects.filter(address__in=addresses).delete()
    end_all_devices(*people)
    _strip_desk_log(people)


def _whose_mails_name(people: Sequence[User]) -> models.QuerySet[Company]:
    """Return the companies whose mails may name these people: their own, and those of their requests."""
    is_involved = Q(pk__in={user.company_id for user in people if user.company_id})
    for kind in REQUEST_KINDS:
        is_involved |= Q(pk__in=kind._default_manager.filter(user__in=people).values("company"))
    return Company.objects.filter(is_involved)


def _strip_rejections(kind: type[AccessRequest], people: Sequence[User]) -> None:
    """Take the names out of decisions, which stay: the reader of a note, and its author."""
    kind._default_manager.filter(user__in=people).update(rejection_note="")
    RequestMessage.objects.filter(**{f"{kind.message_field()}__user__in": people}).update(text="…")
    requests = kind._default_manager.filter(Q(user__in=people) | Q(decided_by__in=people))
    people_by_id = {user.pk: user for user in people}
    for row in requests.exclude(rejection_reason=""):
        named = [people_by_id[pk] for pk in (row.user_id, row.decided_by_id) if pk in people_by_id]
        row.rejection_reason = _without_names(row.rejection_reason, named)
        row.save(update_fields=["rejection_reason"])


def _without_names(text: str, people: Iterable[User]) -> str:
    for user in people:
        for word in (user.email, user.name, user.phone):
            text = text.replace(word, "…") if word else text
    return text


def _strip_desk_log(people: Sequence[User]) -> None:
    desk = ContentType.objects.get_for_model(User)
    about = LogEntry.objects.filter(content_type=desk, object_id__in=[str(user.pk) for user in people])
    about.update(object_repr=_("Deleted user"))
    # A part of another thing's page, as Django writes it: {"object": "Jan de Vries"}.
    words = [word for user in people for word in (json.dumps(user.name), user.email)]
    for some in in_batches(words, WORDS_AT_ONCE):
        named = reduce(or_, (Q(change_message__contains=word) for word in some))
        LogEntry.objects.filter(named).update(change_message="")

"""Change roles, block and remove people; the company is locked first, which keeps its last admin (R3, C23)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.contact import hand_over_contact
from accounts.actions.deputies import end_deputyships
from accounts.actions.devices import end_all_devices
from accounts.models import AddressChange, JoinInvitation, MoveRequest, User
from accounts.verbs import BLOCKED, REMOVED_FROM_COMPANY, ROLE_CHANGED, UNBLOCKED
from companies.actions import check_working
from companies.models import Company
from nenconnect.audit.actions import new_entry, record_many
from nenconnect.audit.changes import changed_fields
from nenconnect.audit.models import AuditEntry
from nenconnect.audit.verbs import Verb
from nenconnect.bulk.many_rows import update_many
from nenconnect.rules.errors import Refusals, RuleError, raise_refusal, split_by_rule


def change_role(user: User, role: str, *, by: User) -> None:
    """Change the role; a new admin reads their own mail (R32). Raises RuleError for the last active admin."""
    raise_refusal(change_roles([user], role, by=by))


@transaction.atomic
def change_roles(people: Sequence[User], role: str, *, by: User) -> Refusals:
    members, refusals = locked_members(people)
    changing = [user for user in members if user.role != role]
    if role == User.Role.USER:
        admins = ActiveAdmins(changing)
        changing = split_by_rule(changing, lambda user: admins.let_go(user, by=by), refusals)
    end_deputyships(*changing, by=by)
    _change_members(changing, ROLE_CHANGED, lambda user: _fields_of_role(user, role), by=by)
    return refusals


def _fields_of_role(user: User, role: str) -> dict[str, Any]:
    return {"role": role, "is_mail_rerouted": user.is_mail_rerouted and role == User.Role.USER}


def check_rerouting(role: str, *, is_rerouted: bool) -> None:
    """Raise RuleError for an admin whose mails would go to the other admins (R32)."""
    if is_rerouted and role == User.Role.ADMIN:
        raise RuleError(
            _("An admin reads their own mail. Switch this off, or choose the role user."), field="is_mail_rerouted"
        )


def block(user: User, *, by: User) -> None:
    """Block the person. Raises RuleError for NEN staff and the last active admin."""
    raise_refusal(block_many([user], by=by))


@transaction.atomic
def block_many(people: Sequence[User], *, by: User) -> Refusals:
    """Block people: sessions end with the next request, and mailed links are dead (R15, C12, C19)."""
    members, refusals = locked_members(people)
    admins = ActiveAdmins(members)

    def check(user: User) -> None:
        check_may_block(user, by=by)
        admins.let_go(user, by=by)

    blocking = split_by_rule([user for user in members if not user.is_blocked], check, refusals)
    _change_members(blocking, BLOCKED, _fields_after_blocking, by=by)
    end_all_devices(*blocking)
    AddressChange.objects.filter(user__in=blocking).delete()
    return refusals


def _fields_after_blocking(user: User) -> dict[str, Any]:
    return {
        "is_blocked": True,
        "session_round": user.session_round + 1,
        "registration_round": user.registration_round + 1,
        "registration_sent_at": None if user.is_pending else user.registration_sent_at,  # a new mail must go out
    }


def check_may_block(user: User, *, by: User) -> None:
    if user.is_staff and (user == by or not by.is_superuser):
        raise RuleError(_("NEN staff can only be blocked by an administrator, and not by oneself."))


def unblock(user: User, *, by: User) -> None:
    raise_refusal(unblock_many([user], by=by))


@transaction.atomic
def unblock_many(people: Sequence[User], *, by: User) -> Refusals:
    members, refusals = locked_members(people)
    open_accounts = split_by_rule(members, _check_not_merged, refusals)
    blocked = [user for user in open_accounts if user.is_blocked]
    _change_members(blocked, UNBLOCKED, lambda user: {"is_blocked": False}, by=by)
    return refusals


def _check_not_merged(user: User) -> None:
    if user.merged_into_id:
        raise RuleError(_("This account was merged into another one of the same person, and stays closed."))


def lock_people_who_may_leave(people: Sequence[User], *, by: User) -> tuple[list[User], Refusals]:
    """Lock and reload these people. Refuses the last active admin and people who already left."""
    members, refusals = locked_members(people)
    admins = ActiveAdmins(members)
    return split_by_rule(members, lambda user: admins.let_go(user, by=by), refusals), refusals


def remove_from_company(user: User, *, by: User) -> None:
    raise_refusal(remove_many([user], by=by))


@transaction.atomic
def remove_many(people: Sequence[User], *, by: User) -> Refusals:
    """Make the accounts personal ones; licenses.actions.granting takes licences away and calls this."""
    leaving, refusals = lock_people_who_may_leave(people, by=by)
    companies = {user.company_id for user in leaving if user.company_id}
    hand_over_contact(Company.objects.filter(pk__in=companies), leaving, by=by)
    end_deputyships(*leaving, by=by)
    _change_members(leaving, REMOVED_FROM_COMPANY, _fields_after_removal, by=by)
    JoinInvitation.objects.filter(user__in=leaving).delete()
    AddressChange.objects.filter(user__in=leaving).delete()
    moves = MoveRequest.objects.pending().filter(user__in=leaving)  # to move from a company that is left already
    moves.update(status=MoveRequest.Status.WITHDRAWN, decided_at=timezone.now())
    return refusals


def _fields_after_removal(user: User) -> dict[str, Any]:
    return {
        "company": None,
        "label": None,
        "role": User.Role.USER,
        "is_mail_rerouted": False,
        "registration_origin": User.Origin.SELF,
        "registration_round": user.registration_round + 1,
    }


def admin_who_started(company: Company, pk: int | None) -> User:
    """Return the admin who started long work at a locked company. Raises RuleError when no longer an admin."""
    check_working(company)
    by = User.objects.active_admins_of(company).filter(pk=pk or 0).first()
    if by is None:
        raise RuleError(_("The person who asked for this is no longer an admin."))
    return by


def locked_member(user: User) -> User:
    """Lock and reload a member. Raises RuleError when the person left or is deleted."""
    members, refusals = locked_members([user])
    raise_refusal(refusals)
    return members[0]


def locked_members(people: Sequence[User]) -> tuple[list[User], Refusals]:
    """Lock the companies and then the people, in one order everywhere (C40), and reload them.

    Refuses people who left or are deleted: the right to change them was over a member.
    """
    companies = {user.company_id for user in people if user.company_id}
    list(Company.objects.select_for_update().filter(pk__in=companies).order_by("pk"))
    rows = User.objects.select_for_update().filter(pk__in=[user.pk for user in people]).order_by("pk")
    locked, refusals = {user.pk: user for user in rows}, Refusals()

    def check(user: User) -> None:
        if user.pk not in locked or locked[user.pk].company_id != user.company_id:
            raise RuleError(_("%(name)s is no longer in this company.") % {"name": user})

    return [locked[user.pk] for user in split_by_rule(people, check, refusals)], refusals


def keep_an_admin(user: User, *, by: User) -> None:
    """Raise RuleError when the company would be left without an active admin (R3)."""
    ActiveAdmins([user]).let_go(user, by=by)


class ActiveAdmins:
    """Count down the active admins of locked companies, so that one of them stays (R3)."""

    def __init__(self, going: Sequence[User]) -> None:
        self._left = defaultdict[int | None, set[int]](set)
        if companies := {user.company_id for user in going if _is_active_admin(user)}:
            admins = User.objects.active_admins().filter(company__in=companies)
            for company, pk in admins.values_list("company", "pk"):
                self._left[company].add(pk)

    def let_go(self, user: User, *, by: User) -> None:
        """Count this person off. Raises RuleError for the last active admin."""
        if not _is_active_admin(user):
            return
        left = self._left[user.company_id]
        if left <= {user.pk}:
            raise last_admin_refusal(user, by=by)
        left.discard(user.pk)


def _is_active_admin(user: User) -> bool:
    return user.is_company_admin and user.is_active


def last_admin_refusal(user: User, *, by: User) -> RuleError:
    """Return the refusal for the last active admin (R3)."""
    if user == by:
        return RuleError(_("You are the only active admin. Make a colleague admin first, then try again."))
    return RuleError(
        _("%(name)s is the only active admin. Make a colleague admin first, then try again.") % {"name": user}
    )


def _change_members(
    people: Sequence[User], verb: Verb, fields_of: Callable[[User], dict[str, Any]], *, by: User
) -> None:
    entries, names = list[AuditEntry](), list[str]()
    for user in people:
        fields = fields_of(user)
        details = {name: value for name, value in fields.items() if name in {"role", "is_blocked"}}
        changes, names = changed_fields(user, details), list(fields)
        entries.append(new_entry(verb, by=by, company_id=user.company_id, about=user, changes=changes, **details))
        for name, value in fields.items():
            setattr(user, name, value)
    update_many(people, names)
    record_many(entries)

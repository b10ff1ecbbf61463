"""Give and take roles at NEN's desk; administrators do it, and never for themselves."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.staff_roles import StaffRole
from accounts.verbs import STAFF_ROLE_CHANGED
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError

NO_ROLE = ""


@transaction.atomic
def set_staff_role(user: User, role: str, *, by: User) -> None:
    """Give the person a role at NEN's desk; NO_ROLE takes it away.

    Raises: RuleError unless `by` is an administrator; for that same person, a company's member, an unregistered or
    blocked person, and a manager whose companies would be left without one.
    """
    rows = User.objects.select_for_update().filter(Q(pk=user.pk) | Q(pk=by.pk)).order_by("pk")
    people = {person.pk: person for person in rows}  # of two who demote each other, the second has lost the role
    user, by = people[user.pk], people[by.pk]
    before = role_of(user)
    if role == before:
        return
    _check_may_set_role(user, role, by=by)
    user.is_staff = role != NO_ROLE
    user.is_superuser = role == StaffRole.ADMINISTRATOR
    user.save(update_fields=["is_staff", "is_superuser"])
    user.groups.set([Group.objects.get_or_create(name=role)[0]] if role else [])
    record(STAFF_ROLE_CHANGED, by=by, company_id=None, about=user, role_before=before, role_after=role)


def role_of(user: User) -> str:
    if user.is_superuser:
        return StaffRole.ADMINISTRATOR
    name = user.groups.filter(name__in=StaffRole.values).values_list("name", flat=True).first()
    return name or NO_ROLE if user.is_staff else NO_ROLE


def _check_may_set_role(user: User, role: str, *, by: User) -> None:
    if not (by.is_superuser and by.is_active):
        raise RuleError(_("Only an administrator says who works at NEN's desk."))
    if user == by:
        raise RuleError(_("You cannot change your own role. Ask another administrator."), field="staff_role")
    if role not in StaffRole.values and role != NO_ROLE:
        raise RuleError(_("Choose one of the roles."), field="staff_role")
    if role and (user.company_id or not user.is_active):
        raise RuleError(
            _(
                "%(name)s cannot work at NEN's desk: only a personal account can that is registered and not "
                "blocked."
            )
            % {"name": user},
            field="email",
        )
    if not role and (number := user.managed_companies.count()):
        raise RuleError(
            _("%(name)s still manages companies (%(number)s). Give them another account manager first.")
            % {"name": user, "number": number},
            field="staff_role",
        )

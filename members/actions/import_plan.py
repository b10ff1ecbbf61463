"""Decide what a line of a table leads to: a new person, a change, an invitation, nothing, or a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.actions.add_many import Gate
from accounts.actions.membership import check_may_block, check_rerouting, last_admin_refusal
from accounts.actions.registration import NewColleague
from accounts.models import JoinInvitation, User
from companies.models import Company
from licenses.actions.granting import check_lasts, no_seat
from licenses.models import Grant, License
from members.actions.import_columns import ColleagueRow
from members.models import PeopleImportLine
from nenconnect.rules.errors import RuleError

Outcome = PeopleImportLine.Outcome


@dataclass
class ColleaguePlan:
    row: ColleagueRow
    outcome: str
    person: User | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    to_give: list[License] = field(default_factory=list)

    @property
    def columns(self) -> str:
        if self.outcome != Outcome.CHANGED:
            return ""
        return ",".join([*self.changes, *(["licenses"] if self.to_give else [])])

    @property
    def new_colleague(self) -> NewColleague:
        return NewColleague(email=self.row.email, **self.row.fields)


class Left:
    """Count down the free seats and active admins; each planned line takes its part."""

    def __init__(self, company: Company, so_far: dict[str, Any] | None = None) -> None:
        if so_far:
            self.seats = {int(pk): number for pk, number in so_far["seats"].items()}
            self.admins = set(so_far["admins"])
            return
        limited = License.objects.of(company).filter(seats__isnull=False).with_counts()
        self.seats = {license.pk: (license.seats or 0) - license.seats_used for license in limited}
        self.admins = set(User.objects.active_admins_of(company).values_list("pk", flat=True))

    @property
    def as_json(self) -> dict[str, Any]:
        return {"seats": self.seats, "admins": sorted(self.admins)}

    def take(self, plan: ColleaguePlan) -> None:
        """Take a seat. Raises RuleError, and takes nothing, when too few are left."""
        for license in plan.to_give:
            if self.seats.get(license.pk, 1) <= 0:
                raise _refusal_at_column("licenses", no_seat(license))
        for license in plan.to_give:
            if license.pk in self.seats:
                self.seats[license.pk] -= 1


class Planner:
    """Plan the lines of one batch, with all their addresses read in one query."""

    def __init__(self, company: Company, batch: Sequence[ColleagueRow], left: Left, *, by: User) -> None:
        self.company, self.left, self.by = company, left, by
        self.gate = Gate(company)
        people = User.objects.filter(email__in=[row.email for row in batch])
        self.members = {person.email: person for person in people.select_related("company", "label")}
        ids = [person.pk for person in self.members.values()]
        grants = Grant.objects.lasting().filter(user__in=ids, license__company=company)
        self.holders = set(grants.values_list("user", "license"))
        invitations = JoinInvitation.objects.standing().filter(company=company, user__in=ids)
        self.invited_roles = dict(invitations.values_list("user", "role"))

    def plan(self, row: ColleagueRow) -> ColleaguePlan:
        """Plan a line. Raises RuleError that names the column."""
        person = self.members.get(row.email)
        if person and person.company_id == self.company.pk:
            plan = self._plan_for_member(row, person)
        else:
            plan = self._plan_for_newcomer(row, person)
        self.left.take(plan)
        if plan.person and plan.outcome == Outcome.CHANGED:
            self._count_admins(plan.person, plan.changes)
        return plan

    def _plan_for_newcomer(self, row: ColleagueRow, person: User | None) -> ColleaguePlan:
        self.gate.check(row.email, person)
        if "name" not in row.fields:
            raise RuleError(_("Fill in the name."), field="name")
        if person and not person.is_pending:
            is_asked = self.invited_roles.get(person.pk) == row.fields.get("role", User.Role.USER)
            return ColleaguePlan(row, Outcome.UNCHANGED if is_asked else Outcome.INVITED, person)
        check_rerouting(
            row.fields.get("role", User.Role.USER), is_rerouted=row.fields.get("is_mail_rerouted", False)
        )
        return ColleaguePlan(row, Outcome.NEW, person, to_give=self._to_give(row, None))

    def _plan_for_member(self, row: ColleagueRow, person: User) -> ColleaguePlan:
        changes = {name: value for name, value in row.fields.items() if getattr(person, name) != value}
        to_give = self._to_give(row, person)
        check_rerouting(row.fields.get("role", person.role), is_rerouted=changes.get("is_mail_rerouted", False))
        if changes.get("is_blocked"):
            self._at_block(person)
        if changes.get("role") == User.Role.USER or changes.get("is_blocked"):
            self._keep_an_admin(person, "role" if "role" in changes else "is_blocked")
        outcome = Outcome.CHANGED if changes or to_give else Outcome.UNCHANGED
        return ColleaguePlan(row, outcome, person, changes, to_give)

    def _at_block(self, person: User) -> None:
        try:
            check_may_block(person, by=self.by)
        except RuleError as error:
            raise _refusal_at_column("is_blocked", error) from None

    def _keep_an_admin(self, person: User, column: str) -> None:
        if self.left.admins == {person.pk}:
            raise _refusal_at_column(column, last_admin_refusal(person, by=self.by))
        if person == self.by:
            text = _("This is you. Change your own role, or block yourself, on your own page.")
            raise RuleError(text, field=column)

    def _count_admins(self, person: User, changes: dict[str, Any]) -> None:
        role = changes.get("role", person.role)
        is_blocked = changes.get("is_blocked", person.is_blocked)
        if role == User.Role.ADMIN and not is_blocked and not person.is_pending:
            self.left.admins.add(person.pk)
        else:
            self.left.admins.discard(person.pk)

    def _to_give(self, row: ColleagueRow, person: User | None) -> list[License]:
        lacking = [
            called for called in row.licenses if not any(self._has_license(person, license) for license in called)
        ]
        return [_licenses_in_term(called) for called in lacking]

    def _has_license(self, person: User | None, license: License) -> bool:
        if license.is_company_wide and license.is_in_term:
            return True
        return person is not None and (person.pk, license.pk) in self.holders


def _licenses_in_term(called: tuple[License, ...]) -> License:
    """Return the licence to give among those of one name. Raises RuleError for none in term and for several."""
    lasting = [license for license in called if not license.has_ended]
    if len(lasting) > 1:
        text = _("Your company has several licences called “%(name)s”. Give it on the page of the user.")
        raise RuleError(text % {"name": called[0]}, field="licenses")
    license = lasting[0] if lasting else called[0]
    try:
        check_lasts(license)
    except RuleError as error:
        raise _refusal_at_column("licenses", error) from None
    return license


def _refusal_at_column(column: str, error: RuleError) -> RuleError:
    return RuleError(error.message, field=column)

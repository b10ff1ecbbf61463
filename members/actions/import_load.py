"""Do what was planned for a batch of lines: newcomers together, changes one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.actions import details, membership
from accounts.actions.add_many import add_many
from accounts.models import User
from companies.models import Company
from licenses.actions.granting import grant_many
from licenses.models import License
from members.actions.import_plan import ColleaguePlan
from members.models import PeopleImportLine
from nenconnect.rules.errors import RuleError, raise_refusal
from requests_app.actions.deciding import give_license

Outcome = PeopleImportLine.Outcome


@transaction.atomic
def load_plans(
    company: Company, plans: Sequence[ColleaguePlan], *, by: User, mails_from: datetime
) -> dict[int, RuleError]:
    """Do the batch, with the company locked; return what an action refuses after all, by line number."""
    changes = [plan for plan in plans if plan.outcome == Outcome.CHANGED]
    refused = {plan.row.number: error for plan in changes if (error := _try_change(plan, by=by))}
    newcomers = [plan for plan in plans if plan.outcome != Outcome.CHANGED]
    outcomes = add_many(company, [plan.new_colleague for plan in newcomers], by=by, mails_from=mails_from)
    added: list[tuple[ColleaguePlan, User]] = []
    for plan in newcomers:
        outcome = outcomes[plan.row.email]
        if isinstance(outcome, RuleError):
            refused[plan.row.number] = outcome
        else:
            added.append((plan, outcome))
    _grant_licenses(added, by=by)
    return refused


def _grant_licenses(added: list[tuple[ColleaguePlan, User]], *, by: User) -> None:
    people: dict[License, list[User]] = {}
    for plan, user in added:
        for license in plan.to_give:
            people.setdefault(license, []).append(user)
    for license in sorted(people, key=lambda license: license.pk):
        raise_refusal(grant_many(license, people[license], by=by))


def _try_change(plan: ColleaguePlan, *, by: User) -> RuleError | None:
    assert plan.person is not None
    try:
        with transaction.atomic():
            _change_person(plan.person, plan, by=by)
    except RuleError as error:
        return error
    return None


def _change_person(person: User, plan: ColleaguePlan, *, by: User) -> None:
    changes = {name: value for name, value in plan.changes.items() if name in details.DETAIL_FIELDS}
    if changes:
        details.change_details(person, by=by, **changes)
    if role := plan.changes.get("role"):
        membership.change_role(person, role, by=by)
    if (is_blocked := plan.changes.get("is_blocked")) is not None:
        (membership.block if is_blocked else membership.unblock)(person, by=by)
    for license in plan.to_give:
        give_license(license, to=person, by=by)

"""Test who gives roles to NEN staff, and from when they count."""

from __future__ import annotations

import pytest

from accounts.actions import staff as staff_actions
from accounts.models import StaffMember, User
from accounts.staff_roles import RIGHTS, StaffRole
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from tests.at_once import run_at_once, slow_writes
from tests.desk.roles.screens import ADMINISTRATOR, AM, CONTENT, CS, NOBODY, Desk, is_let_in, page
from tests.factories import make_person, set_staff_roles

pytestmark = pytest.mark.usefixtures("_english")


def test_every_role_but_the_administrators_is_written_out() -> None:
    assert set(RIGHTS) == set(StaffRole) - {StaffRole.ADMINISTRATOR}


def test_a_demotion_counts_from_the_next_click(desk: Desk) -> None:
    assert desk.browsers[CS].get(page(Company, "changelist")).status_code == 200

    staff_actions.set_staff_role(desk.people[CS], CONTENT, by=desk.people[ADMINISTRATOR])

    assert desk.browsers[CS].get(page(Company, "changelist")).status_code == 403


class TestStaffAccounts:
    def test_only_administrators_see_the_accounts_of_staff_among_the_people(self, desk: Desk) -> None:
        for role, sees in ((CS, False), (AM, False), (ADMINISTRATOR, True)):
            page_of = desk.browsers[role].get(page(User, "change", desk.people[CONTENT].pk))
            assert is_let_in(page_of) is sees

    @pytest.mark.parametrize("action", ["block", "remove_second_step", "make_admin"])
    def test_customer_service_does_nothing_to_them_from_the_list(self, desk: Desk, action: str) -> None:
        posted = {"action": action, "_selected_action": [user.pk for user in desk.people.values()]}

        desk.browsers[CS].post(page(User, "changelist"), posted)

        staff = User.objects.filter(is_staff=True)
        assert not staff.filter(is_blocked=True).exists()
        assert not AuditEntry.objects.exclude(pk=desk.things[AuditEntry].pk).exists()

    def test_an_administrator_takes_somebody_in_by_the_address_they_registered_with(self, desk: Desk) -> None:
        new = make_person("nieuw@nen.example")

        desk.browsers[ADMINISTRATOR].post(
            page(StaffMember, "add"), {"email": "Nieuw@NEN.example", "staff_role": CS}
        )

        new.refresh_from_db()
        assert (new.is_staff, new.is_superuser, staff_actions.role_of(new)) == (True, False, CS)
        entry = AuditEntry.objects.get(verb="staff_role_changed")
        assert (entry.actor_id, entry.subjects) == (desk.people[ADMINISTRATOR].pk, {"user": new.pk})

    def test_and_lets_them_out_again(self, desk: Desk) -> None:
        member = desk.people[CS]

        desk.browsers[ADMINISTRATOR].post(page(StaffMember, "change", member.pk), {"staff_role": ""})

        member.refresh_from_db()
        assert (member.is_staff, list(member.groups.all())) == (False, [])

    def test_nobody_changes_their_own_role(self, desk: Desk) -> None:
        administrator = desk.people[ADMINISTRATOR]

        answered = desk.browsers[ADMINISTRATOR].post(
            page(StaffMember, "change", administrator.pk), {"staff_role": CS}
        )

        assert "Niemand wijzigt de eigen rol" in answered.content.decode()
        assert User.objects.get(pk=administrator.pk).is_superuser

    @pytest.mark.parametrize("role", [NOBODY, CS, AM, CONTENT])
    def test_nobody_else_makes_anybody_anything(self, desk: Desk, role: str) -> None:
        for target in (desk.people[role], make_person("vriend@nen.example")):
            with pytest.raises(RuleError, match="Only an administrator"):
                staff_actions.set_staff_role(target, ADMINISTRATOR, by=desk.people[role])

    def test_posting_every_field_of_an_account_raises_nobodys_rights(self, desk: Desk) -> None:
        target = desk.things[User]
        new_values = {
            "is_staff": "on",
            "is_superuser": "on",
            "groups": "1",
            "user_permissions": "1",
            "password": "x",
            "staff_role": "administrator",
            "email": target.email,
            "name": "Nieuwe Naam",
            "language": "nl",
            "country": "NL",
        }

        desk.browsers[CS].post(page(User, "change", target.pk), new_values)

        after = User.objects.get(pk=target.pk)
        assert after.name == "Nieuwe Naam"
        assert (after.is_staff, after.is_superuser, after.password) == (False, False, target.password)
        assert not after.groups.exists()

    def test_somebody_of_a_company_is_not_taken_in(self, desk: Desk) -> None:
        with pytest.raises(RuleError, match="only a personal account"):
            staff_actions.set_staff_role(desk.things[User], CS, by=desk.people[ADMINISTRATOR])

    def test_who_manages_companies_hands_them_over_first(self, desk: Desk) -> None:
        with pytest.raises(RuleError, match="still manages companies"):
            staff_actions.set_staff_role(desk.people[AM], "", by=desk.people[ADMINISTRATOR])


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_demote_each_other_leave_one() -> None:
    first, other = (set_staff_roles(make_person(f"beheer{n}@nen.example"), ADMINISTRATOR) for n in (1, 2))

    with slow_writes("accounts_user"):
        outcomes = run_at_once(
            [
                lambda: staff_actions.set_staff_role(first, CS, by=other),
                lambda: staff_actions.set_staff_role(other, CS, by=first),
            ]
        )

    assert [type(first) for first in outcomes if first] == [RuleError]
    assert User.objects.filter(is_superuser=True).count() == 1


def test_no_page_of_the_desk_shows_or_sets_a_password(desk: Desk) -> None:
    administrator = desk.browsers[ADMINISTRATOR]
    for model in (User, StaffMember):
        text = administrator.get(page(model, "change", desk.things[model].pk)).content.decode()
        assert desk.things[model].password not in text
        assert 'type="password"' not in text

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


def test_every_staff_role_except_administrator_has_a_list_of_rights() -> None:
    assert set(RIGHTS) == set(StaffRole) - {StaffRole.ADMINISTRATOR}


def test_a_changed_staff_role_applies_from_the_next_page(desk: Desk) -> None:
    assert desk.browsers[CS].get(page(Company, "changelist")).status_code == 200

    staff_actions.set_staff_role(desk.people[CS], CONTENT, by=desk.people[ADMINISTRATOR])

    assert desk.browsers[CS].get(page(Company, "changelist")).status_code == 403


class TestStaffAccounts:
    def test_only_administrators_see_the_accounts_of_staff_in_the_list_of_people(self, desk: Desk) -> None:
        for role, sees in ((CS, False), (AM, False), (ADMINISTRATOR, True)):
            page_of = desk.browsers[role].get(page(User, "change", desk.people[CONTENT].pk))
            assert is_let_in(page_of) is sees

    @pytest.mark.parametrize("action", ["block", "remove_second_step", "make_admin"])
    def test_customer_service_cannot_change_staff_accounts_from_the_list_of_people(
        self, desk: Desk, action: str
    ) -> None:
        posted = {"action": action, "_selected_action": [user.pk for user in desk.people.values()]}

        desk.browsers[CS].post(page(User, "changelist"), posted)

        staff = User.objects.filter(is_staff=True)
        assert not staff.filter(is_blocked=True).exists()
        assert not AuditEntry.objects.exclude(pk=desk.things[AuditEntry].pk).exists()

    def test_an_administrator_gives_a_staff_role_to_a_registered_address(self, desk: Desk) -> None:
        new = make_person("nieuw@nen.example")

        desk.browsers[ADMINISTRATOR].post(
            page(StaffMember, "add"), {"email": "Nieuw@NEN.example", "staff_role": CS}
        )

        new.refresh_from_db()
        assert (new.is_staff, new.is_superuser, staff_actions.role_of(new)) == (True, False, CS)
        entry = AuditEntry.objects.get(verb="staff_role_changed")
        assert (entry.actor_id, entry.subjects) == (desk.people[ADMINISTRATOR].pk, {"user": new.pk})

    def test_removing_the_staff_role_ends_access_to_the_desk(self, desk: Desk) -> None:
        member = desk.people[CS]

        desk.browsers[ADMINISTRATOR].post(page(StaffMember, "change", member.pk), {"staff_role": ""})

        member.refresh_from_db()
        assert (member.is_staff, list(member.groups.all())) == (False, [])

    def test_an_administrator_cannot_change_their_own_staff_role(self, desk: Desk) -> None:
        administrator = desk.people[ADMINISTRATOR]

        answered = desk.browsers[ADMINISTRATOR].post(
            page(StaffMember, "change", administrator.pk), {"staff_role": CS}
        )

        assert "Niemand wijzigt de eigen rol" in answered.content.decode()
        assert User.objects.get(pk=administrator.pk).is_superuser

    @pytest.mark.parametrize("role", [NOBODY, CS, AM, CONTENT])
    def test_only_an_administrator_can_give_a_staff_role(self, desk: Desk, role: str) -> None:
        for target in (desk.people[role], make_person("vriend@nen.example")):
            with pytest.raises(RuleError, match="Only an administrator"):
                staff_actions.set_staff_role(target, ADMINISTRATOR, by=desk.people[role])

    def test_posting_extra_fields_on_the_page_of_a_user_gives_no_rights(self, desk: Desk) -> None:
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

    def test_a_user_of_a_company_cannot_get_a_staff_role(self, desk: Desk) -> None:
        with pytest.raises(RuleError, match="only a personal account"):
            staff_actions.set_staff_role(desk.things[User], CS, by=desk.people[ADMINISTRATOR])

    def test_an_account_manager_with_companies_cannot_lose_the_staff_role(self, desk: Desk) -> None:
        with pytest.raises(RuleError, match="still manages companies"):
            staff_actions.set_staff_role(desk.people[AM], "", by=desk.people[ADMINISTRATOR])


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_demote_each_other_at_the_same_time() -> None:
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


def test_the_pages_of_users_and_staff_do_not_show_a_password(desk: Desk) -> None:
    administrator = desk.browsers[ADMINISTRATOR]
    for model in (User, StaffMember):
        text = administrator.get(page(model, "change", desk.things[model].pk)).content.decode()
        assert desk.things[model].password not in text
        assert 'type="password"' not in text

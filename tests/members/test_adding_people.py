"""Test that an admin adds a colleague, and that the owner of a personal account must confirm (R10, R11, R13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import joining
from accounts.actions.finishing_registration import find_registration, finish_registration
from accounts.actions.registering_oneself import register_self
from accounts.actions.registration import NewColleague, add_user
from accounts.models import JoinInvitation, User
from companies.actions import set_self_registration
from companies.domains import add_domain, remove_domain
from companies.models import Company
from nenconnect.mail.events import Unwanted, context_of
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from nenconnect.rules.errors import RuleError
from tests.factories import PASSWORD, make_pending_person, make_person, registration_token

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]

NEW = NewColleague(email="Nieuw@Voorbeeld.Example", name="Noor Nieuw", phone="06 12345678", country="NL")


def events() -> list[str]:
    return list(OutboxMail.objects.order_by("pk").values_list("event", flat=True))


class TestAdding:
    def test_a_colleague_whom_an_admin_adds_is_pending_and_gets_a_mail(
        self, company: Company, admin: User
    ) -> None:
        user = add_user(company, NEW, by=admin)

        user = User.objects.get(pk=user.pk)
        assert (user.email, user.name, user.phone) == ("nieuw@voorbeeld.example", "Noor Nieuw", "06 12345678")
        assert (user.company, user.role, str(user.country)) == (company, "user", "NL")
        assert user.is_pending
        assert not user.is_active
        assert not user.has_usable_password()
        mail = OutboxMail.objects.get()
        assert (mail.event, mail.recipient) == ("registration_invited", user)

    def test_an_admin_can_add_another_admin(self, company: Company, admin: User) -> None:
        user = add_user(company, NewColleague(email="b@voorbeeld.example", name="B", role="admin"), by=admin)

        finish_registration(registration_token(user), password=PASSWORD)

        assert set(User.objects.active_admins_of(company)) == {admin, user}

    @pytest.mark.parametrize(
        "address", ["jan@bouwbedrijf.example", "jan@evil-voorbeeld.example", "jan@sub.voorbeeld.example"]
    )
    def test_an_address_outside_the_domains_is_refused_with_the_allowed_domains(
        self, company: Company, admin: User, address: str
    ) -> None:
        with pytest.raises(RuleError, match=r"Allowed: voorbeeld\.example") as refused:
            add_user(company, NewColleague(email=address, name="Jan"), by=admin)

        assert refused.value.field == "email"
        assert not User.objects.filter(email=address).exists()

    def test_nen_can_add_a_first_admin_from_any_domain(self, company: Company, staff: User) -> None:
        new = NewColleague(email="jan@elders.example", name="Jan", role="admin")

        user = add_user(company, new, by=staff, origin=User.Origin.NEN)
        finish_registration(registration_token(user), password=PASSWORD)

        assert list(User.objects.active_admins_of(company)) == [user]

    def test_a_colleague_cannot_be_added_twice(self, company: Company, admin: User, pending: User) -> None:
        with pytest.raises(RuleError, match="already in your list") as refused:
            add_user(company, NewColleague(email="NIEUW@voorbeeld.example", name="Nog eens"), by=admin)

        assert refused.value.field == "email"
        pending.refresh_from_db()
        assert pending.name == "Noor Nieuw"

    @pytest.mark.parametrize("is_pending", [True, False])
    def test_adding_a_user_of_another_company_is_refused_without_naming_that_company(
        self, company: Company, other_company: Company, admin: User, is_pending: bool
    ) -> None:
        make = make_pending_person if is_pending else make_person
        there = make("jan@voorbeeld.example", company=other_company)

        with pytest.raises(RuleError, match="cannot be added") as refused:
            add_user(company, NewColleague(email=there.email, name="Jan"), by=admin)

        assert "Bouwbedrijf" not in str(refused.value)
        assert refused.value.field == "email"
        there.refresh_from_db()
        assert there.company == other_company
        assert events() == []

    def test_nen_staff_who_share_the_domain_cannot_be_added(self, company: Company, admin: User) -> None:
        staff = make_person("nel@voorbeeld.example", is_staff=True)

        with pytest.raises(RuleError):
            add_user(company, NewColleague(email=staff.email, name="Nel"), by=admin)

        assert not JoinInvitation.objects.exists()

    def test_a_colleague_added_as_blocked_gets_no_working_link(self, company: Company, admin: User) -> None:
        user = add_user(company, NewColleague(email="b@voorbeeld.example", name="B", is_blocked=True), by=admin)

        assert find_registration(registration_token(user)) is None

    def test_an_admin_who_adds_a_colleague_overrides_an_unfinished_self_registration(
        self, company: Company, admin: User
    ) -> None:
        register_self("nieuw@voorbeeld.example", "Mallory", language="en")
        stranger = User.objects.get(email="nieuw@voorbeeld.example")
        old_link = registration_token(stranger)

        add_user(company, NEW, by=admin)

        user = User.objects.get(email="nieuw@voorbeeld.example")
        assert (user.pk, user.name, user.company) == (stranger.pk, "Noor Nieuw", company)
        assert user.registration_origin == User.Origin.COMPANY
        assert find_registration(old_link) is None

    def test_a_colleague_added_as_blocked_gets_no_mail(self, company: Company, admin: User) -> None:
        user = add_user(company, NewColleague(email="b@voorbeeld.example", name="B", is_blocked=True), by=admin)

        assert user.registration_sent_at is None
        assert not OutboxMail.objects.exists()


class TestPersonalAccounts:
    def test_adding_a_personal_account_only_sends_its_owner_an_invitation(
        self, company: Company, admin: User
    ) -> None:
        owner = make_person("jan@voorbeeld.example", name="Jan zelf")

        add_user(company, NewColleague(email=owner.email, name="Anders", role="admin"), by=admin)

        owner.refresh_from_db()
        assert (owner.name, owner.company, owner.role) == ("Jan zelf", None, "user")
        assert owner.check_password(PASSWORD)
        assert events() == ["join_invited"]

    def test_the_owner_of_a_personal_account_joins_in_the_invited_role(
        self, company: Company, admin: User
    ) -> None:
        owner = make_person("jan@voorbeeld.example")
        set_self_registration(company, False, by=admin)
        add_user(company, NewColleague(email=owner.email, name="Jan", role="admin"), by=admin)

        assert joining.companies_to_join(owner) == [company]
        joining.join(owner, company)

        owner.refresh_from_db()
        assert (owner.company, owner.role) == (company, "admin")
        assert not JoinInvitation.objects.exists()

    def test_a_join_invitation_expires_after_a_month_and_can_be_renewed(
        self, company: Company, admin: User
    ) -> None:
        owner = make_person("jan@voorbeeld.example")
        set_self_registration(company, False, by=admin)
        colleague = NewColleague(email=owner.email, name="Jan", role="admin")
        with time_machine.travel(datetime(2026, 1, 31, 12, tzinfo=UTC)):
            add_user(company, colleague, by=admin)
        with time_machine.travel(datetime(2026, 2, 27, 12, tzinfo=UTC)):
            assert joining.companies_to_join(owner) == [company]

        with time_machine.travel(datetime(2026, 2, 28, 12, tzinfo=UTC)):
            assert joining.companies_to_join(owner) == []
            assert joining.companies_to_ask(owner) == [company]
            with pytest.raises(RuleError):
                joining.join(owner, company)
            with pytest.raises(Unwanted):
                context_of(OutboxMail.objects.get())

            add_user(company, colleague, by=admin)
            joining.join(owner, company)
        assert owner in User.objects.active_admins_of(company)
        assert events() == ["join_invited"] * 2

    def test_an_expired_invitation_as_admin_lets_the_owner_join_as_user_only(
        self, company: Company, admin: User
    ) -> None:
        owner = make_person("jan@voorbeeld.example")
        with time_machine.travel(timezone.now() - timedelta(days=40)):
            add_user(company, NewColleague(email=owner.email, name="Jan", role="admin"), by=admin)

        joining.join(owner, company)

        owner.refresh_from_db()
        assert (owner.company, owner.role) == (company, "user")

    def test_joining_without_an_invitation_requires_self_registration(self, company: Company, admin: User) -> None:
        owner = make_person("jan@voorbeeld.example")
        assert joining.companies_to_join(owner) == [company]

        set_self_registration(company, False, by=admin)

        assert joining.companies_to_join(owner) == []
        with pytest.raises(RuleError):
            joining.join(owner, company)

    def test_a_person_invited_by_nen_joins_as_admin_from_any_domain(
        self, company: Company, personal: User, staff: User
    ) -> None:
        new = NewColleague(email=personal.email, name="Pim", role="admin")
        add_user(company, new, by=staff, origin=User.Origin.NEN)

        assert joining.companies_to_join(personal) == [company]
        joining.join(personal, company)

        assert User.objects.active_admins_of(company).get() == personal

    def test_a_person_invited_by_a_company_cannot_join_after_the_domain_was_removed(
        self, company: Company, admin: User
    ) -> None:
        owner = make_person("los@voorbeeld.example")
        add_user(company, NewColleague(email=owner.email, name="Los"), by=admin)
        remove_domain(company.domains.get(), by=admin)

        assert joining.companies_to_join(owner) == []
        with pytest.raises(RuleError, match="You cannot join"):
            joining.join(owner, company)

    @pytest.mark.parametrize(
        ("origin", "role", "asks"),
        [
            ("nen", "admin", "NEN asks you to join Voorbeeld BV"),
            ("company", "user", "Voorbeeld BV asks you to join it"),
        ],
    )
    def test_the_invitation_mail_names_the_inviter_and_the_offered_role(
        self, company: Company, staff: User, origin: str, role: str, asks: str
    ) -> None:
        owner = make_person("los@voorbeeld.example", language="en")
        add_user(company, NewColleague(email=owner.email, name="Los", role=role), by=staff, origin=origin)

        mail = render(OutboxMail.objects.get())

        assert asks in mail.subject
        for text in (str(mail.body), str(mail.alternatives[0][0])):
            assert asks in " ".join(text.split())
            assert ("You become an admin of Voorbeeld BV" in text) == (role == "admin")
            assert ("NEN filled in your address" in text) == (origin == "nen")

    def test_joining_a_company_of_another_domain_is_refused(self, company: Company, personal: User) -> None:
        with pytest.raises(RuleError):
            joining.join(personal, company)

        personal.refresh_from_db()
        assert personal.company is None

    def test_removing_the_domain_of_a_company_ends_its_join_invitations(
        self, company: Company, admin: User, staff: User
    ) -> None:
        owner = make_person("jan@voorbeeld.example")
        add_user(company, NewColleague(email=owner.email, name="Jan"), by=admin)

        remove_domain(company.domains.get(), by=staff)

        with pytest.raises(RuleError):
            joining.join(owner, company)

    def test_a_user_of_a_company_cannot_join_a_second_company(
        self, company: Company, other_company: Company, colleague: User, staff: User
    ) -> None:
        add_domain(other_company, "voorbeeld.example", by=staff)

        assert joining.companies_to_join(colleague) == []
        with pytest.raises(RuleError):
            joining.join(colleague, other_company)

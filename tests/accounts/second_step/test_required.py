"""Test the second step that NEN or a company requires."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies import actions as companies
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from tests.accounts.second_step.steps import SECURITY, ask, confirm, half_way, is_in, type_code, type_password
from tests.factories import add_authenticator_app, authenticator_code, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english", "_english_pages")]
SignIn = Callable[[User], Client]


class TestMust:
    # A person who must have a second step and has none does nothing else first.

    def test_from_the_required_day_every_page_redirects_to_setting_up_the_second_step(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        ask(company)
        client = sign_in(colleague)

        for name in ("home:home", "profile:profile", "documents:documents", "account_change_password"):
            assert client.get(reverse(name))["Location"] == reverse(SECURITY), name
        assert client.post(reverse("profile:profile"), {"name": "Nieuw"})["Location"] == reverse(SECURITY)
        assert User.objects.get(pk=colleague.pk).name == colleague.name

    def test_users_who_must_set_up_a_second_step_can_still_use_help_and_sign_out(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        ask(company)
        client = sign_in(colleague)

        for name in ("home:help", "home:privacy", "sign_in:terms", "account_logout", SECURITY):
            assert client.get(reverse(name)).status_code == 200, name
        client.post(reverse("home:language"), {"language": "en"})
        assert User.objects.get(pk=colleague.pk).language == "en"
        client.post(reverse("account_logout"))
        assert "_auth_user_id" not in client.session

    def test_after_setting_up_the_second_step_the_user_can_continue_to_the_wanted_page(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        ask(company)
        client = sign_in(colleague)
        client.get(reverse("documents:documents"))
        secret = confirm(client).get(reverse("mfa_activate_totp")).context["form"].secret
        after = client.post(reverse("mfa_activate_totp"), {"code": authenticator_code(secret)})["Location"]

        assert f'href="{reverse("documents:documents")}"' in client.get(after).content.decode()
        assert is_in(client)

    def test_before_the_required_day_the_home_page_only_announces_the_second_step(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        ask(company, days=1)
        client = sign_in(colleague)

        assert is_in(client)
        assert "asks for a second step" in client.get(reverse("home:home")).content.decode()
        add_authenticator_app(colleague)
        assert "asks for a second step" not in client.get(reverse("home:home")).content.decode()

    def test_a_second_step_required_for_admins_does_not_affect_other_users(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        ask(company, "admins")

        assert is_in(sign_in(colleague))
        assert not is_in(sign_in(admin))
        assert is_in(sign_in(add_authenticator_app(admin)))

    def test_a_second_step_required_by_a_company_does_not_affect_other_accounts(
        self, company: Company, other_admin: User, personal: User, sign_in: SignIn
    ) -> None:
        ask(company)

        assert is_in(sign_in(other_admin))
        assert is_in(sign_in(personal))

    def test_recovery_codes_alone_do_not_count_as_a_second_step(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        ask(company)
        add_authenticator_app(colleague)
        Authenticator.objects.filter(type="totp").delete()

        assert not is_in(sign_in(colleague))

    def test_nen_staff_cannot_open_the_desk_before_setting_up_a_second_step(self, staff: User) -> None:
        client = Client()
        type_password(client, staff)

        for name in ("admin:index", "admin:login", "admin:accounts_user_changelist", "admin:jsi18n"):
            answer = client.get(reverse(name))
            assert answer.status_code == 302, name
            follow = client.get(answer["Location"])
            assert answer["Location"] == reverse(SECURITY) or follow["Location"] == reverse(SECURITY), name
        answer = client.post(reverse("admin:accounts_user_changelist"), {"action": "block"})
        assert answer["Location"] == reverse(SECURITY)
        assert client.get(reverse("mail_samples:samples"))["Location"] == reverse(SECURITY)

    def test_nen_staff_open_the_desk_only_after_entering_the_code(self, staff: User) -> None:
        client = half_way(add_authenticator_app(staff))
        assert client.get(reverse("admin:index")).status_code == 302
        type_code(client, authenticator_code())

        assert client.get(reverse("admin:index")).status_code == 200

    @override_settings(STAFF_SECOND_STEP=False)
    def test_in_the_demo_nen_staff_need_no_second_step(self, staff: User) -> None:
        type_password(client := Client(), staff)

        assert client.get(reverse("admin:index")).status_code == 200

    def test_requiring_a_second_step_costs_no_extra_query_per_page(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        client = sign_in(add_authenticator_app(colleague))
        is_in(client)
        with CaptureQueriesContext(connection) as before:
            is_in(client)
        ask(company)
        with CaptureQueriesContext(connection) as after:
            is_in(client)

        assert len(after) == len(before)


class TestACompanyAsks:
    def test_an_admin_sees_which_users_have_a_second_step_and_which_lack_a_second_step(
        self, company: Company, admin: User, colleague: User, blocked: User, pending: User, sign_in: SignIn
    ) -> None:
        add_authenticator_app(colleague)
        client = sign_in(admin)

        assert client.get(reverse("company:settings")).context["second_step"] == {
            "total": 2,
            "have": 1,
            "miss": 1,
        }
        people = reverse("company:second_step_people")
        assert list(client.get(people, {"has": "no"}).context["page_obj"]) == [admin]
        assert list(client.get(people, {"has": "yes"}).context["page_obj"]) == [colleague]
        assert len(client.get(people).context["page_obj"]) == 2

    def test_the_second_step_counts_include_only_the_users_who_must_have_a_second_step(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        ask(company, "admins", days=30)

        assert sign_in(admin).get(reverse("company:settings")).context["second_step"]["total"] == 1

    def test_an_admin_can_require_a_second_step_of_everyone_from_a_chosen_day(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        day = timezone.localdate() + timedelta(days=14)
        sign_in(admin).post(reverse("company:set_second_step"), {"who": "everyone", "first_day": day.isoformat()})
        company.refresh_from_db()

        assert (company.second_step_for, company.second_step_from) == ("everyone", day)
        entry = AuditEntry.objects.get(verb="second_step_required")
        assert entry.details["who"] == "everyone"
        assert entry.details["changes"]["second_step_from"] == [None, day.isoformat()]

    def test_an_admin_can_stop_requiring_a_second_step_without_a_valid_day(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        ask(company, days=5)
        add_authenticator_app(admin)
        sign_in(admin).post(reverse("company:set_second_step"), {"who": "nobody", "first_day": "2020-01-01"})
        company.refresh_from_db()

        assert (company.second_step_for, company.second_step_from) == ("nobody", None)

    @pytest.mark.parametrize(
        ("days", "words"), [(-1, "in the past"), (367, "within a year"), (None, "Choose the day")]
    )
    def test_a_missing_past_or_too_late_first_day_of_the_second_step_is_refused(
        self, company: Company, admin: User, sign_in: SignIn, days: int | None, words: str
    ) -> None:
        day = "" if days is None else (timezone.localdate() + timedelta(days=days)).isoformat()
        answer = sign_in(admin).post(reverse("company:set_second_step"), {"who": "everyone", "first_day": day})
        company.refresh_from_db()

        assert words in str(answer.context["form"].errors["first_day"])
        assert company.second_step_for == "nobody"

    def test_an_unchanged_second_step_requirement_can_be_saved_again_after_its_day(
        self, company: Company, admin: User
    ) -> None:
        ask(company, days=-10)
        company.refresh_from_db()
        companies.set_second_step(company, "everyone", first_day=company.second_step_from, by=admin)

        assert not AuditEntry.objects.exists()
        with pytest.raises(RuleError):
            companies.set_second_step(company, "admins", first_day=company.second_step_from, by=admin)

    def test_the_list_of_second_steps_needs_no_more_queries_with_more_users(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        client = sign_in(admin)
        url = reverse("company:second_step_people")
        client.get(url)
        with CaptureQueriesContext(connection) as few:
            client.get(url)
        for _number in range(29):
            add_authenticator_app(make_person(company=company))
        with CaptureQueriesContext(connection) as many:
            client.get(url)

        assert len(many) == len(few) <= 8

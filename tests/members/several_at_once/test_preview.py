"""Test the preview of a change of several colleagues, and its pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from members.actions import bulk_changes
from members.actions.bulk_changes import forget_changes, start
from members.actions.bulk_verdicts import DO, foresee
from members.actions.deleting import delete_account
from members.models import PeopleChange, PeopleChangeLine
from tests.factories import make_admin, make_grants, make_license, make_pending_person, make_person
from tests.members.several_at_once.changes import chosen, done, numbers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]
Kind, State, Outcome = PeopleChange.Kind, PeopleChange.State, PeopleChangeLine.Outcome


@pytest.fixture
def crowd(company: Company, admin: User) -> list[User]:
    # A person of every sort, the admin among them.
    hour_ago = timezone.now() - timedelta(hours=1)
    return [
        admin,
        make_admin(company),
        *(make_person(company=company) for _number in range(4)),
        *(make_person(company=company, is_blocked=True) for _number in range(2)),
        *(make_pending_person(company=company, registration_sent_at=hour_ago) for _number in range(3)),
        make_pending_person(company=company),  # mailed just now
        make_pending_person(company=company, is_blocked=True, registration_sent_at=None),
        make_person(company=company, is_staff=True),
        make_person(company=company, label=company.label_values.create(name="Inkoop")),
    ]


class TestThePreview:
    @pytest.mark.parametrize("kind", Kind.values)
    @pytest.mark.django_db(transaction=True)
    def test_the_preview_of_a_bulk_change_matches_its_result(
        self, kind: str, company: Company, admin: User, crowd: list[User]
    ) -> None:
        license = make_license(company, seats=4)
        make_grants(license, *crowd[2:4])
        what: dict[str, dict[str, Any]] = {
            "give_license": {"license": license},
            "take_license": {"license": license},
            "set_label": {"label": company.label_values.get()},
        }
        change = chosen(crowd, kind, admin, **what.get(kind, {}))
        foreseen = foresee(change, by=admin)
        assert foreseen[DO] >= 1

        done(change, admin)

        assert numbers(change) == Counter({tuple(verdict): number for verdict, number in foreseen.items()})
        assert change.state == State.DONE

    def test_the_preview_of_a_bulk_change_changes_nothing(
        self, admin: User, crowd: list[User], sign_in: SignIn
    ) -> None:
        change = chosen(crowd, Kind.BLOCK, admin)
        browser = sign_in(admin)
        before = list(User.objects.order_by("pk").values())
        assert browser.get(reverse("company:people_change", args=[change.pk])).status_code == 200
        assert list(User.objects.order_by("pk").values()) == before
        assert set(change.lines.values_list("outcome", flat=True)) == {Outcome.WAITING}

    def test_the_preview_of_a_bulk_change_needs_as_many_queries_for_30_users_as_for_3(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        browser, taken = sign_in(admin), []
        license = make_license(company, seats=100)
        for number in (3, 30):
            change = chosen(
                [make_person(company=company) for _number in range(number)],
                Kind.GIVE_LICENSE,
                admin,
                license=license,
            )
            with CaptureQueriesContext(connection) as queries:
                browser.get(reverse("company:people_change", args=[change.pk]))
            taken.append(len(queries))
        assert taken[0] == taken[1]


class TestChangePages:
    def post(self, browser: Client, **typed: Any) -> Any:
        return browser.post(reverse("company:choose_people"), typed, follow=True)

    @pytest.mark.django_db(transaction=True)
    def test_an_admin_selects_users_previews_and_blocks_them(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        people = [make_person(company=company) for _number in range(3)]
        browser = sign_in(admin)
        page = self.post(browser, user=[person.pk for person in people[:2]], kind="block").content.decode()
        assert "Block: 2 users" in page
        change = PeopleChange.objects.get()
        answer = browser.post(reverse("company:start_change", args=[change.pk]), follow=True)
        assert "This is done." in answer.content.decode()
        assert set(User.objects.filter(is_blocked=True)) == set(people[:2])
        report = browser.get(reverse("company:change_report", args=[change.pk])).getvalue().decode()
        assert people[0].email in report

    def test_a_bulk_change_can_select_all_filtered_users_on_every_page(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        for number in range(60):
            make_person(company=company, name=f"Jansen {number}")
        make_person(company=company, name="Pietersen")
        self.post(sign_in(admin), everyone="1", filter="q=jansen&sort=email&page=2", kind="block")
        assert PeopleChange.objects.get().lines.count() == 60

    def test_a_bulk_change_that_gives_a_licence_asks_which_licence(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        license, browser = make_license(company, name="Bouw"), sign_in(admin)
        page = self.post(browser, user=[make_person(company=company).pk], kind="give_license").content.decode()
        assert "Choose a licence" in page
        change = PeopleChange.objects.get()
        url = reverse("company:complete_change", args=[change.pk])
        assert "Choose a licence" in browser.post(url, {"license": ""}).content.decode()
        page = browser.post(url, {"license": license.pk}, follow=True).content.decode()
        assert "Give a licence: 1 user" in page
        assert "Bouw" in page

    def test_a_bulk_change_does_not_accept_a_licence_of_another_company(
        self, company: Company, other_company: Company, admin: User, sign_in: SignIn
    ) -> None:
        change = chosen([make_person(company=company)], Kind.GIVE_LICENSE, admin)
        url = reverse("company:complete_change", args=[change.pk])
        assert sign_in(admin).post(url, {"license": make_license(other_company).pk}).status_code == 200
        change.refresh_from_db()
        assert not change.is_complete

    @pytest.mark.parametrize(
        "typed",
        [
            {"kind": "block"},
            {"kind": ""},
            {"kind": "drop", "user": "1"},
            {"kind": "block", "user": ["x", "-1", "9" * 30]},
        ],
    )
    def test_an_invalid_choice_of_users_or_action_starts_no_bulk_change(
        self, typed: dict[str, Any], admin: User, sign_in: SignIn
    ) -> None:
        answer = self.post(sign_in(admin), **typed)
        assert "Choose" in answer.content.decode()
        assert not PeopleChange.objects.exists()

    def test_a_bulk_change_cannot_select_users_of_another_company(
        self, admin: User, other_admin: User, sign_in: SignIn
    ) -> None:
        self.post(sign_in(admin), user=[other_admin.pk], kind="block")
        assert not PeopleChangeLine.objects.exists()

    def test_deleting_several_users_requires_a_confirmation_tick(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        change = chosen([make_person(company=company)], Kind.DELETE, admin)
        sign_in(admin).post(reverse("company:start_change", args=[change.pk]))
        change.refresh_from_db()
        assert change.state == State.CHOSEN

    def test_the_list_of_users_offers_a_label_change_only_when_labels_are_used(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        browser, url = sign_in(admin), reverse("company:users")
        page = browser.get(url).content.decode()
        assert 'form="together"' in page
        assert "set_label" not in page
        Company.objects.filter(pk=company.pk).update(user_label="Afdeling")
        assert "set_label" in browser.get(url).content.decode()


def test_the_refusals_of_a_bulk_change_do_not_name_a_deleted_user(company: Company, admin: User) -> None:
    gone = make_person(company=company)
    change = chosen([gone], Kind.BLOCK, admin)
    change.lines.update(outcome=Outcome.REFUSED, reason=f"{gone.name} …")
    delete_account(gone, by=gone)
    line = change.lines.get()
    assert (line.user, line.reason) == (None, "")


def test_a_done_bulk_change_is_kept_for_a_month_and_an_unused_change_for_a_day(
    company: Company, admin: User
) -> None:
    kept, unused = chosen([make_person(company=company)], Kind.BLOCK, admin), None
    start(kept, by=admin)
    bulk_changes.run_changes()
    unused = chosen([make_person(company=company)], Kind.BLOCK, admin)
    PeopleChange.objects.update(created_at=timezone.now() - timedelta(days=2))
    forget_changes()
    assert list(PeopleChange.objects.all()) == [kept]
    assert not PeopleChange.objects.filter(pk=unused.pk).exists()
    PeopleChange.objects.update(created_at=timezone.now() - timedelta(days=31))
    forget_changes()
    assert not PeopleChange.objects.exists()

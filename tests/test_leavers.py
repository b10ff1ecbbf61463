"""Colleagues who left: found, blocked or removed in one go, and brought back within a week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions import membership
from accounts.actions.closing import close_company
from accounts.models import User
from companies.domains import remove_domain
from companies.models import Company, LabelValue
from licenses.models import Grant
from members.actions import departures
from members.actions.deleting import delete_account
from members.actions.departures import run_departures, start_departure, undo
from members.models import Departure, Leaver
from nenconnect.audit.models import AuditEntry
from nenconnect.jobs.wake_worker import ask_worker
from nenconnect.jobs.work import MAX_ATTEMPTS
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from nenconnect.tables.files import csv_pieces
from tests.at_once import at_once
from tests.factories import admin_of, granted, license_for, pending_person, person

SignIn = Callable[[User], Client]
BLOCK, REMOVE = Departure.Kind.BLOCK, Departure.Kind.REMOVE
State, Outcome = Departure.State, Leaver.Outcome


@pytest.fixture
def admin(company: Company) -> User:
    return admin_of(company, "beheerder@voorbeeld.example", name="Anneke Beheerder", language="en")


def left(*people: User, kind: str, by: User) -> Departure:
    assert by.company
    row = start_departure(by.company, people, kind=kind, by=by)
    run_departures()
    row.refresh_from_db()
    return row


def undone(row: Departure, *, by: User) -> Departure:
    undo(row, by=by)
    run_departures()
    row.refresh_from_db()
    return row


def told(row: Departure) -> list[tuple[str, str]]:
    return list(row.leavers.values_list("outcome", "reason"))


def test_why_somebody_was_not_brought_back_names_nobody_who_is_deleted(admin: User, company: Company) -> None:
    gone = person(company=company, name="Kanarie Zangvogel")
    row = left(gone, kind=REMOVE, by=admin)
    User.objects.filter(pk=gone.pk).update(company=company)
    assert "Kanarie" in told(undone(row, by=admin))[0][1]

    delete_account(User.objects.get(pk=gone.pk), by=admin)

    assert told(row) == [(Outcome.NOT_BACK, "")]


class TestLeaving:
    def test_they_are_blocked_in_one_go_and_keep_their_licences(self, admin: User, company: Company) -> None:
        people = [person(company=company) for _number in range(3)]
        granted(license_for(company), *people)

        row = left(*people, kind=BLOCK, by=admin)

        assert (row.state, told(row)) == (State.DONE, [(Outcome.GONE, "")] * 3)
        assert User.objects.filter(company=company, is_blocked=True).count() == 3
        assert Grant.objects.count() == 3

    def test_they_are_removed_in_one_go_and_their_seats_are_free(self, admin: User, company: Company) -> None:
        people = [person(company=company) for _number in range(3)]
        granted(license_for(company), *people)

        left(*people, kind=REMOVE, by=admin)

        assert list(User.objects.members_of(company)) == [admin]
        assert not Grant.objects.exists()
        verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
        assert verbs[0] == "people_left"
        assert verbs.count("removed_from_company") == 3

    @pytest.mark.parametrize("kind", [BLOCK, REMOVE])
    def test_whoever_asks_for_it_stays(self, kind: str, admin: User, company: Company) -> None:
        admin_of(company)

        row = left(admin, kind=kind, by=admin)

        assert told(row)[0][1].startswith("This is you.")
        assert User.objects.active_admins_of(company).filter(pk=admin.pk).exists()

    @pytest.mark.parametrize("kind", [BLOCK, REMOVE])
    def test_an_admin_who_is_none_any_more_does_nothing(self, kind: str, admin: User, company: Company) -> None:
        other, somebody = admin_of(company), person(company=company)
        row = start_departure(company, [somebody], kind=kind, by=admin)
        membership.block(admin, by=other)
        run_departures()

        assert told(row) == [(Outcome.REFUSED, "Whoever asked for this is no longer an admin.")]
        somebody.refresh_from_db()
        assert (somebody.company, somebody.is_blocked) == (company, False)

    @pytest.mark.parametrize("kind", [BLOCK, REMOVE])
    def test_at_a_company_that_nen_closed_meanwhile_nobody_leaves(
        self, kind: str, admin: User, company: Company, colleague: User
    ) -> None:
        row = start_departure(company, [colleague], kind=kind, by=admin)
        close_company(company, because="Opgezegd", by=None)
        run_departures()

        assert told(row) == [(Outcome.REFUSED, f"{company} is closed. NEN Klantenservice can help.")]
        colleague.refresh_from_db()
        assert (colleague.company, colleague.is_blocked) == (company, False)

    def test_what_workers_die_of_again_and_again_is_given_up_and_what_was_done_stays(
        self, admin: User, company: Company
    ) -> None:
        row = start_departure(company, [person(company=company) for _number in range(3)], kind=REMOVE, by=admin)
        run_departures(seconds=-1)
        Departure.objects.update(attempts=MAX_ATTEMPTS)

        run_departures()

        said = "This was too much for us at once. Try again with these people, fewer at a time."
        assert Counter(told(row)) == {(Outcome.GONE, ""): 1, (Outcome.REFUSED, said): 2}
        row.refresh_from_db()
        assert (row.state, row.attempts) == (State.DONE, 0)

    def test_a_worker_that_dies_after_somebody_was_seen_to_counts_anew(
        self, admin: User, company: Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        people = [person(company=company) for _number in range(3)]
        row = start_departure(company, people, kind=BLOCK, by=admin)
        Departure.objects.update(attempts=MAX_ATTEMPTS - 1)
        block, blocked = membership.block, list[User]()

        def die_at_the_second(user: User, *, by: User) -> None:
            if blocked:
                raise SystemExit
            blocked.append(user)
            block(user, by=by)

        monkeypatch.setattr(membership, "block", die_at_the_second)
        with pytest.raises(SystemExit):
            run_departures()

        assert row.leavers.filter(outcome=Outcome.GONE).count() == 1
        assert Departure.objects.get().attempts == 0

    def test_nobody_of_another_company_leaves(self, admin: User, other_admin: User, colleague: User) -> None:
        assert admin.company
        row = left(other_admin, colleague, kind=REMOVE, by=admin)

        assert row.leavers.get().user == colleague
        other_admin.refresh_from_db()
        assert other_admin.company

    def test_who_is_blocked_already_is_told_so_and_stays_so(
        self, admin: User, blocked: User, colleague: User
    ) -> None:
        row = left(blocked, colleague, kind=BLOCK, by=admin)
        assert (Outcome.REFUSED, "Was blocked already.") in told(row)

        undone(row, by=admin)

        blocked.refresh_from_db()
        assert blocked.is_blocked

    def test_out_of_time_another_task_goes_on(self, admin: User, company: Company) -> None:
        people = [person(company=company) for _number in range(3)]
        row = start_departure(company, people, kind=REMOVE, by=admin)
        for gone in (1, 2, 3):
            run_departures(seconds=-1)
            assert row.leavers.filter(outcome=Outcome.GONE).count() == gone
        row.refresh_from_db()
        assert row.state == State.DONE


class TestComingBack:
    def test_with_all_that_they_had(self, admin: User, company: Company) -> None:
        label = LabelValue.objects.create(company=company, name="Verkoop")
        until = timezone.localdate() + timedelta(days=10)
        someone = admin_of(company, label=label, is_mail_rerouted=True)
        license = license_for(company, seats=1)
        granted(license, someone, ends_on=until)
        before = User.objects.values("company", "role", "label", "is_mail_rerouted").get(pk=someone.pk)
        row = left(someone, kind=REMOVE, by=admin)

        row = undone(row, by=admin)

        assert (row.state, told(row)) == (State.UNDONE, [(Outcome.BACK, "")])
        assert User.objects.values("company", "role", "label", "is_mail_rerouted").get(pk=someone.pk) == before
        assert Grant.objects.get(license=license, user=someone).ends_on == until
        assert AuditEntry.objects.filter(verb="returned_to_company").count() == 1

    def test_to_a_company_that_nen_closed_meanwhile_nobody_comes_back(
        self, admin: User, company: Company, colleague: User
    ) -> None:
        row = left(colleague, kind=REMOVE, by=admin)
        undo(row, by=admin)
        close_company(company, because="Opgezegd", by=None)
        run_departures()

        assert told(row) == [(Outcome.NOT_BACK, f"{company} is closed. NEN Klantenservice can help.")]
        colleague.refresh_from_db()
        assert colleague.company is None

    def test_blocked_people_are_unblocked(self, admin: User, colleague: User) -> None:
        row = undone(left(colleague, kind=BLOCK, by=admin), by=admin)

        colleague.refresh_from_db()
        assert (told(row), colleague.is_active) == ([(Outcome.BACK, "")], True)

    @pytest.mark.parametrize("kind", [BLOCK, REMOVE])
    def test_whoever_was_pending_gets_a_new_link(self, kind: str, admin: User, company: Company) -> None:
        pending = pending_person(company=company)

        row = undone(left(pending, kind=kind, by=admin), by=admin)

        pending.refresh_from_db()
        assert (told(row), pending.company) == ([(Outcome.BACK, "")], company)
        mail = OutboxMail.objects.get(event="registration_invited", recipient=pending)
        assert mail.key_has(f"round{pending.registration_round}")

    def test_a_seat_that_is_gone_is_told(self, admin: User, company: Company, colleague: User) -> None:
        license = license_for(company, name="Bouw", seats=1)
        granted(license, colleague)
        row = left(colleague, kind=REMOVE, by=admin)
        granted(license, admin)

        undone(row, by=admin)

        colleague.refresh_from_db()
        assert (row.leavers.get().outcome, colleague.company) == (Outcome.BACK, company)
        assert row.leavers.get().reason.startswith("Not “Bouw”: All 1 seats")

    def test_what_no_longer_lets_them_back_is_told(
        self, admin: User, company: Company, other_company: Company
    ) -> None:
        names = ("deleted", "elsewhere", "again", "blocked", "staff")
        people = {name: person(f"{name}@voorbeeld.example", company=company, name=name) for name in names}
        row = left(*people.values(), kind=REMOVE, by=admin)
        people["deleted"].delete()
        User.objects.filter(pk=people["elsewhere"].pk).update(company=other_company)
        User.objects.filter(pk=people["again"].pk).update(company=company)
        User.objects.filter(pk=people["blocked"].pk).update(is_blocked=True)
        User.objects.filter(pk=people["staff"].pk).update(is_staff=True)

        undone(row, by=admin)

        reasons = {one.user.name if one.user else "deleted": one.reason for one in row.leavers.all()}
        assert reasons == {
            "deleted": "The account is deleted.",
            "elsewhere": "This person has joined another company.",
            "again": "again is in your company again already.",
            "blocked": "This address cannot be added. NEN Klantenservice can help.",
            "staff": "This address cannot be added. NEN Klantenservice can help.",
        }
        assert set(row.leavers.values_list("outcome", flat=True)) == {Outcome.NOT_BACK}

    def test_a_domain_that_is_gone_lets_nobody_back(self, admin: User, company: Company, colleague: User) -> None:
        row = left(colleague, kind=REMOVE, by=admin)
        remove_domain(company.domains.get(), by=admin)

        undone(row, by=admin)

        assert "is not an allowed domain" in row.leavers.get().reason

    def test_after_a_week_it_is_too_late_and_then_forgotten(self, admin: User, colleague: User) -> None:
        row = left(colleague, kind=REMOVE, by=admin)
        Departure.objects.update(created_at=timezone.now() - timedelta(days=6, hours=23))
        departures.forget_departures()
        assert Departure.objects.exists()

        Departure.objects.update(created_at=timezone.now() - timedelta(days=7, minutes=1))
        with pytest.raises(RuleError):
            undo(row, by=admin)
        departures.forget_departures()
        assert not Leaver.objects.exists()

    def test_it_is_undone_once(self, admin: User, colleague: User) -> None:
        row = undone(left(colleague, kind=REMOVE, by=admin), by=admin)

        with pytest.raises(RuleError):
            undo(row, by=admin)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_ten_workers_one_takes_it(self, admin: User, company: Company) -> None:
        people = [person(company=company) for _number in range(5)]
        row = start_departure(company, people, kind=REMOVE, by=admin)
        at_once([run_departures] * 10)

        assert set(told(row)) == {(Outcome.GONE, "")}
        assert AuditEntry.objects.filter(verb="removed_from_company").count() == 5

    def test_two_admins_who_let_each_other_go_leave_one(self, admin: User, company: Company) -> None:
        other = admin_of(company)
        start_departure(company, [other], kind=REMOVE, by=admin)
        start_departure(company, [admin], kind=REMOVE, by=other)
        at_once([run_departures] * 2)

        assert User.objects.active_admins_of(company).count() == 1


def test_a_real_worker_does_it(celery_worker: Any, company: Company, admin: User) -> None:
    from tests.test_people_import import wait_for

    people = [person(company=company) for _number in range(20)]
    row = start_departure(company, people, kind=REMOVE, by=admin)
    ask_worker(departures.TASK)

    wait_for(row, lambda: row.state == State.DONE)  # type: ignore[arg-type]
    assert User.objects.members_of(company).count() == 1


class TestPages:
    def test_a_pasted_list_says_who_is_here_and_what_they_hold(
        self, admin: User, company: Company, colleague: User, other_admin: User, sign_in: SignIn
    ) -> None:
        granted(license_for(company, name="Bouw"), colleague)
        User.objects.filter(pk=colleague.pk).update(last_login=timezone.now())
        pasted = f"Coen <Collega@VOORBEELD.example>; weg@voorbeeld.example\n{other_admin.email}"

        page = sign_in(admin).post(reverse("company:leavers"), {"addresses": pasted}).content.decode()

        assert "1 colleague of this list is still here." in page
        assert "2 addresses are not known at your company." in page
        assert "Bouw" in page
        assert other_admin.name not in page

    def test_an_upload_does_too(self, admin: User, colleague: User, sign_in: SignIn) -> None:
        content = b"".join(csv_pieces([["Gebruikersnaam", "Naam"], [colleague.email, "Coen"]]))

        page = sign_in(admin).post(reverse("company:leavers"), {"table": SimpleUploadedFile("weg.csv", content)})

        assert "1 colleague of this list is still here." in page.content.decode()

    @pytest.mark.parametrize("content", [b"\x89PNG\r\n\x00\x00", b"Voornaam\nJan", b"PK\x03\x04 no zip"])
    def test_what_is_no_table_is_told_beside_its_field(self, content: bytes, admin: User, sign_in: SignIn) -> None:
        page = sign_in(admin).post(reverse("company:leavers"), {"table": SimpleUploadedFile("weg.csv", content)})

        assert 'id="id_table_error"' in page.content.decode()

    def test_an_admin_removes_and_undoes(
        self, admin: User, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        browser = sign_in(admin)
        answer = browser.post(reverse("company:leave"), {"user": [colleague.pk], "kind": "remove"})
        page = answer["Location"]
        assert browser.get(page)["Refresh"] == "2"

        run_departures()
        assert "Undo this" in browser.get(page).content.decode()

        row = Departure.objects.get()
        browser.post(reverse("company:undo_departure", args=[row.pk]))
        run_departures()
        assert "This was undone" in browser.get(page).content.decode()
        colleague.refresh_from_db()
        assert colleague.company == company

    @pytest.mark.parametrize("data", [{}, {"kind": "remove"}, {"kind": "eat", "user": "1"}, {"user": "x"}])
    def test_what_no_form_sends_does_nothing(self, data: dict[str, str], admin: User, sign_in: SignIn) -> None:
        answer = sign_in(admin).post(reverse("company:leave"), data)

        assert answer["Location"] == reverse("company:leavers")
        assert not Departure.objects.exists()

    def test_another_companys_departure_does_not_exist(
        self, admin: User, colleague: User, other_admin: User, sign_in: SignIn
    ) -> None:
        row = left(colleague, kind=REMOVE, by=admin)
        browser = sign_in(other_admin)

        assert browser.get(reverse("company:departure", args=[row.pk])).status_code == 404
        assert browser.post(reverse("company:undo_departure", args=[row.pk])).status_code == 404

    def test_as_many_queries_for_30_people_as_for_3(self, admin: User, company: Company, sign_in: SignIn) -> None:
        browser, license = sign_in(admin), license_for(company)
        numbers = []
        for size in (3, 30):
            people = [person(company=company) for _number in range(size)]
            granted(license, *people)
            with CaptureQueriesContext(connection) as queries:
                browser.post(reverse("company:leavers"), {"addresses": "\n".join(one.email for one in people)})
            row = left(*people, kind=BLOCK, by=admin)
            with CaptureQueriesContext(connection) as more:
                browser.get(reverse("company:departure", args=[row.pk]))
            numbers.append((len(queries), len(more)))
        # The second look at the list has one row of the past week, which costs no query.
        assert numbers[0] == numbers[1]

"""Test the access history of one person, as the auditor's table lists it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.actions import closing, membership, registration
from accounts.actions.finishing_registration import finish_registration
from accounts.actions.registration import NewColleague
from accounts.models import User
from accounts.verbs import BLOCKED
from companies.models import Company
from companies.verbs import COMPANY_CLOSED, COMPANY_CREATED, COMPANY_REOPENED
from licenses.actions import granting, switches, terms
from licenses.models import Grant
from licenses.verbs import LICENSE_GRANTED, LICENSE_TAKEN_AWAY
from members.actions import departures
from members.actions.deleting import delete_account
from members.actions.merging import merge_accounts
from members.models import Departure
from nenconnect.audit.models import AuditEntry
from reports.access_history.replay import WIDE
from reports.access_history.table import access_rows
from requests_app.actions import asking, deciding
from tests.factories import PASSWORD, make_grants, make_license, make_person, registration_token
from tests.reports.access_history.periods import Clock, join_as, periods, the_license

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]


class TestOnePersonsAccess:
    def test_access_begins_when_given_and_ends_when_taken_away(
        self, company: Company, admin: User, clock: Clock
    ) -> None:
        user, license = join_as(company, "n@voorbeeld.example", admin), the_license(company, clock)
        given = clock.goes_on(days=1)
        granting.grant(license, to=user, by=admin)
        taken = clock.goes_on(days=2)
        granting.take_away(license, user=user, by=admin)

        (period,) = [period for period in periods(company, clock) if period.person == user.pk]
        assert (period.begin, period.end, period.basis, period.by) == (given, taken, Grant.Origin.GIVEN, admin.pk)
        assert (period.cause, period.end_cause, period.end_by) == (LICENSE_GRANTED, LICENSE_TAKEN_AWAY, admin.pk)

    def test_access_starts_on_the_first_day_and_ends_with_the_last(
        self, company: Company, admin: User, clock: Clock
    ) -> None:
        first = clock.now.date() + timedelta(days=5)
        license = the_license(company, clock, starts_on=first, ends_on=first + timedelta(days=1))
        granting.grant(license, to=admin, by=admin)
        clock.goes_on(days=30)

        (period,) = periods(company, clock)
        assert (timezone.localtime(period.begin).date(), period.cause) == (first, None)
        assert (timezone.localdate(period.end), period.end_cause) == (
            first + timedelta(days=2),
            None,
        )  # its midnight

    def test_access_pauses_while_the_person_is_blocked(self, company: Company, admin: User, clock: Clock) -> None:
        user, license = join_as(company, "n@voorbeeld.example", admin), the_license(company, clock)
        granting.grant(license, to=user, by=admin)
        blocked = clock.goes_on(days=1)
        membership.block(user, by=admin)
        unblocked = clock.goes_on(days=1)
        membership.unblock(user, by=admin)

        period, other = [period for period in periods(company, clock) if period.person == user.pk]
        assert (period.end, period.end_cause, other.begin, other.end) == (blocked, BLOCKED, unblocked, None)

    def test_access_continues_when_the_term_is_prolonged(
        self, company: Company, admin: User, clock: Clock
    ) -> None:
        license = the_license(company, clock)
        granting.grant(license, to=admin, by=admin)
        clock.goes_on(days=50)
        terms.change_terms(license, by=admin, ends_on=license.ends_on + timedelta(days=365))
        clock.goes_on(days=150)

        assert [period.end for period in periods(company, clock)] == [None]

    def test_access_is_kept_when_a_licence_stops_being_company_wide(
        self, company: Company, admin: User, clock: Clock
    ) -> None:
        license = the_license(company, clock, is_company_wide_approved=True)
        on = clock.goes_on(days=1)
        switches.set_company_wide(license, True, by=admin)
        off = clock.goes_on(days=1)
        switches.set_company_wide(license, False, by=admin)
        clock.goes_on(days=1)
        late = join_as(company, "laat@voorbeeld.example", admin)

        period, other = periods(company, clock)
        assert (period.begin, period.end, period.basis) == (on, off, WIDE)
        assert (other.begin, other.end, other.basis) == (off, None, Grant.Origin.COMPANY_WIDE)
        assert late.pk not in {period.person, other.person}

    def test_access_passes_to_the_remaining_account_when_two_are_merged(
        self, company: Company, admin: User, staff: User, clock: Clock
    ) -> None:
        user, stays = (
            join_as(company, "n@voorbeeld.example", admin),
            join_as(company, "m@voorbeeld.example", admin),
        )
        only, both = the_license(company, clock), the_license(company, clock)
        day = clock.now.date() + timedelta(days=3)
        for license, to, ends_on in ((only, user, day), (both, user, None), (both, stays, day)):
            granting.grant(license, to=to, by=admin, ends_on=ends_on)
        merged = clock.goes_on(days=1)
        merge_accounts(user, stays=stays, by=staff)
        clock.goes_on(days=10)

        by_key = {(period.person, period.license): period for period in periods(company, clock)}
        assert by_key[user.pk, only.pk].end == by_key[user.pk, both.pk].end == merged
        kept_period = by_key[stays.pk, only.pk]
        assert (kept_period.begin, kept_period.basis, kept_period.by) == (merged, Grant.Origin.GIVEN, staff.pk)
        assert timezone.localdate(kept_period.end) == day + timedelta(days=1)  # its midnight
        assert by_key[stays.pk, both.pk].end is None  # of two last days the later one

    def test_access_of_a_returning_person_starts_after_registration(
        self, company: Company, admin: User, clock: Clock
    ) -> None:
        the_license(company, clock, is_company_wide_approved=True, is_company_wide=True)
        new = registration.add_user(company, NewColleague(email="n@voorbeeld.example", name="Noor"), by=admin)
        departure = departures.start_departure(company, [new], kind=Departure.Kind.REMOVE, by=admin)
        for _there_and_back in range(2):
            clock.goes_on(days=1)
            departures.run_departures()
            departure.refresh_from_db()
            if departure.state == Departure.State.DONE:
                departures.undo(departure, by=admin)
        new.refresh_from_db()
        assert new.company == company
        registered = clock.goes_on(days=1)
        finish_registration(registration_token(new), password=PASSWORD)

        assert [period.begin for period in periods(company, clock) if period.person == new.pk] == [registered]

    def test_access_pauses_while_the_company_is_closed(
        self, company: Company, admin: User, staff: User, clock: Clock
    ) -> None:
        granting.grant(the_license(company, clock), to=admin, by=admin)
        closed = clock.goes_on(days=1)
        closing.close_company(company, because="Verhuizing", by=staff)
        opened = clock.goes_on(days=1)
        closing.reopen_company(company, by=staff)

        period, other = periods(company, clock)
        assert (period.end, period.end_cause, period.end_by) == (closed, COMPANY_CLOSED, staff.pk)
        assert (other.begin, other.cause, other.end) == (opened, COMPANY_REOPENED, None)

    def test_access_ends_when_the_company_closed_before_the_audit(
        self, company: Company, admin: User, clock: Clock
    ) -> None:
        granting.grant(the_license(company, clock), to=admin, by=admin)
        closed = clock.goes_on(days=1)
        company.closed_at, company.closed_because = closed, "Verhuizing"
        company.save()
        clock.goes_on(days=1)

        assert [period.end for period in periods(company, clock)] == [closed]

    def test_access_of_a_deleted_account_stays_without_a_name(
        self, company: Company, admin: User, clock: Clock
    ) -> None:
        user, license = join_as(company, "n@voorbeeld.example", admin), the_license(company, clock)
        granting.grant(license, to=user, by=admin)
        clock.goes_on(days=1)
        delete_account(user, by=user)

        row = list(access_rows(company, "nl", for_company=True))[1]
        assert row[:2] == [f"verwijderde gebruiker {user.pk}", ""]
        assert "n@voorbeeld.example" not in str(row)

    def test_access_history_shows_the_reason_of_the_request(
        self, company: Company, admin: User, clock: Clock
    ) -> None:
        user, license = join_as(company, "n@voorbeeld.example", admin), the_license(company, clock)
        license_request = asking.request_license(license, by=user, reason="Voor de brug")
        clock.goes_on(days=1)
        deciding.approve(license_request, by=admin)

        row = list(access_rows(company, "en", for_company=True))[1]
        assert row[5:8] == ["request approved", admin.name, "Voor de brug"]

    def test_access_from_before_the_audit_is_read_from_the_rows(
        self, company: Company, admin: User, colleague: User, clock: Clock
    ) -> None:
        license = make_license(company, starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31))
        make_grants(license, colleague)
        clock.goes_on(days=3)

        (period,) = periods(company, clock)
        assert (period.person, period.end) == (colleague.pk, None)

    def test_access_from_before_the_audit_is_marked_in_the_table(
        self, company: Company, admin: User, colleague: User, clock: Clock
    ) -> None:
        license, wide = make_license(company), make_license(company, is_company_wide=True)
        make_grants(license, colleague)
        clock.goes_on(days=3)
        granting.grant(license, to=join_as(company, "n@voorbeeld.example", admin), by=admin)

        _headings, *rows, note = list(access_rows(company, "en", for_company=True))

        by_key = {(row[1], row[2]): str(row[11]) for row in rows}
        old, new = "terms in the licence; older than the logbook", "the logbook"
        assert by_key[colleague.email, license.name] == old
        assert by_key["n@voorbeeld.example", license.name] == new
        assert {text for (_who, what), text in by_key.items() if what == wide.name} == {old}
        assert "begins on 4 March 2027" in str(note[0])

    def test_no_access_is_marked_older_when_the_audit_has_the_companys_start(
        self, company: Company, admin: User, clock: Clock
    ) -> None:
        AuditEntry.objects.create(verb=COMPANY_CREATED.name, company_id=company.pk)

        assert len(list(access_rows(company, "en", for_company=True))) == 1


def test_a_person_added_as_blocked_has_no_access_until_unblocked(
    company: Company, admin: User, clock: Clock
) -> None:
    license = the_license(company, clock, is_company_wide_approved=True, is_company_wide=True)
    new = make_person(company=company, is_blocked=True)
    clock.goes_on(days=1)
    membership.unblock(new, by=admin)

    by_key = [period for period in periods(company, clock) if period.person == new.pk]
    assert [(period.license, period.begin) for period in by_key] == [(license.pk, clock.now)]

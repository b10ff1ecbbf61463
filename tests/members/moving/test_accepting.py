"""Test that an admin of the other company accepts a move."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import membership
from accounts.actions.moving import ask_to_move
from accounts.models import JoinInvitation, MoveRequest, User
from companies.domains import add_domain, remove_domain
from companies.models import Company, LabelValue
from licenses.access import can_open
from licenses.actions.granting import remove_colleague
from licenses.models import Grant
from members.actions.moving import accept_move, leave_company
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from requests_app.actions import deciding
from requests_app.actions.asking import request_document, request_license
from requests_app.models import DocumentRequest, LicenseRequest
from tests.factories import make_admin, make_collection, make_document, make_grants, make_license, make_person
from tests.members.moving.moves import events, now

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]
Status = MoveRequest.Status


class TestAcceptingMove:
    def test_an_accepted_move_ends_role_label_and_licences_of_the_old_company(
        self, move: MoveRequest, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        requested = make_document()
        everybodys = make_license(south, documents=[requested], is_company_wide=True)
        old_license = make_license(north, documents=[old := make_document()], seats=1)
        make_grants(old_license, colleague)
        label = LabelValue.objects.create(company=north, name="Inkoop")
        User.objects.filter(pk=colleague.pk).update(label=label, is_mail_rerouted=True)
        JoinInvitation.objects.create(company=south, user=colleague)

        accept_move(move, by=south_admin)

        colleague.refresh_from_db()
        assert (colleague.company, colleague.role, colleague.label) == (south, User.Role.USER, None)
        assert not colleague.is_mail_rerouted
        assert colleague.is_active
        assert can_open(colleague, requested)
        assert not can_open(colleague, old)
        assert not Grant.objects.exists()
        assert not JoinInvitation.objects.exists()
        assert everybodys.company == south
        assert (now(move).status, now(move).decided_by) == (Status.ACCEPTED, south_admin)

    def test_an_accepted_move_withdraws_open_requests_at_the_old_company(
        self, move: MoveRequest, north: Company, admin: User, south_admin: User, colleague: User
    ) -> None:
        make_collection(north)
        license_request = request_license(make_license(north), by=colleague)
        requested = request_document(make_document(), by=colleague)
        decided = request_license(make_license(north), by=colleague)
        deciding.reject(decided, by=admin)
        others = request_license(make_license(north), by=make_person(company=north))

        accept_move(move, by=south_admin)

        states = dict(LicenseRequest.objects.values_list("pk", "status"))
        assert states == {license_request.pk: "withdrawn", decided.pk: "rejected", others.pk: "open"}
        assert DocumentRequest.objects.get(pk=requested.pk).status == "withdrawn"
        with pytest.raises(RuleError):
            deciding.approve(license_request, by=admin)

    def test_an_accepted_move_mails_the_mover_and_the_admins_of_the_old_company(
        self, move: MoveRequest, north: Company, admin: User, south_admin: User, colleague: User
    ) -> None:
        second = make_admin(north)

        accept_move(move, by=south_admin)

        assert sorted(events()) == sorted(
            [
                ("move_accepted", colleague.email),
                ("colleague_moved", admin.email),
                ("colleague_moved", second.email),
            ]
        )

    def test_an_accepted_move_is_in_the_audit_of_both_companies(
        self, move: MoveRequest, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        accept_move(move, by=south_admin)

        lines = AuditEntry.objects.filter(subjects__user=colleague.pk).values_list(
            "verb", "company_id", "actor_id"
        )
        assert set(lines) == {("moved_out", north.pk, south_admin.pk), ("moved_in", south.pk, south_admin.pk)}

    def test_a_moved_admin_loses_admin_pages_in_an_open_session(
        self, sign_in: SignIn, move: MoveRequest, north: Company, south_admin: User, colleague: User
    ) -> None:
        User.objects.filter(pk=colleague.pk).update(role="admin")
        browser = sign_in(colleague)
        assert browser.get(reverse("company:users")).status_code == 200

        accept_move(move, by=south_admin)

        assert browser.get(reverse("company:users")).status_code == 403

    def test_a_move_cannot_be_accepted_after_the_domain_was_removed(
        self, move: MoveRequest, south: Company, south_admin: User, staff: User
    ) -> None:
        remove_domain(south.domains.get(), by=staff)

        with pytest.raises(RuleError, match="no longer allows the domain"):
            accept_move(move, by=south_admin)
        add_domain(south, "voorbeeld.example", by=staff)
        accept_move(move, by=south_admin)

    def test_the_move_of_the_last_active_admin_cannot_be_accepted(
        self, north: Company, admin: User, south: Company, south_admin: User
    ) -> None:
        second = make_admin(north)
        move = ask_to_move(admin, south)
        membership.block(second, by=admin)

        with pytest.raises(RuleError, match="Voorbeeld BV – Noord has Anneke Beheerder as its only active admin"):
            accept_move(move, by=south_admin)

        assert now(move).is_open
        assert list(User.objects.active_admins_of(north)) == [admin]

    @pytest.mark.parametrize("fields", [{"is_blocked": True}, {"is_staff": True}])
    def test_the_move_of_a_blocked_user_or_nen_staff_cannot_be_accepted(
        self, move: MoveRequest, south_admin: User, fields: dict[str, bool]
    ) -> None:
        User.objects.filter(pk=move.user_id).update(**fields)

        with pytest.raises(RuleError):
            accept_move(move, by=south_admin)

    def test_the_move_of_a_user_who_left_the_company_cannot_be_accepted(
        self, move: MoveRequest, admin: User, south: Company, south_admin: User, colleague: User
    ) -> None:
        remove_colleague(colleague, by=admin)

        with pytest.raises(RuleError, match="withdrawn"):
            accept_move(move, by=south_admin)
        MoveRequest.objects.update(status=Status.OPEN, decided_at=None)  # as if removing had forgotten it
        with pytest.raises(RuleError, match="has left"):
            accept_move(move, by=south_admin)
        colleague.refresh_from_db()
        assert colleague.company is None

    def test_only_an_admin_of_the_new_company_can_decide_on_a_move(
        self, sign_in: SignIn, move: MoveRequest, admin: User, other_admin: User, colleague: User
    ) -> None:
        for who in (admin, other_admin):
            for name in ("accept_move", "decline_move"):
                assert sign_in(who).post(reverse(f"company:{name}", args=[move.pk])).status_code == 404
        assert sign_in(colleague).post(reverse("company:accept_move", args=[move.pk])).status_code == 403
        assert now(move).is_open


class TestTheCompanyLeft:
    @pytest.mark.parametrize("leaves", ["moves", "is removed"])
    def test_an_admin_replaces_a_contact_person_who_moves_or_is_removed(
        self, move: MoveRequest, admin: User, south_admin: User, colleague: User, leaves: str
    ) -> None:
        Company.objects.filter(pk=move.from_company_id).update(
            contact_person=colleague.name, contact_email=colleague.email
        )

        if leaves == "moves":
            accept_move(move, by=south_admin)
        else:
            leave_company(colleague, by=admin)

        left = Company.objects.get(pk=move.from_company_id)
        assert (left.contact_person, left.contact_email) == (admin.name, admin.email)

    def test_removing_a_user_from_the_company_withdraws_open_requests(
        self, sign_in: SignIn, admin: User, colleague: User
    ) -> None:
        assert colleague.company
        license_request = request_license(make_license(colleague.company), by=colleague)
        make_collection(colleague.company)
        requested = request_document(make_document(), by=colleague)

        sign_in(admin).post(reverse("company:remove_user", args=[colleague.pk]))

        for row in (license_request, requested):
            row.refresh_from_db()
            assert row.status == "withdrawn"

    def test_the_only_admin_cannot_leave_and_keeps_open_requests(self, admin: User) -> None:
        assert admin.company
        license_request = request_license(make_license(admin.company), by=admin)

        with pytest.raises(RuleError):
            leave_company(admin, by=admin)

        license_request.refresh_from_db()
        assert license_request.is_open

"""Test each line of an imported table: what it adds, changes or refuses (C41)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import JoinInvitation, User
from companies.models import Company, LabelValue
from licenses.models import Grant
from members.models import PeopleImport
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from requests_app.actions.asking import request_license
from tests.factories import make_admin, make_grants, make_license, make_pending_person, make_person
from tests.members.people_import.tables import checked, line, loaded, outcomes, refusals

State = PeopleImport.State


class TestLines:
    def test_checking_an_imported_table_adds_no_users_and_sends_no_mails(self, admin: User) -> None:
        row = checked(line("a@voorbeeld.example"), line("b@voorbeeld.example"), by=admin)

        assert (row.state, outcomes(row)) == (State.READY, ["new", "new"])
        assert User.objects.count() == 1
        assert not OutboxMail.objects.exists()

    def test_an_imported_line_creates_a_user_with_all_details_and_licences(
        self, admin: User, company: Company
    ) -> None:
        first, second = make_license(company, name="Bouw"), make_license(company, name="Zorg")
        company.user_label = "Afdeling"
        company.save()
        value = LabelValue.objects.create(company=company, name="Verkoop")
        cells = {
            "role": "Gebruiker",
            "phone": "06-12345678",
            "country": "belgië",
            "is_mail_rerouted": "ja",
            "licenses": "bouw; Zorg",
        }

        row = loaded([*line(" Jan@VOORBEELD.example ", "José Ünal", **cells), "verkoop"], by=admin, label=True)

        jan = User.objects.get(email="jan@voorbeeld.example")
        assert (row.state, row.done, outcomes(row)) == (State.DONE, 1, ["new"])
        assert (jan.name, jan.role, jan.phone, str(jan.country)) == ("José Ünal", "user", "06-12345678", "BE")
        assert (jan.is_blocked, jan.is_mail_rerouted, jan.label) == (False, True, value)
        assert jan.is_pending
        assert not jan.has_usable_password()
        assert (jan.registration_round, jan.registration_origin) == (1, User.Origin.COMPANY)
        assert set(Grant.objects.filter(user=jan).values_list("license", flat=True)) == {first.pk, second.pk}
        mail = OutboxMail.objects.get()
        assert (mail.event, mail.recipient) == ("registration_invited", jan)
        verbs = set(AuditEntry.objects.values_list("verb", flat=True))
        assert verbs == {"people_uploaded", "people_loaded", "user_added", "license_granted"}

    def test_a_line_that_reroutes_the_mail_of_an_admin_is_refused_at_its_column(
        self, admin: User, colleague: User
    ) -> None:
        cells = {"role": "Bedrijfsbeheerder", "is_mail_rerouted": "ja"}

        row = loaded(line("jan@voorbeeld.example", **cells), line(colleague.email, **cells), by=admin)

        assert {column for column, _reason in refusals(row).values()} == {"is_mail_rerouted"}
        assert len(refusals(row)) == 2

    def test_an_imported_user_equals_a_user_whom_an_admin_adds(self, admin: User, company: Company) -> None:
        from accounts.actions.registration import NewColleague, add_user

        add_user(company, NewColleague(email="een@voorbeeld.example", name="Jan Jansen"), by=admin)
        loaded(line("twee@voorbeeld.example"), by=admin)

        first, second = (User.objects.values().get(email=f"{name}@voorbeeld.example") for name in ("een", "twee"))
        own_columns = {"id", "email", "searched", "password", "created_at", "registration_sent_at"}
        assert {k: v for k, v in first.items() if k not in own_columns} == {
            k: v for k, v in second.items() if k not in own_columns
        }
        mails = [
            (mail.event, mail.key.replace(str(mail.recipient_id), "#"), list(mail.about))
            for mail in OutboxMail.objects.all()
        ]
        assert mails[0] == mails[1]
        entries = [(e.verb, list(e.subjects), e.details) for e in AuditEntry.objects.filter(verb="user_added")]
        assert entries[0] == entries[1]

    def test_an_imported_blocked_user_gets_no_mail(self, admin: User) -> None:
        loaded(line("a@voorbeeld.example", is_blocked="ja"), by=admin)

        assert not OutboxMail.objects.exists()
        blocked = User.objects.get(email="a@voorbeeld.example")
        assert (blocked.is_blocked, blocked.registration_sent_at) == (True, None)

    def test_importing_the_same_table_twice_changes_nothing(
        self, admin: User, company: Company, personal: User
    ) -> None:
        make_license(company, name="Bouw", seats=3)
        company.domains.create(name="bedrijf.example")
        lines = [
            line("a@voorbeeld.example", phone="+31 6 1234", country="nl", role="admin", licenses="Bouw"),
            line("b@voorbeeld.example", is_blocked="ja", is_mail_rerouted="x"),
            line(personal.email, "Pim Zonder"),
        ]
        assert outcomes(loaded(*lines, by=admin)) == ["new", "new", "invited"]
        before = list(User.objects.order_by("pk").values())
        mails, reasons = OutboxMail.objects.count(), AuditEntry.objects.exclude(verb__startswith="people_").count()

        row = loaded(*lines, by=admin)

        assert outcomes(row) == ["unchanged"] * 3
        assert list(User.objects.order_by("pk").values()) == before
        assert OutboxMail.objects.count() == mails
        assert AuditEntry.objects.exclude(verb__startswith="people_").count() == reasons

    def test_an_import_changes_different_values_and_ignores_empty_cells(
        self, admin: User, company: Company, colleague: User
    ) -> None:
        license = make_license(company, name="Bouw")
        request_license(license, by=colleague, reason="")
        User.objects.filter(pk=colleague.pk).update(phone="015", is_blocked=True)
        cells = {"role": "beheerder", "country": "Duitsland", "is_blocked": "nee", "licenses": "Bouw"}

        row = loaded(line("Collega@Voorbeeld.Example", "Coen Anders", **cells), by=admin)

        colleague.refresh_from_db()
        assert row.lines.get().columns == "name,role,country,is_blocked,licenses"
        assert (colleague.name, colleague.role, colleague.phone) == ("Coen Anders", "admin", "015")
        assert (str(colleague.country), colleague.is_blocked) == ("DE", False)
        assert Grant.objects.get(user=colleague).origin == Grant.Origin.REQUEST
        assert OutboxMail.objects.filter(event="request_approved", recipient=colleague).exists()

    def test_an_import_does_not_mail_a_pending_user_again(self, admin: User, pending: User) -> None:
        row = loaded(line(pending.email, "Noor Anders"), by=admin)

        pending.refresh_from_db()
        assert (outcomes(row), pending.name) == (["changed"], "Noor Anders")
        assert not OutboxMail.objects.exists()

    def test_an_import_adds_a_person_with_an_unfinished_self_registration(
        self, admin: User, company: Company
    ) -> None:
        stranger = make_pending_person("zelf@voorbeeld.example", registration_origin=User.Origin.SELF)

        row = loaded(line(stranger.email, "Zoë Zelf", role="admin"), by=admin)

        stranger.refresh_from_db()
        assert (outcomes(row), stranger.company, stranger.name) == (["new"], company, "Zoë Zelf")
        assert (stranger.role, stranger.registration_round) == ("admin", 2)

    def test_an_import_invites_the_owner_of_a_personal_account_to_join(
        self, admin: User, company: Company
    ) -> None:
        owner = make_person("eigen@voorbeeld.example", name="Els Eigen")

        row = loaded(line(owner.email, "Iemand Anders", role="admin"), by=admin)

        owner.refresh_from_db()
        assert (outcomes(row), owner.company, owner.name) == (["invited"], None, "Els Eigen")
        assert JoinInvitation.objects.get(user=owner, company=company).role == "admin"
        assert OutboxMail.objects.get().event == "join_invited"

    def test_every_refused_line_of_an_import_shows_its_column_and_reason(
        self, admin: User, company: Company, other_admin: User, staff: User
    ) -> None:
        company.user_label = "Afdeling"
        company.save()
        other = make_person("elders@voorbeeld.example", company=other_admin.company)
        nen = make_person("nel@voorbeeld.example", is_staff=True)
        shut_out = make_person("weg@voorbeeld.example", is_blocked=True)
        make_license(company, name="Oud", ends_on=timezone.localdate() - timedelta(days=1))
        for days in (1, 2):
            make_license(company, name="Dubbel", starts_on=timezone.localdate() - timedelta(days=days))
        lines = [
            line("a@voorbeeld.example"),
            line("A@voorbeeld.example"),
            line("a@evilvoorbeeld.example"),
            line("a@voorbeeld.example.evil.com"),
            line("a@vооrbeeld.example"),  # two Cyrillic o's
            line("a@b@voorbeeld.example"),
            line(other.email),
            line(nen.email),
            line(shut_out.email),
            line("c@voorbeeld.example", phone="bel maar"),
            line("d@voorbeeld.example", country="Atlantis"),
            line("e@voorbeeld.example", role="baas"),
            line("f@voorbeeld.example", licenses="Bestaat niet"),
            line("g@voorbeeld.example", licenses="Oud"),
            line("h@voorbeeld.example", licenses="Dubbel"),
            line("i@voorbeeld.example", "N" * 151),
            line("j@voorbeeld.example", "Jan\u202eJansen"),
            line("k@voorbeeld.example", ""),
            line("l@voorbeeld.example", is_blocked="misschien"),
            line("m@voorbeeld.example", phone="0" * 41),
            line(""),
            [*line("n@voorbeeld.example"), "Inkoop"],
        ]

        row = checked(*lines, by=admin, label=True)

        reasons = refusals(row)
        assert reasons[3] == ("email", "This address is also on line 2.")
        assert reasons[4][1].startswith(
            "evilvoorbeeld.example is not an allowed domain. Allowed: voorbeeld.example"
        )
        assert "voorbeeld.example.evil.com is not" in reasons[5][1]
        assert "xn--" in reasons[6][1]
        assert reasons[7][0] == "email"
        assert {reasons[8], reasons[9], reasons[10]} == {
            ("email", "This address cannot be added. NEN Klantenservice can help.")
        }
        columns = [reasons[number][0] for number in range(11, 24)]
        assert columns == [
            "phone",
            "country",
            "role",
            "licenses",
            "licenses",
            "licenses",
            "name",
            "name",
            "name",
            "is_blocked",
            "phone",
            "email",
            "label",
        ]
        assert reasons[23][1].startswith("“Inkoop” is no value of “Afdeling”. Add it to the list first")
        assert outcomes(row).count("new") == 1

    def test_an_import_refuses_lines_when_the_licence_has_no_free_seats(
        self, admin: User, company: Company, colleague: User
    ) -> None:
        license = make_license(company, name="Bouw", seats=2)
        make_grants(license, colleague)
        lines = [line(f"{name}@voorbeeld.example", licenses="Bouw") for name in "abc"]

        row = loaded(*lines, by=admin)

        assert outcomes(row) == ["new", "refused", "refused"]
        assert refusals(row)[3][0] == "licenses"
        assert Grant.objects.filter(license=license).count() == 2
        assert not User.objects.filter(email="b@voorbeeld.example").exists()

    def test_an_import_gives_no_separate_grant_of_a_company_wide_licence(
        self, admin: User, company: Company
    ) -> None:
        make_license(company, name="Alles", is_company_wide=True)

        loaded(line("a@voorbeeld.example", licenses="Alles"), by=admin)

        assert not Grant.objects.exists()

    @pytest.mark.parametrize("name", ["A; B", "A|B", "C"])
    def test_an_import_accepts_a_licence_name_with_separators(
        self, name: str, admin: User, company: Company
    ) -> None:
        make_license(company, name=name)

        row = loaded(line("a@voorbeeld.example", licenses=name), by=admin)

        assert (outcomes(row), Grant.objects.count()) == (["new"], 1)

    @pytest.mark.parametrize(("column", "cell"), [("role", "gebruiker"), ("is_blocked", "ja")])
    def test_an_import_cannot_block_or_demote_the_last_active_admin(
        self, column: str, cell: str, company: Company
    ) -> None:
        first, second = (make_admin(company, language="en") for _number in range(2))
        third = make_admin(company)

        row = loaded(*(line(who.email, who.name, **{column: cell}) for who in (third, second, first)), by=first)

        assert outcomes(row) == ["changed", "changed", "refused"]
        assert "You are the only active admin" in refusals(row)[4][1]
        assert list(User.objects.active_admins_of(company)) == [first]

    def test_an_admin_cannot_demote_themselves_by_an_import(self, admin: User, company: Company) -> None:
        make_admin(company)

        row = checked(line(admin.email, admin.name, role="gebruiker"), by=admin)

        assert refusals(row)[2][1].startswith("This is you.")

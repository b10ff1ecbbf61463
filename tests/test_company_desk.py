"""NEN's desk for companies and domains: what is told before saving, what is refused, what waits (R7–R9, C25)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import JoinInvitation, User
from companies import actions
from companies.homoglyphs import look, mixes_scripts
from companies.models import Company, Domain, DomainFanOut
from licenses.models import DocumentImport, License
from members.models import PeopleImport
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from tests.at_once import at_once
from tests.factories import admin_of, company_with, license_for, person
from tests.test_staff_admin import change_form, change_url, company_form, errors

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]
ADD_DOMAIN = "admin:companies_domain_add"


@pytest.fixture
def as_staff(sign_in: SignIn) -> Client:
    return sign_in(person("nieuw@nen.example", is_staff=True, language="en"))


def add(as_staff: Client, company: Company, name: str, **fields: Any) -> Any:
    return as_staff.post(reverse(ADD_DOMAIN), {"company": company.pk, "name": name, **fields})


# Adding a domain ------------------------------------------------------------------------------------


def test_a_domain_is_kept_in_its_canonical_form_and_leads_to_its_page(as_staff: Client, company: Company) -> None:
    answer = add(as_staff, company, "  Straße.Example ")

    domain = company.domains.get(name="xn--strae-oqa.example")
    assert answer["Location"] == change_url(domain)
    page = as_staff.get(answer["Location"]).content.decode()
    assert "straße.example (xn--strae-oqa.example)" in page
    assert domain.proof_value in page


def test_staff_are_told_how_many_people_it_reaches_before_it_is_saved(as_staff: Client, company: Company) -> None:
    for number in range(3):
        person(f"p{number}@nieuw.example")

    answer = add(as_staff, company, "nieuw.example")

    assert "3 people with a personal account on nieuw.example will be mailed" in errors(answer)
    assert not Domain.objects.filter(name="nieuw.example").exists()
    told = answer.context["adminform"].form["told"].value()
    assert add(as_staff, company, "nieuw.example", told=told).status_code == 302
    assert DomainFanOut.objects.get().total is None  # a worker's


def test_what_they_were_told_of_another_domain_does_not_count(as_staff: Client, company: Company) -> None:
    person("p@nieuw.example")

    assert "will be mailed" in errors(add(as_staff, company, "nieuw.example", told="ander.example"))
    assert "will be mailed" in errors(
        add(as_staff, company, "nieuw.example", told="nieuw.example", has_subdomains="on")
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gmail.com", "public mail domain"),
        ("mailinator.com", "public mail domain"),
        ("co.uk", "anybody can get a domain under it"),
        ("v\u043e\u043erbeeld.example", "looks like voorbeeld.example"),
        ("vo0rbeeld.example", "looks like voorbeeld.example"),
    ],
)
def test_what_is_refused_can_be_added_with_a_reason_that_the_trail_keeps(
    as_staff: Client, company: Company, other_company: Company, name: str, said: str
) -> None:
    assert said in errors(add(as_staff, other_company, name))
    assert not AuditEntry.objects.exists()

    assert add(as_staff, other_company, name, because="Afgesproken met de klant").status_code == 302

    domain = other_company.domains.latest("pk")
    assert domain.allowed_because == "Afgesproken met de klant"
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.details["overruled"]) == ("domain_added", 1)
    assert entry.details["because"] == "Afgesproken met de klant"


def test_a_reason_that_nothing_asked_for_is_not_kept(as_staff: Client, company: Company) -> None:
    add(as_staff, company, "gewoon.example", because="Zomaar")

    assert company.domains.get(name="gewoon.example").allowed_because == ""


@pytest.mark.parametrize("name", ["gmail.com", "co.uk"])
def test_what_is_everybodys_never_comes_with_its_subdomains(as_staff: Client, company: Company, name: str) -> None:
    answer = add(as_staff, company, name, has_subdomains="on", because="Moet")

    assert "never comes with its subdomains" in errors(answer)


@pytest.mark.parametrize("name", ["geen domein", "jan@nieuw.example", "nl", "-nieuw.example", "a..example", ""])
def test_what_is_no_domain_is_refused_whatever_the_reason(as_staff: Client, company: Company, name: str) -> None:
    answer = add(as_staff, company, name, because="Moet")

    assert "name" in answer.context["adminform"].form.errors


def test_the_companys_own_domains_may_look_alike(as_staff: Client, company: Company) -> None:
    assert add(as_staff, company, "vo0rbeeld.example").status_code == 302


def test_several_companies_hold_one_domain_and_the_page_says_who(
    as_staff: Client, company: Company, other_company: Company
) -> None:
    assert add(as_staff, other_company, "voorbeeld.example").status_code == 302

    page = as_staff.get(change_url(other_company.domains.get(name="voorbeeld.example"))).content.decode()
    assert f"Voorbeeld BV ({company.customer_number})" in page


def test_a_domain_is_added_once(as_staff: Client, company: Company) -> None:
    assert "already a domain of this company" in errors(add(as_staff, company, "VOORBEELD.example"))


@pytest.mark.parametrize(
    ("domain", "is_mixed"),
    [("xn--vorbeeld-nbh.example", True), ("xn--strae-oqa.example", False), ("xn--e1afmkfd.example", False)],
)
def test_scripts_that_mix_are_seen(domain: str, is_mixed: bool) -> None:
    assert mixes_scripts(domain) is is_mixed


def test_looks_are_compared_whole() -> None:
    assert look("rnodern.nl") == look("modem.nl")
    assert look("nen.nl") != look("nen.nu")
    assert look("voorbeeld.example") != look("evil-voorbeeld.example")


# Changing and removing a domain ---------------------------------------------------------------------


def test_ticking_with_subdomains_tells_whom_that_reaches(as_staff: Client, company: Company) -> None:
    person("onder@lab.voorbeeld.example")
    person("los@voorbeeld.example")
    domain = company.domains.get()

    answer = as_staff.post(change_url(domain), {"has_subdomains": "on"})
    assert "1 person with a personal account" in errors(answer)
    told = answer.context["adminform"].form["told"].value()
    as_staff.post(change_url(domain), {"has_subdomains": "on", "told": told})

    domain.refresh_from_db()
    assert domain.has_subdomains


def test_a_domain_never_moves_to_another_company_nor_changes_its_name(
    as_staff: Client, company: Company, other_company: Company
) -> None:
    domain = company.domains.get()
    proof = {"proven_at_0": "2026-01-01", "proven_at_1": "12:00", "proof_token": "x"}

    as_staff.post(change_url(domain), {"company": other_company.pk, "name": "gmail.com", **proof})

    same = Domain.objects.get(pk=domain.pk)
    assert (same.company, same.name, same.proven_at) == (company, "voorbeeld.example", None)
    assert same.proof_token == domain.proof_token


def test_removing_shows_who_will_be_outside_and_then_the_desk_and_the_admins_see_them(
    as_staff: Client, company: Company, admin: User, colleague: User, sign_in: SignIn
) -> None:
    Domain.objects.create(company=company, name="blijft.example")
    person("blijft@blijft.example", company=company, name="Bea Blijft")
    url = reverse("admin:companies_domain_remove", args=[company.domains.get(name="voorbeeld.example").pk])

    before = as_staff.get(url).content.decode()
    assert "2 users will be outside the domains" in before
    assert colleague.email in before
    assert "blijft@blijft.example" not in before
    assert company.domains.count() == 2  # GET changes nothing
    as_staff.post(url)

    assert [one.name for one in company.domains.all()] == ["blijft.example"]
    colleague.refresh_from_db()
    assert colleague.company == company
    for browser, page in (
        (as_staff, reverse("admin:companies_company_outside", args=[company.pk])),
        (sign_in(admin), reverse("company:people_outside")),
    ):
        shown = browser.get(page).content.decode()
        assert colleague.email.partition("@")[0] in shown
        assert "Bea Blijft" not in shown


def test_removing_the_last_domain_ends_self_registration(as_staff: Client, company: Company) -> None:
    url = reverse("admin:companies_domain_remove", args=[company.domains.get().pk])
    assert "last domain" in as_staff.get(url).content.decode()

    as_staff.post(url)
    as_staff.post(url)  # once more: it is gone

    company.refresh_from_db()
    assert not company.allows_self_registration
    assert AuditEntry.objects.filter(verb="domain_removed").count() == 1


def test_a_domain_is_not_deleted_past_its_action(as_staff: Client, company: Company) -> None:
    domain = company.domains.get()

    assert (
        as_staff.post(reverse("admin:companies_domain_delete", args=[domain.pk]), {"post": "yes"}).status_code
        == 403
    )
    as_staff.post(
        reverse("admin:companies_domain_changelist"),
        {"action": "delete_selected", "_selected_action": domain.pk, "post": "yes"},
    )
    assert company.domains.exists()


def test_progress_is_shown_while_the_mails_are_written(as_staff: Client, company: Company) -> None:
    domain = company.domains.get()
    row = DomainFanOut.objects.create(domain=domain, total=100, mailed=40)

    running = as_staff.get(change_url(domain))
    assert '<progress id="fan-out"' in running.content.decode()
    assert running["Refresh"] == "3"

    row.finished_at = timezone.now()
    row.save()
    done = as_staff.get(change_url(domain))
    assert "40 people with a personal account on this domain were mailed" in done.content.decode()
    assert "Refresh" not in done


# Setting a company up as another one ----------------------------------------------------------------


def test_a_new_company_takes_over_settings_but_neither_domains_nor_who_it_is(
    as_staff: Client, company: Company, staff: User
) -> None:
    actions.set_second_step(company, "everyone", first_day=timezone.localdate(), by=staff)
    actions.change_company(
        company, by=staff, account_manager=staff, user_label="Afdeling", time_zone="America/Paramaribo"
    )
    Company.objects.update(second_step_from=date(2020, 1, 1))
    page = as_staff.get(reverse("admin:companies_company_add"), {"klantnummer": company.customer_number})
    form = page.context["adminform"].form
    assert form["account_manager"].value() == staff.pk
    assert form["time_zone"].value() == "America/Paramaribo"
    assert form["name"].value() is None

    posted = company_form(copied_from=form["copied_from"].value(), account_manager=staff.pk)
    answer = as_staff.post(reverse("admin:companies_company_add"), posted)

    assert answer.status_code == 302, errors(answer)
    new = Company.objects.get(customer_number="K900001")
    assert (new.second_step_for, new.user_label, new.account_manager) == ("everyone", "Afdeling", staff)
    assert new.second_step_from == timezone.localdate()  # nobody is shut out by a day that is past
    assert (new.contact_person, new.name) == ("Els de Wit", "Nieuw BV")
    assert [one.name for one in new.domains.all()] == ["nieuw.example"]


def test_an_unknown_customer_number_is_told(as_staff: Client, db: None) -> None:
    page = as_staff.get(reverse("admin:companies_company_add"), {"klantnummer": "K-ONBEKEND"}).content.decode()

    assert "No company has customer number K-ONBEKEND." in page


# Two at one company ---------------------------------------------------------------------------------


def seen(as_staff: Client, company: Company) -> dict[str, Any]:
    """The page of a company as it is open in the browser, ready to be saved."""
    form = as_staff.get(change_url(company)).context["adminform"].form
    hidden = re.findall(r'name="(initial-[^"]+)"(?: value="([^"]*)")?', "".join(str(field) for field in form))
    return change_form(company, time_zone=company.time_zone) | dict(hidden)


def test_what_another_one_changed_meanwhile_stays_where_it_was_left_alone(
    as_staff: Client, company: Company, staff: User
) -> None:
    page = seen(as_staff, company)
    actions.change_company(company, by=staff, contact_person="Nieuw Contact")

    answer = as_staff.post(change_url(company), page | {"name": "Andere naam"})

    assert answer.status_code == 302, errors(answer)
    company.refresh_from_db()
    assert (company.name, company.contact_person) == ("Andere naam", "Nieuw Contact")


def test_what_both_changed_is_told_and_saved_only_when_saved_again(
    as_staff: Client, company: Company, staff: User
) -> None:
    page = seen(as_staff, company) | {"name": "Van mij"}
    actions.change_company(company, by=staff, name="Van de ander")

    answer = as_staff.post(change_url(company), page)

    assert "Somebody else changed this to “Van de ander” meanwhile" in errors(answer)
    form = answer.context["adminform"].form
    assert form["name"].value() == "Van mij"
    company.refresh_from_db()
    assert company.name == "Van de ander"
    again = re.search(r'name="initial-name" value="([^"]*)"', str(form["name"]))
    assert again
    assert as_staff.post(change_url(company), page | {"initial-name": again[1]}).status_code == 302
    company.refresh_from_db()
    assert company.name == "Van mij"


def test_a_switch_that_an_admin_turned_off_meanwhile_stays_off(
    as_staff: Client, company: Company, admin: User
) -> None:
    page = seen(as_staff, company)
    actions.set_self_registration(company, False, by=admin)

    answer = as_staff.post(change_url(company), page | {"contact_person": "Iemand"})

    assert answer.status_code == 302, errors(answer)
    company.refresh_from_db()
    assert not company.allows_self_registration


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_the_same_moment_the_second_is_told(sign_in: SignIn) -> None:
    company = company_with("Voorbeeld BV", "voorbeeld.example")
    browsers = [sign_in(person(f"nen{n}@nen.example", is_staff=True, language="en")) for n in (1, 2)]
    pages = [seen(browser, company) | {"name": f"Naam {n}"} for n, browser in enumerate(browsers)]

    def save(number: int) -> int:
        return browsers[number].post(change_url(company), pages[number]).status_code

    outcomes = at_once([lambda: save(0), lambda: save(1)])

    assert sorted(outcomes) == [200, 302]  # type: ignore[type-var]
    assert AuditEntry.objects.filter(verb="company_changed").count() == 1


# Deleting -------------------------------------------------------------------------------------------


def test_a_bulk_delete_says_what_goes_and_what_stays_and_why(
    as_staff: Client, company: Company, admin: User
) -> None:
    empty = company_with("Leeg BV", "leeg.example")
    JoinInvitation.objects.create(company=empty, user=person())
    license_for(company)
    chosen = {"action": "delete_companies", "_selected_action": [company.pk, empty.pk]}

    answer = as_staff.post(reverse("admin:companies_company_changelist"), chosen)
    page = as_staff.get(answer["Location"]).content.decode()

    assert "1 user, 1 licence" in page
    assert "1 domain, 1 invitation" in page
    assert Company.objects.count() == 2
    as_staff.post(answer["Location"])
    assert list(Company.objects.all()) == [company]
    assert AuditEntry.objects.get(verb="company_deleted").company_id == empty.pk


def test_who_came_in_between_looking_and_deleting_keeps_the_company(as_staff: Client, db: None) -> None:
    empty = company_with("Leeg BV")
    url = f"{reverse('admin:companies_company_remove')}?pk={empty.pk}"
    assert "These are deleted" in as_staff.get(url).content.decode()
    person(company=empty)

    page = as_staff.post(url, follow=True).content.decode()

    assert "has people, licences or requests, and stays" in page
    assert Company.objects.filter(pk=empty.pk).exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("asked", ["?pk=abc", "?pk=99999999999999999999999", "", "?pk=²"])
def test_deleting_nothing_says_so(as_staff: Client, db: None, asked: str) -> None:
    page = as_staff.get(f"{reverse('admin:companies_company_remove')}{asked}").content.decode()

    assert "No company was chosen" in page


# What no form at the desk can break -----------------------------------------------------------------


def test_no_field_of_a_company_that_has_an_action_of_its_own_sticks(as_staff: Client, company: Company) -> None:
    """C9: every column posted to the form."""
    posted = {
        "closed_at_0": "2026-01-01",
        "closed_at_1": "10:00",
        "closed_because": "x",
        "second_step_for": "everyone",
        "user_label": "x",
        "id": 77,
    }

    as_staff.post(change_url(company), change_form(company, **posted))

    same = Company.objects.get(pk=company.pk)
    assert (same.closed_at, same.second_step_for, same.user_label) == (None, "nobody", "")


def test_history_shows_and_changes_nothing(as_staff: Client, company: Company) -> None:
    for row in (company, company.domains.get()):
        url = reverse(f"admin:companies_{row._meta.model_name}_history", args=[row.pk])
        assert as_staff.get(url).status_code == 200
        as_staff.post(url, {"name": "x"})
        row.refresh_from_db()
        assert row.name != "x"


def test_nobody_but_staff_reaches_any_page_of_companies_and_domains(
    company: Company, admin: User, sign_in: SignIn
) -> None:
    browser, domain = sign_in(admin), company.domains.get()
    pages = [
        reverse("admin:companies_company_close", args=[company.pk]),
        reverse("admin:companies_company_reopen", args=[company.pk]),
        reverse("admin:companies_company_outside", args=[company.pk]),
        f"{reverse('admin:companies_company_remove')}?pk={company.pk}",
        reverse("admin:companies_domain_look_up", args=[domain.pk]),
        reverse("admin:companies_domain_remove", args=[domain.pk]),
        reverse(ADD_DOMAIN),
    ]
    for page in pages:
        assert browser.get(page).status_code in {302, 403, 405}
        assert browser.post(page, {"because": "x"}).status_code in {302, 403, 405}
    assert Company.objects.get().closed_at is None
    assert Domain.objects.exists()


# What waits -----------------------------------------------------------------------------------------


def waiting(as_staff: Client) -> dict[str, tuple[str, str]]:
    return {
        str(one.text): (one.how_many, one.url) for one in as_staff.get(reverse("admin:index")).context["waiting"]
    }


def test_the_first_page_counts_what_waits_and_leads_to_just_that(
    as_staff: Client, company: Company, other_company: Company
) -> None:
    admin_of(company)
    today = timezone.localdate()
    license_for(company, name="Bijna om", ends_on=today + timedelta(days=30))
    license_for(company, ends_on=today + timedelta(days=61))
    OutboxMail.objects.create(event="password_reset", key="1", message_id="<1>", status="failed")
    OutboxMail.objects.create(event="password_reset", key="2", message_id="<2>")
    DocumentImport.objects.create(table="x", state="failed")
    DocumentImport.objects.create(table="x", state="done")
    for state in ("failed", "done"):
        PeopleImport.objects.create(company=company, state=state)
    for old in (DocumentImport.objects.create(state="failed"), PeopleImport(company=company, state="failed")):
        old.save()
        type(old)._default_manager.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=15))
    company.domains.update(proven_at=timezone.now(), proof_missing_since=timezone.now())
    other_company.domains.update(mail_gone_since=timezone.now())

    found = waiting(as_staff)

    assert {text: number for text, (number, _url) in found.items()} == {
        "Companies without an active admin": "1",
        "Domains that are not proven": "1",
        "Domains whose proof is gone": "1",
        "Domains without a mail server": "1",
        "Licences that end within 60 days": "1",
        "Mails that failed": "1",
        "Imports of documents that failed": "1",
        "Imports of users that failed": "1",
    }
    for _number, url in found.values():
        assert as_staff.get(url).context["cl"].result_count == 1, url


def test_what_is_closed_waits_for_nobody(as_staff: Client, company: Company) -> None:
    license_for(company, ends_on=timezone.localdate())
    Company.objects.update(closed_at=timezone.now(), closed_because="Opgezegd")

    assert waiting(as_staff)["Companies without an active admin"][0] == "0"
    assert waiting(as_staff)["Domains that are not proven"][0] == "0"
    assert waiting(as_staff)["Licences that end within 60 days"][0] == "0"


def test_the_first_page_asks_as_much_with_many_as_with_few(as_staff: Client, db: None) -> None:
    def queries(number: int) -> int:
        for _one in range(number):
            company = company_with("Bedrijf", f"b{Company.objects.count()}.example")
            license_for(company, ends_on=timezone.localdate())
        with CaptureQueriesContext(connection) as asked:
            waiting(as_staff)
        return len(asked)

    assert queries(3) == queries(27)
    assert License.objects.count() == 30

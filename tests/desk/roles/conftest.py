from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import SignInAttempts, StaffMember, TermsAcceptance, User
from accounts.staff_roles import StaffRole
from companies.models import Company
from licenses.models import DocumentImport, Grant
from members.models import PeopleImport
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import MailStatus, OutboxMail
from requests_app.models import DocumentRequest, LicenseRequest
from tests.desk.roles.screens import AM, NOBODY, Desk
from tests.factories import make_document, make_license, make_person, make_terms_version, set_staff_roles

SignIn = Callable[[User], Client]


@pytest.fixture
def desk(sign_in: SignIn, company: Company) -> Desk:
    people: dict[str, User] = {
        NOBODY: set_staff_roles(make_person("zonder-rol@nen.example")),
        **{str(role): set_staff_roles(make_person(f"{role}@nen.example"), role) for role in StaffRole},
    }
    Company.objects.update(account_manager=people[AM])
    somebody = make_person("iemand@voorbeeld.example", company=company, name="Iemand van Voorbeeld")
    license, standard = make_license(company), make_document()
    terms = make_terms_version(accepted_by=User.objects.all())
    things: list[Any] = [
        company,
        company.domains.get(),
        license,
        Grant.objects.create(license=license, user=somebody),
        standard,
        DocumentImport.objects.create(state=DocumentImport.State.DONE),
        somebody,
        PeopleImport.objects.create(company=company, state=PeopleImport.State.FAILED),
        StaffMember.objects.get(email="content@nen.example"),
        SignInAttempts.objects.create(address=somebody.email, failures=2),
        terms,
        TermsAcceptance.objects.filter(user=somebody).get(),
        LicenseRequest.objects.create(company=company, user=somebody, license=make_license(company)),
        DocumentRequest.objects.create(company=company, user=somebody, document=standard),
        OutboxMail.objects.create(event="password_reset", key="k", message_id="<m>", status=MailStatus.FAILED),
        AuditEntry.objects.create(verb="blocked", company_id=company.pk, subjects={"user": somebody.pk}),
    ]
    return Desk(
        {name: sign_in(user) for name, user in people.items()}, people, {type(thing): thing for thing in things}
    )

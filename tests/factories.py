"""Insert people and other rows for tests directly into the database, with defaults for every field."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import count
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.signing import Signer
from django.utils import timezone

from accounts.actions.registration_links import registration_deadline
from accounts.actions.terms import clear_version_cache
from accounts.mails.registration import REGISTRATION_SALT
from accounts.models import MoveRequest, TermsAcceptance, TermsVersion, User
from accounts.staff_roles import StaffRole
from companies.models import Company, Domain
from licenses.access import has_active_license
from licenses.models import Document, Grant, License

PASSWORD = "een-lang-wachtwoord-7"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

_numbers = count(1)


def make_company(name: str, *domains: str, **fields: Any) -> Company:
    """Insert a company with these domains; with at least one it allows self-registration by default."""
    number = next(_numbers)
    defaults = {
        "customer_number": f"K{number:06}",
        "contact_person": "Karin de Boer",
        "contact_phone": "015 269 03 91",
        "contact_email": f"contact{number}@{domains[0] if domains else 'bedrijf.example'}",
        "allows_self_registration": bool(domains),
    }
    company = Company.objects.create(name=name, **defaults | fields)
    for domain in domains:
        Domain.objects.create(company=company, name=domain)
    return company


def make_person(email: str = "", *, company: Company | None = None, **fields: Any) -> User:
    """Insert a registered person who can sign in with PASSWORD.

    Staff may do everything except what only administrators may; `in_role` gives them one role.
    """
    number = next(_numbers)
    defaults = {"name": f"Persoon {number}", "country": "NL", "password": make_password(PASSWORD)}
    user = User.objects.create(
        email=email or f"persoon{number}@{_domain_of(company)}",
        company=company,
        **defaults | {"registered_at": timezone.now(), "first_signed_in_at": timezone.now()} | fields,
    )
    if user.is_staff and not user.is_superuser:
        set_staff_roles(user, StaffRole.CUSTOMER_SERVICE, StaffRole.CONTENT)
    return user


def set_staff_roles(user: User, *roles: str) -> User:
    """Make the person NEN staff with exactly these roles."""
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=StaffRole.ADMINISTRATOR in roles)
    user.refresh_from_db()
    return user


def make_admin(company: Company, email: str = "", **fields: Any) -> User:
    return make_person(email, company=company, role=User.Role.ADMIN, **fields)


def add_authenticator_app(user: User, secret: str = TOTP_SECRET) -> User:
    """Give the person an authenticator app (see `code_of`) and recovery codes."""
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return user


def recovery_codes_of(user: User) -> list[str]:
    row = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return list(row.wrap().get_unused_codes())


def authenticator_code(secret: str = TOTP_SECRET, *, later: int = 0) -> str:
    """Return the code that the app shows now, or `later` half minutes from now."""
    moment = int(time.time()) // 30 + later
    return str(format_hotp_value(hotp_value(secret, moment)))


def make_pending_person(email: str = "", *, company: Company | None = None, **fields: Any) -> User:
    """Insert a person with a registration mail on its way: no password, and a month to choose one."""
    defaults = {
        "password": make_password(None),
        "registered_at": None,
        "first_signed_in_at": None,
        "registration_sent_at": timezone.now(),
        "registration_deadline": registration_deadline(),
        "registration_round": 1,
        "registration_origin": User.Origin.COMPANY if company else User.Origin.SELF,
    }
    return make_person(email, company=company, **defaults | fields)


def make_document(number: str = "", **fields: Any) -> Document:
    """Insert a current document of no company; with `plus_countries` it is a Plus document."""
    number = number or f"NEN {next(_numbers) + 1000}:2024"
    defaults = {
        "title_nl": f"Voorbeeldnorm {number}",
        "title_en": f"Sample standard {number}",
        "kind": Document.Kind.NEN,
        "published_on": date(2024, 3, 14),
        "is_plus": bool(fields.get("plus_countries")),
    }
    return Document.objects.create(number=number, **defaults | fields)


def make_license(company: Company, *, documents: Iterable[Document] = (), **fields: Any) -> License:
    """Insert a licence that is in its term and shown; `is_company_wide=True` adds NEN's approval."""
    today = timezone.localdate()
    defaults = {
        "name": f"Licentie {next(_numbers)}",
        "starts_on": today - timedelta(days=100),
        "ends_on": today + timedelta(days=265),
        "is_company_wide_approved": bool(fields.get("is_company_wide")),
    }
    license = License.objects.create(company=company, **defaults | fields)
    license.documents.set(documents)
    return license


def make_collection(company: Company, **fields: Any) -> License:
    return make_license(company, kind=License.Kind.CUSTOM, **fields)  # „maatwerkcollectie"


def make_grants(license: License, *people: User, **fields: Any) -> None:
    Grant.objects.bulk_create([Grant(license=license, user=user, **fields) for user in people])


def make_terms_version(*, accepted_by: Iterable[User] = (), **fields: Any) -> TermsVersion:
    """Insert a version of the terms of use that is valid now."""
    texts = {"text_nl": "# Uw account\n\nVan u alleen.", "text_en": "# Your account\n\nYours alone."}
    version = TermsVersion.objects.create(**texts | fields)
    TermsAcceptance.objects.bulk_create([TermsAcceptance(version=version, user=user) for user in accepted_by])
    clear_version_cache()
    return version


def make_move_request(company: Company, user: User | None = None, **fields: Any) -> MoveRequest:
    """Insert an open request to move to this company from another company with the same domain."""
    user = user or make_person(company=make_company("Hetzelfde domein", _domain_of(company)))
    assert user.company
    return MoveRequest.objects.create(user=user, from_company=user.company, to_company=company, **fields)


def _domain_of(company: Company | None) -> str:
    first = company.domains.first() if company else None
    return first.name if first else "post.example"


def registration_token(user: User) -> str:
    """Return the token in the link of the last registration mail."""
    user.refresh_from_db(fields=["registration_round"])
    return Signer(salt=REGISTRATION_SALT).sign_object([user.pk, user.registration_round])


def overview_status(user: User) -> str:
    """Return the status that the users overview shows (R14)."""
    return str(vars(User.objects.with_status(has_active_license()).get(pk=user.pk))["status"])

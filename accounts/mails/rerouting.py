"""Find who reads the mails to a person."""

from __future__ import annotations

from accounts.models import User
from companies.models import Company
from nenconnect.mail.batch import row_of
from nenconnect.mail.events import Unwanted
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rerouting import ContactPerson


def substitutes(user: User) -> list[User | ContactPerson]:
    """Return who reads this person's mails instead: the active admins, else the contact person (R32).

    Empty: the person reads them, as every admin does, and a contact person without an admin.
    """
    if not user.is_mail_rerouted or user.company is None:
        return []
    return list(User.objects.active_admins_of(user.company)) or _contact_person(user.company, user)


def _contact_person(company: Company, user: User) -> list[User | ContactPerson]:
    """Return the contact person, unless blocked: the mail may hold a link that opens an account."""
    address = company.contact_email.lower()
    if not address or address == user.email or User.objects.filter(email=address, is_blocked=True).exists():
        return []
    return [ContactPerson(name=company.contact_person, email=address)]


def person_of(mail: OutboxMail) -> User:
    person = row_of(mail, User.objects.select_related("company"))
    if person is None:
        raise Unwanted("the person is gone")
    return person

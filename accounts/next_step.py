"""Recommend the one step that helps a person, and say why (R12, R14, R35).

For an admin on the person's page and for NEN at its desk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions.registration_links import RESEND_PAUSE
from accounts.mails.rerouting import substitutes
from accounts.models import AddressChange, PersonStatus, User


class PersonStep(models.TextChoices):
    """Name the step by its button, where it has one."""

    UNBLOCK = "unblock", gettext_lazy("Unblock")
    END_LOCK = "end_lock", gettext_lazy("End the lock now")
    CHANGE_ADDRESS = "change_address", gettext_lazy("Change user name")
    SEND_ADDRESS_CHANGE = "send_address_change", gettext_lazy("Send mail again")
    ASK_NEN = "ask_nen", gettext_lazy("Ask NEN")
    SEND_REGISTRATION = "send_registration", gettext_lazy("Send registration mail again")
    GIVE_LICENSE = "give_license", gettext_lazy("Give a licence")
    ASK_READERS = "ask_readers", gettext_lazy("Ask who gets the mails")
    WAIT = "wait", gettext_lazy("Wait")
    NONE = "none", gettext_lazy("Nothing to do")


@dataclass(frozen=True)
class NextStep:
    step: PersonStep
    why: str


def next_step(person: User) -> NextStep:
    if person.merged_into_id:
        return NextStep(PersonStep.NONE, _("Closed: everything is at the other account of this person."))
    if person.is_blocked:
        return NextStep(
            PersonStep.UNBLOCK, _("Cannot sign in and gets no mail about a new password, until you unblock.")
        )
    if person.locked_until and not person.is_pending:  # type: ignore[attr-defined]  # with_status()
        return _step_when_locked(person.locked_until)  # type: ignore[attr-defined]
    if person.undeliverable_since:
        return _step_when_undeliverable(person)
    if person.is_pending:
        return _step_when_pending(person)
    return _step_when_registered(person)


def _step_when_locked(until: datetime) -> NextStep:
    why = _("Locked until %(time)s: a wrong password was typed more than 3 times. It ends by itself.")
    return NextStep(PersonStep.END_LOCK, why % {"time": time_format(timezone.localtime(until), "H:i")})


def _step_when_undeliverable(person: User) -> NextStep:
    if change := _address_change(person):
        return _step_to_confirm_address(change)
    if person.is_staff:
        return NextStep(
            PersonStep.ASK_NEN,
            _("Mail comes back. This person works at NEN: NEN itself changes the user name."),
        )
    return NextStep(
        PersonStep.CHANGE_ADDRESS,
        _("Mail to %(email)s comes back. Change the user name if it is wrong.") % {"email": person.email},
    )


def _step_when_pending(person: User) -> NextStep:
    """Ignore a lock: a pending person has no password, and choosing one ends it (C17)."""
    company, deadline = person.company, person.registration_deadline
    is_bound = person.registration_origin != User.Origin.NEN
    if company and is_bound and not company.admits(person.email):
        return NextStep(
            PersonStep.ASK_NEN,
            _("The address lies on no allowed domain: registration cannot be finished. Ask NEN for the domain."),
        )
    if not person.registration_sent_at:
        return NextStep(
            PersonStep.SEND_REGISTRATION,
            _(
                "There is no link to finish registration: the old one died with the blocking. "
                "Send a new registration mail."
            ),
        )
    date = {"date": date_format(deadline, "j F Y") if deadline else ""}
    if person.is_expired():
        why = _("Registration had to be finished before %(date)s. Send the mail again for a new month.")
        return NextStep(PersonStep.SEND_REGISTRATION, why % date)
    if person.registration_sent_at > timezone.now() - RESEND_PAUSE:
        why = _("Finish registration before %(date)s. The mail went out just now: give it a few minutes.")
        return NextStep(PersonStep.WAIT, why % date)
    why = _(
        "Finish registration before %(date)s. Has the mail not arrived? Send it again: the old link then dies."
    )
    return NextStep(PersonStep.SEND_REGISTRATION, why % date)


def _step_when_registered(person: User) -> NextStep:
    if change := _address_change(person):
        return _step_to_confirm_address(change)
    if person.company and person.status == PersonStatus.NO_LICENSE:  # type: ignore[attr-defined]  # with_status()
        return NextStep(PersonStep.GIVE_LICENSE, _("Can sign in, and opens free documents only."))
    if person.company and not person.is_staff and not person.company.admits(person.email):
        return NextStep(
            PersonStep.ASK_NEN,
            _("Can sign in, but the address lies on no allowed domain. Ask NEN for it, or change the user name."),
        )
    if readers := substitutes(person):
        names = ", ".join(reader.email for reader in readers)
        why = _("Can sign in. The mails for this person go to %(readers)s: no mail seen? Ask there.")
        return NextStep(PersonStep.ASK_READERS, why % {"readers": names})
    if person.company is None:
        return NextStep(PersonStep.NONE, _("All is well: a personal account, which opens free documents."))
    return NextStep(PersonStep.NONE, _("All is well: can sign in and open the documents of the licences."))


def _address_change(person: User) -> AddressChange | None:
    return AddressChange.objects.filter(user=person).first()


def _step_to_confirm_address(change: AddressChange) -> NextStep:
    if change.has_expired:
        why = _("The new user name %(email)s was not confirmed in time. Send the mail again, or take it back.")
        return NextStep(PersonStep.SEND_ADDRESS_CHANGE, why % {"email": change.address})
    why = _("The new user name %(email)s waits to be confirmed from that mailbox.")
    is_recent = change.sent_at > timezone.now() - timedelta(hours=1)
    return NextStep(
        PersonStep.WAIT if is_recent else PersonStep.SEND_ADDRESS_CHANGE,
        why % {"email": change.address},
    )

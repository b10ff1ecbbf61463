"""What each verb of the trail, and what stands with it, is called on a page."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

VERB_IN_WORDS = {
    "account_closed": _("Account closed: merged into another of the same person"),
    "accounts_merged": _("Two accounts of one person merged"),
    "address_accepted": _("Address takes mail again"),
    "address_change_asked": _("New user name asked for"),
    "address_change_cancelled": _("New user name taken back"),
    "address_change_sent_again": _("Mail to confirm the new user name sent again"),
    "address_changed": _("User name changed"),
    "address_refused": _("Mail to the address refused"),
    "blocked": _("User blocked"),
    "company_changed": _("Company changed"),
    "company_closed": _("Company closed"),
    "company_created": _("Company created"),
    "company_deleted": _("Company deleted"),
    "company_reopened": _("Company opened again"),
    "company_wide_ending": _("Company-wide licence to be switched off"),
    "company_wide_switched": _("Company-wide licence switched on or off"),
    "deputy_began": _("Deputy's rights began"),
    "deputy_ended": _("Deputy's rights ended"),
    "deputy_named": _("Deputy named"),
    "details_changed": _("Details of a user changed"),
    "devices_signed_out": _("Signed out on other devices"),
    "document_added": _("Document put in"),
    "document_changed": _("Document changed"),
    "document_file_back": _("File of a document is back"),
    "document_file_missing": _("File of a document missing"),
    "documentrequest_added_to": _("Standard request added to"),
    "documentrequest_approved": _("Standard request approved"),
    "documentrequest_created": _("Standard requested"),
    "documentrequest_expired": _("Standard request closed by itself"),
    "documentrequest_nudged": _("Admins reminded of a standard request"),
    "documentrequest_rejected": _("Standard request rejected"),
    "documentrequest_withdrawn": _("Standard request withdrawn"),
    "documentrequest_answered": _("Question about a standard request answered"),
    "documentrequest_asked": _("Question about a standard request"),
    "documents_loaded": _("Table of documents loaded"),
    "documents_uploaded": _("Table of documents uploaded"),
    "domain_added": _("Domain added"),
    "domain_changed": _("Domain changed"),
    "domain_look_up_asked": _("Proof of a domain looked up"),
    "domain_proof_lapsed": _("Proof of a domain lapsed"),
    "domain_proven": _("Domain proven"),
    "domain_removed": _("Domain removed"),
    "join_invited": _("Owner of a personal account invited to join"),
    "joined_company": _("User joined the company"),
    "label_value_deleted": _("Label value deleted"),
    "label_value_renamed": _("Label value renamed"),
    "label_values_added": _("Label values added"),
    "label_values_merged": _("Label values merged"),
    "license_changed": _("Licence changed"),
    "license_created": _("Licence created"),
    "license_document_added": _("Document added to a licence"),
    "license_document_removed": _("Document taken out of a licence"),
    "license_documents_set": _("Documents of a licence changed"),
    "license_end_changed": _("Last day of a licence for one person changed"),
    "license_granted": _("Licence given"),
    "license_moved_along": _("Licence moved along from another account of the same person"),
    "license_shown_switched": _("Licence shown or hidden in the licence selection"),
    "license_taken_away": _("Licence taken away"),
    "licenserequest_added_to": _("Licence request added to"),
    "licenserequest_answered": _("Question about a licence request answered"),
    "licenserequest_asked": _("Question about a licence request"),
    "licenserequest_approved": _("Licence request approved"),
    "licenserequest_created": _("Licence requested"),
    "licenserequest_expired": _("Licence request closed by itself"),
    "licenserequest_in_line": _("Licence request put in line"),
    "licenserequest_nudged": _("Admins reminded of a licence request"),
    "licenserequest_rejected": _("Licence request rejected"),
    "licenserequest_withdrawn": _("Licence request withdrawn"),
    "lock_ended": _("Lock ended"),
    "mail_queue_paused": _("Mail queue paused"),
    "mail_queue_resumed": _("Mail queue resumed"),
    "mail_rerouted": _("Mail sent to others instead"),
    "mails_sent_again": _("Mails sent again"),
    "move_declined": _("Request to move declined"),
    "move_requested": _("Asked to move to another company"),
    "move_withdrawn": _("Request to move withdrawn"),
    "moved_in": _("User moved in from another company"),
    "moved_out": _("User moved to another company"),
    "password_changed": _("Password changed"),
    "password_reset": _("New password chosen"),
    "password_reset_asked": _("Link for a new password asked for"),
    "people_changed": _("Several users changed at once"),
    "people_left": _("Users who left blocked or removed"),
    "people_left_undone": _("Users who left brought back"),
    "people_loaded": _("Table of users imported"),
    "people_uploaded": _("Table of users uploaded"),
    "recovery_code_used": _("Recovery code used to sign in"),
    "recovery_codes_made": _("New recovery codes made"),
    "ready_sentence_added": _("Ready-made sentence added"),
    "ready_sentence_changed": _("Ready-made sentence changed"),
    "ready_sentence_deleted": _("Ready-made sentence deleted"),
    "registered": _("Registration finished"),
    "registration_forgotten": _("Unfinished registration removed"),
    "registration_requested": _("Registered oneself"),
    "registration_sent_again": _("Registration mail sent again"),
    "removed_from_company": _("User removed from the company"),
    "returned_to_company": _("User brought back into the company"),
    "role_changed": _("Role changed"),
    "terms_accepted": _("Terms of use accepted"),
    "terms_published": _("Terms of use published"),
    "staff_role_changed": _("Role at NEN changed"),
    "second_step_added": _("Second step added"),
    "second_step_removed": _("Second step removed"),
    "second_step_required": _("Second step asked of people"),
    "second_step_taken_away": _("Second step removed by somebody else"),
    "unblocked": _("User unblocked"),
    "user_added": _("User added"),
    "user_deleted": _("Account deleted"),
}
# How the verbs of each topic begin; the last topic takes the rest.
TOPICS: tuple[tuple[Promise, tuple[str, ...]], ...] = (
    (_("Requests"), ("licenserequest", "documentrequest")),
    (_("Licences"), ("license_", "company_wide")),
    (_("Company"), ("company_", "domain_", "label_", "second_step_required")),
    (_("Signing in"), ("password", "second_step", "recovery", "devices", "lock_", "terms_")),
    (_("Users"), ("",)),
)
# What a company's own admins do not read: what NEN does for itself.
INTERNAL = {"mail_rerouted", "mails_sent_again", "registration_forgotten", "staff_role_changed"}
# Done by somebody of whom the company must not be told (R13).
NAMELESS = {"moved_out"}
DETAIL_IN_WORDS = {
    "how": _("how"),
    "origin": _("how"),
    "until": _("until"),
    "until_before": _("until, before"),
    "role_before": _("role before"),
    "role_after": _("role now"),
    "because": _("reason"),
    "devices": _("devices"),
    "domain": _("domain"),
    "fields": _("changed"),
    "first_day": _("from day"),
    "is_blocked": _("blocked"),
    "is_deputy": _("as deputy"),
    "is_new": _("new account"),
    "is_registered": _("registration finished"),
    "kind": _("kind"),
    "last_day": _("up to and including"),
    "merged": _("merged value"),
    "overruled": _("objections overruled"),
    "people": _("people"),
    "requests": _("requests"),
    "role": _("role"),
    "to": _("now"),
    "values": _("values"),
    "version": _("version"),
    "who": _("of whom"),
    "with_subdomains": _("with subdomains"),
}


@cache
def topics_of_a_company(_language: str | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the lines of one company can be about, for a select: a heading, and the verbs under it.

    In the language that is active, which has to be that one.
    """
    topics: dict[str, list[tuple[str, str]]] = {str(heading): [] for heading, _begins in TOPICS}
    for verb, words in VERB_IN_WORDS.items():
        if verb in INTERNAL or not _is_of_a_company(verb):
            continue
        heading = next(str(heading) for heading, begins in TOPICS if verb.startswith(begins))
        topics[heading].append((verb, str(words)))
    return [(heading, sorted(verbs, key=lambda one: one[1])) for heading, verbs in topics.items()]


def _is_of_a_company(verb: str) -> bool:
    return not verb.startswith(("document_", "documents_", "mail_", "mails_", "terms_published"))


def verb_in_words(verb: str) -> str | Promise:
    return VERB_IN_WORDS.get(verb, verb)


def subjects_in_words(subjects: dict[str, int]) -> str:
    """{"user": 3} → "user 3"; the trail keeps numbers only."""
    return ", ".join(f"{_noun(name)} {pk}" for name, pk in subjects.items()) or "–"


def details_in_words(details: dict[str, Any], subjects: dict[str, int]) -> str:
    """But for the changes, which have own words. Fields go by their names in what the line is about first."""
    model = models_by_name().get(next(iter(subjects), ""))
    told = {name: value for name, value in details.items() if name != "changes"}
    rows = (f"{DETAIL_IN_WORDS.get(name, name)}: {_value(model, value)}" for name, value in told.items())
    return "; ".join(rows) or "–"


@cache
def models_by_name() -> dict[str, type[Model]]:
    return {str(model._meta.model_name): model for model in apps.get_models()}


def _noun(model_name: str) -> str:
    model = models_by_name().get(model_name)
    return str(model._meta.verbose_name) if model else model_name


def _value(model: type[Model] | None, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return ", ".join(field_name(model, str(one)) for one in value) if isinstance(value, list) else str(value)


def field_of(model: type[Model] | None, name: str) -> Any:
    fields = {field.name: field for field in model._meta.concrete_fields} if model else {}
    return fields.get(name)


def field_name(model: type[Model] | None, name: str) -> str:
    return str(getattr(field_of(model, name), "verbose_name", name.replace("_", " ")))

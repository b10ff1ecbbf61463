"""What each mail is called on a page: on the page of a person and in the mail queue."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

MAIL_IN_WORDS = {
    "account_deleted": _("Account deleted"),
    "account_exists": _("You have an account already"),
    "colleague_moved": _("Colleague moved to another company"),
    "deputy_named": _("Named as deputy"),
    "document_added": _("Standard you asked for was added"),
    "document_request_approved": _("Standard request approved"),
    "document_request_received": _("Standard request to decide on"),
    "document_request_rejected": _("Standard request rejected"),
    "document_requested": _("Standard request received"),
    "file_missing": _("File of a document missing"),
    "grant_ending": _("Reminder: licence about to end for this person"),
    "join_invited": _("Invitation to join the company"),
    "license_ending": _("Reminder: licence about to end"),
    "license_request_approved": _("Licence request approved"),
    "license_request_in_line": _("Licence request in line"),
    "license_request_received": _("Licence request to decide on"),
    "license_request_rejected": _("Licence request rejected"),
    "license_requested": _("Licence request received"),
    "license_requests_waiting": _("Reminder: requests to decide on"),
    "move_accepted": _("Request to move accepted"),
    "move_declined": _("Request to move declined"),
    "move_requested": _("Request to move to decide on"),
    "password_reset": _("Link to choose a new password"),
    "registration_expiring": _("Reminder: finish registration"),
    "registration_invited": _("Registration mail"),
    "registration_requested": _("Registration mail (registered oneself)"),
    "request_answer": _("Answer about a request"),
    "request_question": _("Question about a request"),
    "request_expired": _("Request closed by itself"),
    "request_nudged": _("Reminder of one request, by whoever asked"),
    "requests_digest": _("New requests together"),
    "requests_unanswered": _("Requests left without an answer"),
    "seat_free": _("A seat is free"),
    "second_step_changed": _("Second step changed"),
}

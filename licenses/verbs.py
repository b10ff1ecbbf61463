"""Declare what the audit records about licences and documents (R38)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from nenconnect.audit.verbs import Topic, Verb

COMPANY_WIDE_ENDING = Verb(
    "company_wide_ending",
    Topic.LICENSES,
    label=_("Company-wide licence to be switched off"),
    sentence=_("%(who)s asked to end company-wide access to “%(license)s”; the change is in progress"),
)
COMPANY_WIDE_SWITCHED = Verb(
    "company_wide_switched",
    Topic.LICENSES,
    label=_("Company-wide licence switched on or off"),
    sentence=_("%(who)s changed company-wide access to “%(license)s”"),
)
LICENSE_CHANGED = Verb(
    "license_changed",
    Topic.LICENSES,
    label=_("Licence changed"),
    sentence=_("%(who)s changed the licence “%(license)s”"),
)
LICENSE_CREATED = Verb(
    "license_created",
    Topic.LICENSES,
    label=_("Licence created"),
    sentence=_("%(who)s made the licence “%(license)s”"),
)
LICENSE_DOCUMENT_ADDED = Verb(
    "license_document_added",
    Topic.LICENSES,
    label=_("Document added to a licence"),
    sentence=_("%(who)s put %(document)s in “%(license)s”"),
)
LICENSE_DOCUMENT_REMOVED = Verb(
    "license_document_removed",
    Topic.LICENSES,
    label=_("Document taken out of a licence"),
    sentence=_("%(who)s took %(document)s out of “%(license)s”"),
)
LICENSE_DOCUMENTS_SET = Verb(
    "license_documents_set",
    Topic.LICENSES,
    label=_("Documents of a licence changed"),
    sentence=_("%(who)s changed the documents of “%(license)s”"),
)
LICENSE_END_CHANGED = Verb(
    "license_end_changed",
    Topic.LICENSES,
    label=_("Last day of a licence for one person changed"),
    sentence=_("%(who)s changed the last day of “%(license)s” for %(user)s"),
)
LICENSE_GRANTED = Verb(
    "license_granted",
    Topic.LICENSES,
    label=_("Licence given"),
    sentence=_("%(who)s gave %(user)s the licence “%(license)s”"),
)
LICENSE_MOVED_ALONG = Verb(
    "license_moved_along",
    Topic.LICENSES,
    label=_("Licence kept when accounts were merged"),
    sentence=_("%(user)s keeps “%(license)s” from an account that %(who)s merged"),
)
LICENSE_SHOWN_SWITCHED = Verb(
    "license_shown_switched",
    Topic.LICENSES,
    label=_("Licence shown or hidden in the licence selection"),
    sentence=_("%(who)s switched whether “%(license)s” is shown in the licence selection"),
)
LICENSE_TAKEN_AWAY = Verb(
    "license_taken_away",
    Topic.LICENSES,
    label=_("Licence taken away"),
    sentence=_("%(who)s took the licence “%(license)s” away from %(user)s"),
)
DOCUMENT_ADDED = Verb(
    "document_added", None, label=_("Document created"), sentence=_("%(who)s created %(document)s")
)
DOCUMENT_CHANGED = Verb(
    "document_changed", None, label=_("Document changed"), sentence=_("%(who)s changed %(document)s")
)
DOCUMENT_FILE_BACK = Verb(
    "document_file_back",
    None,
    label=_("File of a document is back"),
    sentence=_("The file of %(document)s is back"),
)
DOCUMENT_FILE_MISSING = Verb(
    "document_file_missing",
    None,
    label=_("File of a document missing"),
    sentence=_("The file of %(document)s was missing"),
)
DOCUMENTS_LOADED = Verb(
    "documents_loaded",
    None,
    label=_("Table of documents loaded"),
    sentence=_("%(who)s loaded a table of documents"),
)
DOCUMENTS_UPLOADED = Verb(
    "documents_uploaded",
    None,
    label=_("Table of documents uploaded"),
    sentence=_("%(who)s uploaded a table of documents"),
)

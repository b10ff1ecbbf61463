"""Declare what the audit records about companies, domains and label values (R38)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from nenconnect.audit.verbs import Topic, Verb

COMPANY_CHANGED = Verb(
    "company_changed", Topic.COMPANY, label=_("Company changed"), sentence=_("%(who)s changed the company")
)
COMPANY_CLOSED = Verb(
    "company_closed", Topic.COMPANY, label=_("Company closed"), sentence=_("%(who)s closed the company")
)
COMPANY_CREATED = Verb(
    "company_created", Topic.COMPANY, label=_("Company created"), sentence=_("%(who)s set up the company")
)
COMPANY_DELETED = Verb(
    "company_deleted", Topic.COMPANY, label=_("Company deleted"), sentence=_("%(who)s deleted the company")
)
COMPANY_REOPENED = Verb(
    "company_reopened",
    Topic.COMPANY,
    label=_("Company opened again"),
    sentence=_("%(who)s opened the company again"),
)
DOMAIN_ADDED = Verb(
    "domain_added", Topic.COMPANY, label=_("Domain added"), sentence=_("%(who)s added the domain %(domain)s")
)
DOMAIN_CHANGED = Verb(
    "domain_changed", Topic.COMPANY, label=_("Domain changed"), sentence=_("%(who)s changed the domain %(domain)s")
)
DOMAIN_LOOK_UP_ASKED = Verb(
    "domain_look_up_asked",
    Topic.COMPANY,
    label=_("Proof of a domain looked up"),
    sentence=_("%(who)s asked to look up the proof of the domain %(domain)s"),
)
DOMAIN_PROOF_LAPSED = Verb(
    "domain_proof_lapsed",
    Topic.COMPANY,
    label=_("Proof of a domain lapsed"),
    sentence=_("The proof of the domain %(domain)s lapsed"),
)
DOMAIN_PROVEN = Verb(
    "domain_proven", Topic.COMPANY, label=_("Domain proven"), sentence=_("The domain %(domain)s was proven")
)
DOMAIN_REMOVED = Verb(
    "domain_removed", Topic.COMPANY, label=_("Domain removed"), sentence=_("%(who)s removed the domain %(domain)s")
)
LABEL_VALUE_DELETED = Verb(
    "label_value_deleted",
    Topic.COMPANY,
    label=_("Label value deleted"),
    sentence=_("%(who)s deleted a label value"),
)
LABEL_VALUE_RENAMED = Verb(
    "label_value_renamed",
    Topic.COMPANY,
    label=_("Label value renamed"),
    sentence=_("%(who)s renamed a label value, now “%(labelvalue)s”"),
)
LABEL_VALUES_ADDED = Verb(
    "label_values_added", Topic.COMPANY, label=_("Label values added"), sentence=_("%(who)s added label values")
)
LABEL_VALUES_MERGED = Verb(
    "label_values_merged",
    Topic.COMPANY,
    label=_("Label values merged"),
    sentence=_("%(who)s merged a label value into “%(labelvalue)s”"),
)
SECOND_STEP_REQUIRED = Verb(
    "second_step_required",
    Topic.COMPANY,
    label=_("Rule for the second step changed"),
    sentence=_("%(who)s changed who needs a second step"),
)

"""Register everything that NEN staff see in Django admin."""

from __future__ import annotations

from desk.audit import admin as audit
from desk.companies import companies, domains
from desk.licenses import documents, licenses
from desk.licenses import imports as document_imports
from desk.mail import queue
from desk.people import imports as people_imports
from desk.people import people, sign_in, staff, terms
from desk.requests import admin as requests

__all__ = [
    "audit",
    "companies",
    "document_imports",
    "documents",
    "domains",
    "licenses",
    "people",
    "people_imports",
    "queue",
    "requests",
    "sign_in",
    "staff",
    "terms",
]

from licenses.models.document_import import DocumentImport
from licenses.models.documents import Document, DocumentQuerySet, DocumentStatus, bare
from licenses.models.grants import Grant, GrantQuerySet
from licenses.models.licenses import LAST_DAY, CompanyWideEnd, License, LicenseQuerySet
from licenses.models.openings import Opening

__all__ = [
    "LAST_DAY",
    "CompanyWideEnd",
    "Document",
    "DocumentImport",
    "DocumentQuerySet",
    "DocumentStatus",
    "Grant",
    "GrantQuerySet",
    "License",
    "LicenseQuerySet",
    "Opening",
    "bare",
]

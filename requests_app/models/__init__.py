from requests_app.models.messages import ReadySentence, RequestMessage, RequestMessageQuerySet
from requests_app.models.requests import (
    MAX_REASON,
    REQUEST_KINDS,
    AccessRequest,
    DocumentRequest,
    LicenseRequest,
    RequestQuerySet,
    RequestStatus,
)

__all__ = [
    "MAX_REASON",
    "REQUEST_KINDS",
    "AccessRequest",
    "DocumentRequest",
    "LicenseRequest",
    "ReadySentence",
    "RequestMessage",
    "RequestMessageQuerySet",
    "RequestQuerySet",
    "RequestStatus",
]

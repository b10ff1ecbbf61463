"""NEN's desk for documents and licences (R37)."""

from licenses.admin import documents, imports, licenses  # noqa: F401 -- Django admin looks for them here

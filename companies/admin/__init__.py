"""NEN's desk for companies and their domains (R37)."""

from companies.admin import companies, domains  # noqa: F401 -- Django admin looks for them here

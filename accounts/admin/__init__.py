"""NEN's desk for people, their imports, locks and terms of use (R37)."""

from accounts.admin import imports, people, sign_in, staff, terms  # noqa: F401 -- Django admin looks for them here

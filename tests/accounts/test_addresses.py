from __future__ import annotations

import pytest

from companies.addresses import canonical_address, canonical_domain, domain_of, is_public, parents_of
from nenconnect.rules.errors import RuleError

KELVIN = "\u212a"
DOTLESS_I = "\u0131"
ZERO_WIDTH_SPACE = "\u200b"


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("Jan.Jansen@Voorbeeld.NL", "jan.jansen@voorbeeld.nl"),
        ("  jan@voorbeeld.nl\r\n", "jan@voorbeeld.nl"),
        ("jan+test@acme.nl", "jan+test@acme.nl"),  # C5: an identity of its own
        ("j.o'brien@acme.nl", "j.o'brien@acme.nl"),
        ("=1+1@acme.nl", "=1+1@acme.nl"),
        ("jan@straße.nl", "jan@xn--strae-oqa.nl"),  # C3: never strasse.nl
        ("jan@STRASSE.nl", "jan@strasse.nl"),
        ("jan@xn--strae-oqa.nl", "jan@xn--strae-oqa.nl"),
        ("jan@XN--STRAE-OQA.nl", "jan@xn--strae-oqa.nl"),
        ("jan@cafe\u0301.nl", "jan@xn--caf-dma.nl"),  # e + accent is the same letter as é
        ("jan@café.nl", "jan@xn--caf-dma.nl"),
        (f"jan@{KELVIN}abel.nl", "jan@kabel.nl"),  # NFC says it is a K, and so the mail goes there too
        ("jan@аcme.nl", "jan@xn--cme-5cd.nl"),  # a Cyrillic а: another domain, shown as xn--
        (f"{'a' * 64}@acme.nl", f"{'a' * 64}@acme.nl"),
    ],
)
def test_an_address_is_kept_in_its_canonical_form(raw: str, canonical: str) -> None:
    assert canonical_address(raw) == canonical
    assert canonical_address(canonical) == canonical


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "jan",
        "@acme.nl",
        "jan@",
        "jan@acme",
        "jan@@acme.nl",
        "a@acme.nl@evil.com",  # C1
        "jan jansen@acme.nl",
        "jan@acme .nl",
        "jan@acme.nl, piet@acme.nl",
        "jan@acme.nl;piet@acme.nl",
        "Jan <jan@acme.nl>",
        "<jan@acme.nl>",
        ".jan@acme.nl",
        "jan.@acme.nl",
        "jan..jansen@acme.nl",
        '"jan"@acme.nl',  # C2, and all that follow
        '"jan@acme.nl"@evil.com',
        "jan\\@acme.nl@evil.com",
        "=?utf-8?q?jan?=@acme.nl",
        "jan%evil.com@acme.nl",
        "evil.com!jan@acme.nl",
        "jan(x)@acme.nl",
        f"{KELVIN}arel@acme.nl",
        f"{DOTLESS_I}ris@acme.nl",
        f"jan{ZERO_WIDTH_SPACE}@acme.nl",
        f"jan@ac{ZERO_WIDTH_SPACE}me.nl",
        "jan\u00ad@acme.nl",
        "jan\x00@acme.nl",
        "jan\nBcc: all@acme.nl",
        "jan@acme.nl\nBcc: all@evil.com",
        "jan\x0b@acme.nl",
        "jané@acme.nl",
        "ｊａｎ@acme.nl",
        f"{'a' * 65}@acme.nl",
        f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 60}.nl",  # 256 characters
        f"jan@{'b' * 64}.nl",
        "jan@acme.nl.",
        "jan@.acme.nl",
        "jan@acme..nl",
        "jan@-acme.nl",
        "jan@acme-.nl",
        "jan@ac_me.nl",
        "jan@acme。nl",  # the ideographic full stop is no dot here
        "jan@ａｃｍｅ.nl",
        "jan@127.0.0.1",
        "jan@[127.0.0.1]",
        "jan@[IPv6:::1]",
        "jan@2130706433",
        "jan@xn--acme.nl",  # no Punycode of anything
        "jan@xn--straße.nl",
        "jan@xn--strasse-.nl",
        "jan@XN--ZCKZAH-ß.nl",
        "jan@ac--me-xn--.nl-",
        "jan@ev\u0338il.nl\u202e",
        "jan@localhost",
        "jan@acme.invalid",
        "jan@acme.nl:25",
        "jan@acme.nl/x",
    ],
)
def test_an_invalid_address_is_refused(raw: str) -> None:
    with pytest.raises(RuleError) as refused:
        canonical_address(raw)
    assert refused.value.field == "email"


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        ("josé@voorbeeld.example", "cannot have “é” before the @"),
        ("Zoë.Møller@voorbeeld.example", "cannot have “ëø” before the @"),
        ("x" * 65 + "@voorbeeld.example", "too long"),
        ("a b@voorbeeld.example", "such as name@company.nl"),
    ],
)
@pytest.mark.usefixtures("_english")
def test_the_refusal_of_an_address_explains_what_is_wrong(raw: str, refusal: str) -> None:
    with pytest.raises(RuleError, match=refusal):
        canonical_address(raw)


def test_an_address_has_254_characters_at_most() -> None:
    def address(length: int) -> str:
        rest = length - len("@.nl") - 64 - len("x" * 63 + ".")
        return f"{'a' * 64}@{'b' * 63}.{'c' * (rest - 61)}.{'d' * 60}.nl"

    assert len(canonical_address(address(254))) == 254
    with pytest.raises(RuleError):
        canonical_address(address(255))


def test_the_length_limit_of_an_address_applies_to_its_encoded_form() -> None:
    label = "ö" + "a" * 54  # 55 typed, 63 sent
    typed = f"{'a' * 64}@{'.'.join([label] * 3)}.nl"
    assert len(typed) < 254
    with pytest.raises(RuleError):
        canonical_address(typed)


def test_a_domain_with_a_dotless_i_differs_from_the_domain_with_an_i() -> None:
    assert canonical_domain(f"v{DOTLESS_I}s.nl") == "xn--vs-hpa.nl"
    assert canonical_domain("vis.nl") == "vis.nl"


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("NEN.nl", "nen.nl"),
        (" Sub.NEN.nl ", "sub.nen.nl"),
        ("straße.nl", "xn--strae-oqa.nl"),
        ("a.museum", "a.museum"),
    ],
)
def test_a_domain_is_kept_in_its_canonical_form(raw: str, canonical: str) -> None:
    assert canonical_domain(raw) == canonical


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "nl",
        "@nen.nl",
        "jan@nen.nl",
        "https://nen.nl",
        "nen.nl/",
        "*.nen.nl",
        ".nen.nl",
        "nen.nl.",
        "nen,nl",
        "10.0.0.1",
    ],
)
def test_an_invalid_domain_is_refused(raw: str) -> None:
    with pytest.raises(RuleError) as refused:
        canonical_domain(raw)
    assert refused.value.field == "name"


def test_the_domain_of_an_address_begins_after_the_last_at_sign() -> None:
    assert domain_of("jan@acme.nl@evil.com") == "evil.com"


def test_the_parent_domains_do_not_include_the_top_level_domain() -> None:
    assert parents_of("a.b.nen.nl") == ["b.nen.nl", "nen.nl"]
    assert parents_of("nen.nl") == []


@pytest.mark.parametrize(
    "domain", ["gmail.com", "hotmail.com", "ziggo.nl", "kpnmail.nl", "mailinator.com", "0815.ru", "x.gmail.com"]
)
def test_mail_domains_where_anybody_gets_an_address_are_public(domain: str) -> None:
    assert is_public(domain)


@pytest.mark.parametrize("domain", ["nen.nl", "voorbeeld.example", "evil-gmail.com"])
def test_a_company_domain_is_not_public(domain: str) -> None:
    assert not is_public(domain)

"""International domains: regctl, by libidn2, and Python's idna package read them alike."""

import json
import unicodedata
from random import Random

import idna
import pytest

VALID = [
    "bücher.example", "BÜCHER.Example", "bu\u0308cher.example", "xn--bcher-kva.example",
    "XN--BCHER-KVA.example", "xn--bcher-kva.bücher.example", "faß.de", "xn--fa-hia.de",
    "ſtraße.de", "bücher。example", "ｂücher．example｡de", "bü\u00adcher.example",
    "bü\u200bcher.example", "क्\u200dष.in", "نامه\u200cای.com", "xn--mgba3gch31f060k.com",
    "пример.рф", "ПРИМЕР.РФ", "ехample.com", "例え.テスト", "한국.kr", "א1.example", "βόλος.com",
    "ΒΌΛΟΣ.com", "l·l.cat", "ü" * 57 + ".de", "₂ü.example", "ĳü.example",
]  # fmt: skip
INVALID = [
    "☃.net", "xn--n3h.net", "😀.com", "I♥ü.com", "a\u200db.com", "a\u200cü.com", "1א.com",
    "אa.com", "\u0308ü.com", "-ü.com", "ü-.com", "ab--ü.com", "xn--a.com", "xn--0.com",
    "xn--zzzz---.com", "xn--bücher.com", "xn--BÜCHER-KVA.com", "ü" * 58 + ".de", "bü\u202echer.com",
    "ü\u2028.com", "ü\ue000.com", "ü..com", ".ü.com", "ü.com..", "ü\u00a0b.com", "ü!.com", "ü／b.com",
    "xn--bcher-kva.xn--a.com", ".".join(["ü" * 50] * 5) + ".com",
]  # fmt: skip

# Letters of several scripts in both cases, marks, joiners, digits, and characters that are mapped.
# Without the capital ẞ, which UTS 46 mapped to "ss" before its revision of 2023 and maps to ß since.
ALPHABETS = [
    "abcxyzäöüßéñçøåÄÖÜÉÑ", "αβγδςάέΑΒΓΣ", "абвгдежзийАБВЖ", "אבגדהוזח12", "ابتثجحخ\u200cی",
    "कखगघ्\u200d\u093e\u093f", "中文字例東京", "한국어", "かなカナー", "ａｂｃＡＢＣ", "a\u0308o\u0301u\u0302",
    "ﬁﬂĳſ", "aü-",
]  # fmt: skip


def drawn(seed: int, count: int) -> list[str]:
    """Domains of one label of such letters, sometimes of two alphabets."""
    random = Random(seed)
    found = []
    for _ in range(count):
        letters = "".join(random.sample(ALPHABETS, random.choice([1, 1, 1, 2])))
        label = "".join(random.choices(letters, k=random.randint(1, random.choice([6, 6, 70]))))
        found.append(f"{label}.example")
    return [domain for domain in found if not domain.isascii()]


def in_ascii(domain: str) -> str | None:
    """The domain in A-labels by the package; `None` if it is not valid."""
    try:
        return idna.encode(domain, uts46=True, std3_rules=False).decode()
    except idna.IDNAError:
        return None


def refusals(site, domains: list[str]) -> list[str]:
    """Why addresses with these domains are refused, or nothing; each has its own local part."""
    lines = [json.dumps({"email": f"a{index}@{name}"}) for index, name in enumerate(domains)]
    result = site.run("import", "-", "--json", input="\n".join(lines) + "\n")
    failures = json.loads(result.stdout)["failures"]
    assert all(failure["error"]["code"] == "invalid_email" for failure in failures)
    refused = {failure["line"]: failure["error"]["message"] for failure in failures}
    return [refused.get(line, "") for line in range(1, len(domains) + 1)]


def imported(site, domains: list[str]) -> list[bool]:
    """Which addresses with these domains are accepted."""
    return [reason == "" for reason in refusals(site, domains)]


def test_the_tables_are_what_the_package_says():
    assert [domain for domain in VALID if in_ascii(domain) is None] == []
    assert [domain for domain in INVALID if in_ascii(domain) is not None] == []


@pytest.mark.parametrize("domain", VALID, ids=ascii)
def test_a_valid_domain_is_converted_alike(site, domain):
    site.ok("register", f"ann@{domain}", "--no-password")
    ascii_email = f"ann@{in_ascii(domain)}"
    unicode_email = f"ann@{idna.decode(in_ascii(domain))}"
    shown = site.json("show", ascii_email)["account"]
    assert site.json("show", unicode_email)["account"] == shown
    assert site.json("show", f"ann@{domain}")["account"] == shown
    if domain.isascii():
        assert (shown["email"], shown["unicode_email"]) == (ascii_email, unicode_email)
    else:
        assert (shown["email"], shown["ascii_email"]) == (unicode_email, ascii_email)


def test_valid_domains_are_imported_as_they_are(site):
    assert imported(site, VALID) == [True] * len(VALID)
    exported = [json.loads(line)["email"] for line in site.ok("export").splitlines()]
    assert exported == [f"a{index}@{domain}" for index, domain in enumerate(VALID)]


@pytest.mark.parametrize("domain", INVALID, ids=ascii)
def test_an_invalid_domain_is_refused(site, domain):
    code, error = site.error("register", f"ann@{domain}", "--no-password")
    assert (code, error["code"]) == (65, "invalid_email")
    assert site.error("show", f"ann@{domain}")[0] == 67


# What libidn2 and the package read differently: their tables are of different versions of Unicode.

# The rules for the surroundings of these (RFC 5892, appendix A.3 to A.7) are those of registrars; RFC
# 5891, section 5.4, leaves it to a lookup whether it applies them, and libidn2 does not.
CONTEXTUAL = "\u00b7\u0375\u05f3\u05f4\u30fb"
# Symbols that UTS 46 takes without the rules of STD 3, which would refuse an underscore too.
SYMBOLS = "\u2260\u226e\u226f"
# Capital letters that are mapped, and invisible ones that are left out, only since later revisions.
MAPPED_LATER = "\u04c0\u2132\u2183" + "".join(map(chr, range(0x10A0, 0x10C6)))
LEFT_OUT_LATER = "\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0" + "".join(
    map(chr, [*range(0x2061, 0x2064), *range(0x206A, 0x2070), *range(0x1D173, 0x1D17B)])
)


def is_explained(domain: str, by_package: str | None, reason: str) -> bool:
    """Whether one of these is why libidn2 (with `reason` if it refuses) and the package differ."""
    plain = unicodedata.normalize("NFKC", domain)
    if "\u1e9e" in domain:
        # The capital sharp S: "ss" before the revision of 2023, and the small one since.
        return True
    if by_package is None:
        return any(character in CONTEXTUAL + SYMBOLS for character in plain) or "_" in plain
    is_newer = any(unicodedata.category(character) == "Cn" for character in domain)
    is_later = any(character in MAPPED_LATER + LEFT_OUT_LATER for character in domain)
    return bool(reason) and ("unassigned code point" in reason or is_newer or is_later)


def wild(seed: int, count: int) -> list[str]:
    """Domains of one label with two characters out of all of the first two planes."""
    random = Random(seed)
    all_characters = [chr(code) for code in range(0x80, 0x20000) if not 0xD800 <= code < 0xE000]
    return [f"a{''.join(random.choices(all_characters, k=2))}b.example" for _ in range(count)]


def test_ten_thousand_domains_have_the_same_verdict_and_spelling(site):
    domains = [*drawn(seed=12, count=7000), *wild(seed=13, count=3500)][:10_000]
    expected = [in_ascii(domain) for domain in domains]
    assert 3000 < sum(name is not None for name in expected) < len(domains) - 1500
    reasons = refusals(site, domains)
    different = [
        (ascii(domain), name, reason)
        for domain, name, reason in zip(domains, expected, reasons, strict=True)
        if (reason == "") != (name is not None) and not is_explained(domain, name, reason)
    ]
    assert different == []
    # The other spelling of each is its account: what differs from it is no further account.
    known = {
        f"a{index}@{name}"
        for index, (name, reason) in enumerate(zip(expected, reasons, strict=True))
        if name is not None and reason == "" and domains[index] == idna.decode(name)
    }
    assert len(known) > 1000
    result = site.run("import", "-", "--json", input="email\n" + "\n".join(sorted(known)) + "\n")
    answer = json.loads(result.stdout)
    assert (answer["imported"], answer["refused"]) == (0, len(known))
    assert {failure["error"]["code"] for failure in answer["failures"]} == {"already_registered"}


def test_letters_that_look_alike_are_different_domains(site):
    alike = ["apple.example", "аpple.example", "ɑpple.example", "αpple.example", "ａpple.example"]
    assert refusals(site, alike) == ["", "", "", "", ""]
    # Only the full-width letter is mapped to that of ASCII.
    assert site.json("show", f"a4@{alike[4]}")["account"]["ascii_email"] == "a4@apple.example"
    assert len({in_ascii(domain) for domain in alike}) == 4

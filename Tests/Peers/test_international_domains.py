"""International domains: regctl, by libidn2, and Python's idna package read them alike."""

import json
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


def imported(site, domains: list[str]) -> list[bool]:
    """Which addresses with these domains are accepted; each address has its own local part."""
    lines = [json.dumps({"email": f"a{index}@{name}"}) for index, name in enumerate(domains)]
    result = site.run("import", "-", "--json", input="\n".join(lines) + "\n")
    failures = json.loads(result.stdout)["failures"]
    assert all(failure["error"]["code"] == "invalid_email" for failure in failures)
    refused = {failure["line"] for failure in failures}
    return [line not in refused for line in range(1, len(domains) + 1)]


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


def test_domains_at_random_have_the_same_verdict_and_spelling(site):
    domains = drawn(seed=12, count=600)
    expected = [in_ascii(domain) for domain in domains]
    assert 100 < sum(name is not None for name in expected) < len(domains) - 100
    verdicts = imported(site, domains)
    different = [
        (ascii(domain), name, verdict)
        for domain, name, verdict in zip(domains, expected, verdicts, strict=True)
        if verdict != (name is not None)
    ]
    assert different == []
    for index, name in enumerate(expected):
        if name is not None:
            shown = site.json("show", f"a{index}@{domains[index]}")["account"]
            assert shown["ascii_email"] == f"a{index}@{name}"

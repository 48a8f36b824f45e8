"""The bill of materials in the package: valid for SPDX's own tools, complete, and with true versions."""

import copy
import hashlib
import json
import os
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from spdx_tools.spdx.parser.error import SPDXParsingError
from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from Peers.debian import PACKAGING, output, run
from regctl import BINARY, ROOT

SCRIPT = PACKAGING / "bill-of-materials"
VERSION = "1.2.0~20261130.1203-1"
TIME = "1796040180"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program as it is installed, without symbols."""
    program = tmp_path_factory.mktemp("installed") / "regctl"
    output("strip", "--remove-section=.comment", "-o", program, BINARY)
    return program


def printed(installed: Path, **environment: str) -> str:
    return output(SCRIPT, BINARY, installed, VERSION, env=os.environ | {"SOURCE_DATE_EPOCH": TIME} | environment)


@pytest.fixture(scope="module")
def bill(installed: Path) -> dict:
    return json.loads(printed(installed))


def faults(bill: dict) -> list[str]:
    """What the tools of SPDX find wrong with a bill."""
    try:
        document = JsonLikeDictParser().parse(bill)
    except SPDXParsingError as error:
        return error.get_messages()
    return [message.validation_message for message in validate_full_spdx_document(document, "SPDX-2.3")]


def related(bill: dict, kind: str) -> set[str]:
    """The identifiers of what has a relation with the program, either way round."""
    found = set()
    for relation in bill["relationships"]:
        if relation["relationshipType"] == kind:
            found |= {relation["spdxElementId"], relation["relatedSpdxElement"]}
    return {name.removeprefix("SPDXRef-") for name in found} - {"regctl", "DOCUMENT"}


def owners(libraries: set[str]) -> set[str]:
    """The packages of Debian that libraries belong to."""
    architecture = output("dpkg", "--print-architecture").strip()
    found = set()
    for name in libraries:
        lines = output("dpkg-query", "--search", f"*/{name}").splitlines()
        found |= {line.split(":")[0] for line in lines if f":{architecture}: " in line}
    return found


def test_the_tools_of_spdx_find_nothing_wrong(bill):
    assert faults(bill) == []


@pytest.mark.parametrize(
    ("key", "value"), [("licenseDeclared", "Public domain, more or less"), ("SPDXID", "SPDXRef-a b")]
)
def test_the_tools_of_spdx_see_a_bill_that_is_not_valid(bill, key, value):
    wrong = copy.deepcopy(bill)
    wrong["packages"][-1][key] = value
    assert faults(wrong)


def test_every_library_that_the_loader_maps_is_named(bill):
    mapped = set(re.findall(r"^\s(\S+) => /", output("ldd", BINARY), re.M))
    assert len(mapped) > 3
    assert related(bill, "DYNAMIC_LINK") == owners(mapped)


def test_every_library_that_the_sources_load_is_named(bill):
    text = "".join(path.read_text() for path in (ROOT / "Sources").rglob("*.swift"))
    loaded = set(re.findall(r'"(lib[a-z0-9+_-]+\.so\.\d+)"', text))
    assert loaded >= {"libcrypto.so.3", "libssl.so.3", "libidn2.so.0", "libpq.so.5"}
    named = related(bill, "RUNTIME_DEPENDENCY_OF") | related(bill, "OPTIONAL_DEPENDENCY_OF")
    assert named == owners(loaded)
    # The package only recommends it.
    assert related(bill, "OPTIONAL_DEPENDENCY_OF") == {"libpq5"}


def test_what_is_linked_statically_is_named(bill):
    assert related(bill, "STATIC_LINK") == {"swift-runtime", "libstdcxx"}
    versions = {package["SPDXID"]: package["versionInfo"] for package in bill["packages"]}
    assert versions["SPDXRef-swift-runtime"] == json.loads(output(BINARY, "--version", "--json"))["swift"]
    assert re.match(r"\d+\.\d+\.\d+-", versions["SPDXRef-libstdcxx"])


def test_versions_and_addresses_are_those_of_the_packages_here(bill):
    described = [package for package in bill["packages"] if "externalRefs" in package]
    assert len(described) > 6
    for package in described:
        version = output("dpkg-query", "--show", "--showformat", "${Version}", package["name"])
        assert package["versionInfo"] == version
        [reference] = package["externalRefs"]
        path = reference["referenceLocator"].split("?")[0]
        assert unquote(path) == f"pkg:deb/debian/{package['name']}@{version}"
        assert "+" not in path and "~" not in path


def test_the_program_is_the_one_that_is_installed(bill, installed):
    [program] = [package for package in bill["packages"] if package["SPDXID"] == "SPDXRef-regctl"]
    sums = {entry["algorithm"]: entry["checksumValue"] for entry in program["checksums"]}
    assert sums == {"SHA256": hashlib.sha256(installed.read_bytes()).hexdigest()}
    assert (program["versionInfo"], program["licenseDeclared"]) == (VERSION, "MIT")


def test_the_same_program_has_the_same_bill(bill, installed):
    assert bill == json.loads(printed(installed, TZ="Pacific/Auckland", LC_ALL="C", HOME="/nonexistent"))
    assert bill["creationInfo"]["created"] == "2026-11-30T12:03:00Z"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "PROGRAM, INSTALLED and VERSION are needed"),
        (["/nowhere", "/nowhere", "1"], "no program '/nowhere'"),
        # Linked with a library that regctl has no use for.
        (["/usr/bin/sqlite3", "/usr/bin/sqlite3", "1"], "no licence is known of the library 'libreadline"),
    ],
)
def test_what_cannot_be_listed_is_an_error(words, complaint):
    result = run(SCRIPT, *words, env=os.environ | {"SOURCE_DATE_EPOCH": TIME})
    assert result.returncode != 0
    assert complaint in result.stderr
    assert result.stdout == ""

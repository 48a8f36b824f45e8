"""The Debian package and `Sources/Packaging/install`: what is in them, and that it comes and goes.

The package is installed in a minimal Debian of its own: essential packages and those that it
depends on, as they are on this machine, and nothing of Swift. Needs root, for chroot.
"""

import copy
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from Peers.debian import AS_REGCTL, PACKAGING, DebianRoot, fingerprint, output, run
from regctl import BINARY, ROOT

SOURCES = ["CHANGELOG.md", "LICENSE", "man", "completions", "Sources/Packaging"]
MEGABYTE = 1_000_000


# The package.


def checkout(directory: Path) -> Path:
    """A copy of what the package is made of, without its history."""
    for name in SOURCES:
        source, target = ROOT / name, directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    return directory


def build(tree: Path, target: Path, binary: Path | str = BINARY, **environment: str) -> Path:
    """Builds the package of a checkout."""
    inherited = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    line = [tree / "Sources/Packaging/build-deb", "--binary", binary, target]
    return Path(output(*line, env=inherited | environment).strip())


def release(tree: Path, heading: str) -> Path:
    """Changes what CHANGELOG.md calls the first release."""
    path = tree / "CHANGELOG.md"
    path.write_text(re.sub(r"^## .*$", f"## {heading}", path.read_text(), count=1, flags=re.M))
    return tree


def version() -> str:
    return output(BINARY, "--version").split()[1]


def field(package: Path, name: str) -> str:
    return output("dpkg-deb", "-f", package, name).strip()


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of this checkout."""
    return build(ROOT, tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a checkout without history, whose version is released."""
    directory = tmp_path_factory.mktemp("released")
    tree = release(checkout(directory / "tree"), f"{version()} (2027-02-03)")
    configuration = tree / "Sources/Packaging/regctl.conf"
    configuration.write_text("# A line that is new.\n" + configuration.read_text())
    return build(tree, directory)


@pytest.fixture(scope="module")
def template(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DebianRoot]:
    """A minimal Debian with what the package depends on."""
    directory = tmp_path_factory.mktemp("template") / "debian"
    yield DebianRoot(directory, field(package, "Depends"))
    shutil.rmtree(directory)


@pytest.fixture
def debian(template: DebianRoot, tmp_path: Path) -> Iterator[DebianRoot]:
    """The same for one test alone, by links: what dpkg changes, it replaces."""
    debian = copy.copy(template)
    debian.directory = tmp_path / "debian"
    output("cp", "-a", "--link", template.directory, debian.directory)
    yield debian
    shutil.rmtree(debian.directory)


@dataclass
class Listing:
    """The members of a package by name, without the dot in front."""

    members: dict[str, tarfile.TarInfo]
    contents: dict[str, bytes]


@pytest.fixture(scope="module")
def listing(package: Path) -> Listing:
    stream = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], capture_output=True, check=True)
    members, contents = {}, {}
    with tarfile.open(fileobj=io.BytesIO(stream.stdout)) as archive:
        for member in archive:
            name = member.name.removeprefix(".")
            members[name] = member
            if member.isfile():
                contents[name] = archive.extractfile(member).read()
    return Listing(members, contents)


def built_elsewhere(directory: Path) -> Path:
    """The program as another directory would have made it: it differs in two sums."""
    program = directory / "program"
    output("objcopy", "--dump-section", f".swift_modhash={directory}/hash", BINARY, program)
    changed = bytes(byte ^ 0xFF for byte in (directory / "hash").read_bytes())
    (directory / "hash").write_bytes(changed)
    (directory / "id").write_bytes(bytes.fromhex("040000001400000003000000474e5500") + changed[:20])
    sums = {".swift_modhash": "hash", ".note.gnu.build-id": "id"}
    for section, name in sums.items():
        output("objcopy", "--update-section", f"{section}={directory}/{name}", program)
    return program


def test_the_same_commit_makes_the_same_bytes_in_another_directory(package, tmp_path):
    date = output("git", "-c", "safe.directory=*", "-C", ROOT, "log", "-1", "--format=%ct").strip()
    tree = checkout(tmp_path / "another" / "directory")
    program = built_elsewhere(tmp_path)
    assert fingerprint(program) != fingerprint(Path(BINARY))
    mask = os.umask(0o077)
    try:
        again = build(tree, tmp_path, program, SOURCE_DATE_EPOCH=date, TZ="Pacific/Auckland", LC_ALL="C")
    finally:
        os.umask(mask)
    assert again.name == package.name
    assert fingerprint(again) == fingerprint(package)


def test_a_release_has_its_version_and_date_and_comes_after_what_was_not_released(package, released):
    assert field(released, "Version") == f"{version()}-1"
    times = output("dpkg-deb", "--contents", released, env=os.environ | {"TZ": "UTC"})
    assert {line.split()[3] for line in times.splitlines()} == {"2027-02-03"}
    if "(unreleased)" in (ROOT / "CHANGELOG.md").read_text():
        assert field(package, "Version").startswith(f"{version()}~")
        versions = field(package, "Version"), "lt", field(released, "Version")
        output("dpkg", "--compare-versions", *versions)


def test_lintian_reports_nothing(package, tmp_path):
    result = run("lintian", "--allow-root", package)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    broken = tmp_path / "broken"
    output("dpkg-deb", "--raw-extract", package, broken)
    (broken / "usr/share/doc/regctl/copyright").unlink()
    (broken / "usr/bin/regctl").write_text("#!/bin/sh\n")
    output("dpkg-deb", "-Znone", "--root-owner-group", "--build", broken, tmp_path / package.name)
    assert "no-copyright-file" in run("lintian", "--allow-root", tmp_path / package.name).stdout


def test_the_package_is_small_and_its_program_is_stripped(package, tmp_path):
    assert package.stat().st_size < 5 * MEGABYTE
    output("dpkg-deb", "-x", package, tmp_path)
    for program, has_symbols in {tmp_path / "usr/bin/regctl": False, Path(BINARY): True}.items():
        sections = output("readelf", "--sections", "--wide", program)
        assert (".symtab" in sections) is has_symbols, program


def test_the_table_of_addresses_is_read_only_before_the_program_begins(package, tmp_path):
    """BIND_NOW beside RELRO, by what readelf says of the program that is packed."""
    output("dpkg-deb", "-x", package, tmp_path)
    # The last is the control: Debian binds the symbols of its programs when they are used.
    for program, is_bound in {tmp_path / "usr/bin/regctl": True, Path("/bin/true"): False}.items():
        assert ("BIND_NOW" in output("readelf", "--dynamic", program)) is is_bound, program
        assert "GNU_RELRO" in output("readelf", "--program-headers", "--wide", program)


def test_all_files_belong_to_root_and_are_not_writable_by_others(listing):
    for name, member in listing.members.items():
        assert (member.uid, member.gid) == (0, 0), name
        expected = 0o755 if member.isdir() or name == "/usr/bin/regctl" else 0o644
        assert member.mode == expected, name
    assert len({member.mtime for member in listing.members.values()}) == 1


def test_it_depends_on_the_libraries_that_it_links_and_on_those_that_it_loads(package):
    clauses = [clause.strip() for clause in field(package, "Depends").split(",")]
    versioned = {re.sub(r" \(>= \S+\)$", "", clause) for clause in clauses if "(>=" in clause}
    assert {"libc6", "libcrypt1", "libsqlite3-0", "zlib1g", "libssl3", "libidn2-0"} <= versioned
    # In the program these names are too short to stand in its data.
    source = (ROOT / "Sources" / "OpenSSL" / "OpenSSLLibrary.swift").read_text()
    loaded = set(re.findall(r'"lib(crypto|ssl)\.so\.(\d+)"', source))
    assert loaded == {("crypto", "3"), ("ssl", "3")}
    source = (ROOT / "Sources" / "IDN2" / "IDN2Library.swift").read_text()
    assert re.findall(r'"lib(\w+)\.so\.(\d+)"', source) == [("idn2", "0")]


def test_manual_pages_and_completions_are_those_of_the_checkout(listing):
    pages = [*(ROOT / "man").glob("*.[157]")]
    assert len(pages) > 20
    for page in pages:
        packed = listing.contents[f"/usr/share/man/man{page.suffix[1:]}/{page.name}.gz"]
        assert gzip.decompress(packed) == page.read_bytes(), page
        assert packed[3:8] == bytes(5), f"{page}: a name or a time in it"
    for name, target in {
        "regctl.bash": "/usr/share/bash-completion/completions/regctl",
        "_regctl": "/usr/share/zsh/vendor-completions/_regctl",
        "regctl.fish": "/usr/share/fish/vendor_completions.d/regctl.fish",
    }.items():
        assert listing.contents[target] == (ROOT / "completions" / name).read_bytes(), name


def test_the_licence_is_that_of_the_repository_and_the_changes_are_there(listing):
    documents = "/usr/share/doc/regctl"
    copyright = listing.contents[f"{documents}/copyright"].decode().replace("\n .\n", " ")
    licence = (ROOT / "LICENSE").read_text().removeprefix("MIT License\n\nCopyright (c) ")
    assert " ".join(licence.split("\n", 1)[1].split()) in " ".join(copyright.split())
    assert f"Copyright: {licence.splitlines()[0]}\n" in copyright
    changes = gzip.decompress(listing.contents[f"{documents}/changelog.gz"])
    assert changes == (ROOT / "CHANGELOG.md").read_bytes()


def test_the_bill_of_materials_is_about_the_program_and_the_version_of_the_package(listing, package):
    bill = json.loads(listing.contents["/usr/share/doc/regctl/regctl.spdx.json"])
    [program] = [part for part in bill["packages"] if part["name"] == "regctl"]
    assert program["versionInfo"] == field(package, "Version")
    found = hashlib.sha256(listing.contents["/usr/bin/regctl"]).hexdigest()
    assert [entry["checksumValue"] for entry in program["checksums"]] == [found]


@pytest.mark.parametrize(
    ("damage", "words", "complaint"),
    [
        ("rm -r man", [], "install: nothing is there for man/regctl.1"),
        ("rm man/*.5", [], "install: nothing is there for man/*.5"),
        ("rm completions/_regctl", [], "install: nothing is there for completions/_regctl"),
        ("sed -i 's/^## .*/## 9.9.9 (2027-02-03)/' CHANGELOG.md", [], "begins with '9.9.9 (2027"),
        ("sed -i 's/^## .*/## 9.9.9/' CHANGELOG.md", [], "build-deb: no commit and no date"),
        (":", ["--binary", "/nowhere"], "build-deb: no program '/nowhere'"),
        (":", ["--fast"], "build-deb: unknown option '--fast'"),
        (":", ["more"], "build-deb: one DIRECTORY only"),
    ],
)
def test_a_missing_file_is_reported_and_no_package_is_left(tmp_path, damage, words, complaint):
    tree = release(checkout(tmp_path / "tree"), f"{version()} (2027-02-03)")
    output("bash", "-c", damage, cwd=tree)
    script = tree / "Sources/Packaging/build-deb"
    result = run(script, "--binary", BINARY, tmp_path / "target", *words)
    assert result.returncode != 0
    assert complaint in result.stderr
    assert result.stdout == ""
    assert not list(tmp_path.rglob("*.deb"))


# The configuration that comes with it.

CONFIGURATION = PACKAGING / "regctl.conf"


def settings(configuration: Path | str) -> dict[str, str]:
    """Every effective setting, by key, as shown to root, who trusts only root's files."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        if isinstance(configuration, Path):
            file.write(configuration.read_text())
            file.flush()
            configuration = file.name
        line = [BINARY, "config", "--config", configuration, "--format", "tsv", "--no-header"]
        return dict(row.split("\t")[:2] for row in output(*line, env={}).splitlines())


def assignments(mark: str) -> list[tuple[str, str]]:
    """The keys and values on lines that begin with a mark."""
    return re.findall(rf"^{mark}([a-z_0-9]+) = (.*)$", CONFIGURATION.read_text(), re.M)


def test_the_configuration_names_every_setting_once():
    keys = [key for key, _ in assignments("#?")]
    assert sorted(keys) == sorted(settings("none"))


def test_the_configuration_changes_nothing_for_root_and_shows_the_defaults():
    defaults = settings("none")
    assert settings(CONFIGURATION) == defaults
    assert dict(assignments("")) == {"db": defaults["db"]}
    for key, value in assignments("#"):
        assert value == defaults[key] or not defaults[key], key


def test_every_line_of_the_configuration_is_accepted_without_its_mark(tmp_path):
    path = tmp_path / "regctl.conf"
    expected = dict(assignments("#?"))
    # One salt has two lines, of which a file has one.
    for omitted in ("security_password_salt", "security_password_salt_file"):
        lines = {key: value for key, value in expected.items() if key != omitted}
        path.write_text("".join(f"{key} = {value}\n" for key, value in lines.items()))
        path.chmod(0o644)
        assert settings(path).items() >= lines.items()


# Installed.


def test_the_tour_runs_where_there_is_no_swift(debian, package):
    debian.dpkg("--install", package)
    assert "Confirmed ann@example.org." in debian.ok("regctl", "tour")
    assert debian.ok("find", "/", "-xdev", "-iname", "*swift*", "-not", "-path", "/proc/*") == ""
    debian.ok("bash", "-c", "rm /usr/lib/*/lib{ssl,crypto}.so.3")
    assert debian.run("regctl", "tour").returncode != 0


@pytest.mark.parametrize("library", ["libssl3", "libidn2-0"])
def test_dpkg_wants_what_the_program_loads(debian, package, library):
    debian.dpkg("--purge", "--force-depends", library)
    shutil.copy(package, debian.path("/tmp"))
    result = debian.run("dpkg", "--install", f"/tmp/{package.name}")
    assert result.returncode != 0
    assert f"regctl depends on {library}" in result.stderr


def test_the_database_of_the_services_user_is_one_that_root_can_work_on_too(debian, package):
    debian.dpkg("--install", package)
    assert debian.ok("stat", "-c", "%U:%G %a", "/var/lib/regctl") == "regctl:regctl 700\n"
    assert debian.ok("stat", "-c", "%U:%G %a", "/etc/regctl/regctl.conf") == "root:root 644\n"
    debian.regctl("create-db")
    debian.ok("regctl", "register", "ann@example.org", "--no-password")
    assert "ann@example.org" in debian.regctl("list-unconfirmed")
    owners = debian.ok("find", "/var/lib/regctl", "-printf", "%u:%g ")
    assert set(owners.split()) == {"regctl:regctl"}


def test_nothing_is_enabled_by_default(debian, package):
    debian.dpkg("--install", package)
    units = ["regctl-deliver.timer", "regctl-prune.timer"]
    # What the first start of a copied image does.
    debian.run("systemctl", "preset", *units)
    assert debian.run("systemctl", "is-enabled", *units).stdout == "disabled\ndisabled\n"
    debian.path("/usr/lib/systemd/system-preset/50-regctl.preset").unlink()
    debian.run("systemctl", "preset", *units)
    assert debian.run("systemctl", "is-enabled", *units).stdout == "enabled\nenabled\n"


def test_an_upgrade_keeps_a_configuration_that_was_edited_and_renews_one_that_was_not(
    debian, package, released
):
    configuration = debian.path("/etc/regctl/regctl.conf")
    debian.dpkg("--install", package)
    debian.dpkg("--install", released)
    assert configuration.read_text().startswith("# A line that is new.\n")
    configuration.write_text("token_max_age = 2h\n")
    debian.dpkg("--install", "--force-confold", "--force-downgrade", package)
    assert configuration.read_text() == "token_max_age = 2h\n"


def test_an_upgrade_keeps_the_data_and_what_was_enabled(debian, package, released):
    debian.dpkg("--install", package)
    debian.regctl("create-db")
    debian.regctl("register", "ann@example.org", "--no-password")
    debian.ok("systemctl", "enable", "regctl-deliver.timer")
    debian.dpkg("--install", released)
    assert "ann@example.org" in debian.regctl("list-unconfirmed")
    assert debian.ok("systemctl", "is-enabled", "regctl-deliver.timer") == "enabled\n"
    assert debian.run("systemctl", "is-enabled", "regctl-prune.timer").stdout == "disabled\n"


def test_purge_leaves_only_the_data_and_says_so(debian, package):
    before = debian.files()
    debian.dpkg("--install", package)
    debian.regctl("create-db")
    debian.ok("systemctl", "enable", "regctl-deliver.timer", "regctl-prune.timer")
    present = debian.files()
    data = {name: present[name] for name in present if name.startswith("var/lib/regctl")}
    purge = debian.run("dpkg", "--purge", "regctl")
    assert "regctl: /var/lib/regctl stays, with accounts and signing keys" in purge.stdout
    assert purge.stderr == ""
    assert debian.files() == before | data
    assert {"var/lib/regctl/regctl.db", "var/lib/regctl/secret.key"} <= set(data)
    with sqlite3.connect(debian.path("/var/lib/regctl/regctl.db")) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (0,)


def test_purge_leaves_nothing_where_there_is_no_data(debian, package):
    before = debian.files()
    debian.dpkg("--install", package)
    assert debian.files() != before
    assert "stays" not in debian.dpkg("--purge", "regctl")
    assert debian.files() == before


def test_what_is_removed_comes_back_as_it_was(debian, package):
    debian.dpkg("--install", package)
    debian.ok("systemctl", "enable", "regctl-prune.timer")
    debian.path("/etc/regctl/regctl.conf").write_text("token_max_age = 2h\n")
    debian.dpkg("--remove", "regctl")
    assert not debian.path("/usr/bin/regctl").exists()
    debian.dpkg("--install", package)
    assert debian.ok("systemctl", "is-enabled", "regctl-prune.timer") == "enabled\n"
    assert debian.path("/etc/regctl/regctl.conf").read_text() == "token_max_age = 2h\n"


# Without a package.


def install(*words: str, **environment: object) -> str:
    """Runs the script that installs and uninstalls."""
    variables = {"PATH": os.environ["PATH"]} | environment
    line = [PACKAGING / "install", "--binary", BINARY, *words]
    return output(*line, env={name: str(value) for name, value in variables.items()})


def files_below(directory: Path) -> set[str]:
    return {f"/{path.relative_to(directory)}" for path in directory.rglob("*") if path.is_file()}


# Where the script puts what the package has elsewhere.
MOVED = {
    "/usr/share/zsh/vendor-completions/": "/usr/local/share/zsh/site-functions/",
    "/lib/systemd/": "/usr/local/lib/systemd/",
    "/usr/": "/usr/local/",
    "/etc/": "/etc/",
}


def below_prefix(name: str) -> str:
    """The place of a packaged file below /usr/local."""
    old, new = next(pair for pair in MOVED.items() if name.startswith(pair[0]))
    return new + name.removeprefix(old)


def test_the_script_installs_what_the_package_has_and_takes_it_away(listing, tmp_path):
    install(DESTDIR=tmp_path)
    of_debian = re.compile(r"/usr/share/(doc/regctl/[^/]+$|lintian/)")
    packaged = {below_prefix(name) for name in listing.contents if not of_debian.match(name)}
    assert files_below(tmp_path) == packaged
    unit = (tmp_path / "usr/local/lib/systemd/system/regctl-deliver.service").read_text()
    assert "ExecStart=/usr/local/bin/regctl deliver" in unit
    sample = (tmp_path / "usr/local/share/doc/regctl/examples/sudoers.support").read_text()
    assert "/usr/local/bin/regctl ^show " in sample and "/usr/bin/" not in sample
    assert "Confirmed ann@example.org." in output(tmp_path / "usr/local/bin/regctl", "tour")
    install("--uninstall", DESTDIR=tmp_path)
    assert files_below(tmp_path) == set()


def test_the_script_keeps_a_configuration_that_was_changed(tmp_path):
    install(DESTDIR=tmp_path)
    configuration = tmp_path / "etc/regctl/regctl.conf"
    configuration.write_text("token_max_age = 2h\n")
    install(DESTDIR=tmp_path)
    assert "was changed and stays" in install("--uninstall", DESTDIR=tmp_path)
    assert files_below(tmp_path) == {"/etc/regctl/regctl.conf"}
    assert configuration.read_text() == "token_max_age = 2h\n"


def test_in_a_home_directory_the_script_touches_nothing_of_the_system(tmp_path):
    install(PREFIX=tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"bin", "share"}
    install("--uninstall", PREFIX=tmp_path)
    assert files_below(tmp_path) == set()


def test_on_a_system_the_script_makes_the_user_and_the_directory(tmp_path):
    wanted = "systemd, binutils, libsqlite3-0, libssl3, zlib1g"
    debian = DebianRoot(tmp_path / "debian", wanted)
    checkout(debian.path("/root/regctl"))
    shutil.copy(BINARY, debian.path("/root/program"))
    script = "/root/regctl/Sources/Packaging/install"
    debian.ok(script, "--binary", "/root/program")
    assert debian.ok("stat", "-c", "%U %a", "/var/lib/regctl") == "regctl 700\n"
    debian.ok(*AS_REGCTL, "/usr/local/bin/regctl", "create-db")
    assert "/var/lib/regctl stays" in debian.ok(script, "--uninstall")
    assert debian.path("/var/lib/regctl/regctl.db").exists()
    shutil.rmtree(debian.directory)

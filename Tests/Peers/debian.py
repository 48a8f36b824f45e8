"""A minimal Debian in a directory, made of the packages that are installed on this machine."""

import hashlib
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

from regctl import ROOT

PACKAGING = ROOT / "Sources" / "Packaging"
DEVICES = {
    "null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0),
}
# What `sudo -u regctl` gives a command.
AS_REGCTL = [
    "setpriv", "--reuid=regctl", "--regid=regctl", "--init-groups",
    "env", "-i", "HOME=/var/lib/regctl", "PATH=/usr/bin:/bin",
]


def run(*words: object, **options) -> subprocess.CompletedProcess:
    """Runs a command to its end, with nothing to read."""
    options = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True} | options
    return subprocess.run([str(word) for word in words], timeout=300, **options)


def output(*words: object, **options) -> str:
    """Runs a command, which must succeed, and returns its standard output."""
    result = run(*words, **options)
    assert result.returncode == 0, (words, result.stdout, result.stderr)
    return result.stdout


# A minimal Debian.


def installed_packages() -> tuple[dict[str, str], list[str], dict[str, str]]:
    """The dependencies of each installed package, the essential ones, and providers of names."""
    fields = ["Package", "Essential", "Pre-Depends", "Depends", "Provides", "db:Status-Abbrev"]
    form = "\t".join(f"${{{field}}}" for field in fields) + "\n"
    depends, essential, providers = {}, [], {}
    for line in output("dpkg-query", "-W", "-f", form).splitlines():
        name, is_essential, *needs, provides, status = line.split("\t")
        if status.strip() != "ii":
            continue
        depends[name] = ", ".join(needs)
        essential += [name] if is_essential == "yes" else []
        for virtual in provides.split(","):
            providers.setdefault(virtual.split("(")[0].strip(), name)
    return depends, essential, providers


def closure(wanted: str) -> list[str]:
    """The essential packages, and those that satisfy dependencies such as a package states."""
    depends, essential, providers = installed_packages()
    found: set[str] = set()
    waiting = [*essential, *chosen(wanted, depends, providers)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += chosen(depends[name], depends, providers)
    return sorted(found)


def chosen(clauses: str, depends: dict, providers: dict) -> list[str]:
    """The installed packages that satisfy each clause of a dependency field."""
    names = []
    for clause in filter(None, map(str.strip, clauses.split(","))):
        options = [re.split(r"[ (:]", option.strip())[0] for option in clause.split("|")]
        present = [name if name in depends else providers.get(name) for name in options]
        names.append(next(filter(None, present)))
    return names


class DebianRoot:
    """A minimal Debian in a directory, and commands run in it without any network."""

    def __init__(self, directory: Path, wanted: str) -> None:
        self.directory = directory
        packages = closure(wanted)
        directory.mkdir()
        self.copy_files(packages)
        self.write_database(packages)
        for name in ("passwd", "group"):
            shutil.copy(f"/usr/share/base-passwd/{name}.master", directory / "etc" / name)
        for name in ("mnt", "proc", "root", "run", "srv", "sys", "tmp", "var/tmp"):
            (directory / name).mkdir(parents=True, exist_ok=True)
        self.make_devices()

    def make_devices(self) -> None:
        """Makes the devices that every program may count on."""
        devices = self.directory / "dev"
        for name in ("pts", "shm"):
            (devices / name).mkdir(parents=True)
        for name, number in DEVICES.items():
            os.mknod(devices / name, stat.S_IFCHR, os.makedev(*number))
            (devices / name).chmod(0o666)
        (devices / "ptmx").symlink_to("pts/ptmx")
        (devices / "stdin").symlink_to("/proc/self/fd/0")

    def copy_files(self, packages: list[str]) -> None:
        """Copies the files of packages on this machine, without documentation."""
        skipped = ("/usr/share/doc", "/usr/share/locale", "/usr/share/man", "/usr/share/info")
        links = ("/bin", "/sbin", "/lib", "/lib64")
        names = {link for link in links if os.path.islink(link)}
        for name in output("dpkg", "-L", *packages).splitlines():
            if name.startswith("/") and name != "/." and not name.startswith(skipped):
                # /bin and its like are links, which a directory of that name would replace.
                path = Path(name).parent.resolve() / Path(name).name
                names |= {str(each) for each in (path, *path.parents) if os.path.lexists(each)}
        # 1 says that something changed meanwhile, as /tmp may at any time.
        pipe = "{ tar -C / --no-recursion -c --null -T - || [ $? = 1 ]; } | tar -C \"$0\" -xp"
        relative = "\0".join(sorted(name[1:] for name in names - {"/"}))
        output("bash", "-o", "pipefail", "-c", pipe, self.directory, input=relative, stdin=None)

    def write_database(self, packages: list[str]) -> None:
        """Lets dpkg know the packages, and no others."""
        database = self.directory / "var" / "lib" / "dpkg"
        for name in ("info", "updates", "triggers", "alternatives"):
            (database / name).mkdir(parents=True, exist_ok=True)
        (database / "status").write_text(output("dpkg", "--status", *packages))
        for file in Path("/var/lib/dpkg/info").glob("*.list"):
            if file.stem.split(":")[0] in packages:
                shutil.copy(file, database / "info")

    def run(self, *words: object) -> subprocess.CompletedProcess:
        """Runs a command of the minimal Debian to its end."""
        return run(
            "unshare", "--mount", "--net", "--pid", "--fork",
            f"--mount-proc={self.directory}/proc", "chroot", self.directory, *words,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"},
        )

    def ok(self, *words: object) -> str:
        """Runs a command, which must succeed, and returns its standard output."""
        result = self.run(*words)
        assert result.returncode == 0, (words, result.stdout, result.stderr)
        return result.stdout

    def regctl(self, *words: object) -> str:
        """Runs regctl as `sudo -u regctl regctl` does; it must succeed."""
        return self.ok(*AS_REGCTL, "regctl", *words)

    def dpkg(self, *words: object) -> str:
        """Runs dpkg, which must succeed, on packages of this machine."""
        packages = [word for word in words if isinstance(word, Path)]
        for package in packages:
            shutil.copy(package, self.path("/tmp"))
        options = [word for word in words if word not in packages]
        return self.ok("dpkg", *options, *[f"/tmp/{package.name}" for package in packages])

    def path(self, name: str) -> Path:
        """A file as this machine sees it."""
        return self.directory / name.lstrip("/")

    def files(self) -> dict[str, str]:
        """Every file, link and directory with what is in it, but for what dpkg and time leave."""
        passing = re.compile(
            r"(proc|tmp|run|var/lib/dpkg|var/log|var/cache)(/|$)"
            r"|etc/((passwd|group|g?shadow)-?|\.pwd\.lock)$"
        )
        found = {}
        for path in self.directory.rglob("*"):
            name = str(path.relative_to(self.directory))
            if not passing.match(name):
                found[name] = fingerprint(path)
        return found


def fingerprint(path: Path) -> str:
    """Changes with the content of a file."""
    if path.is_symlink():
        return os.readlink(path)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""

"""A name is looked up in a thread of its own; the thread sanitizer finds no race in that."""

import re
import subprocess
from pathlib import Path

from regctl import ROOT

SMTP = ROOT / "Sources" / "SMTP"
THREAD_START = ROOT / "Sources" / "System" / "ThreadStart.swift"
FILES = ["Resolver.swift", "SessionFault.swift", "SocketAddress.swift"]
FEATURES = ["InternalImportsByDefault", "MemberImportVisibility"]

# Many questions at once: with answers at once, with answers that are late, and of the system.
MAIN = """
import Dispatch

DispatchQueue.concurrentPerform(iterations: 60) { number in
  let limit = Duration.milliseconds(number % 3 == 0 ? 1 : 60_000)
  do throws(SessionFault) {
    let found =
      number % 3 == 2
      ? try Resolver.addresses(of: "localhost", port: 25, within: limit)
      : try Resolver.addresses(of: "mx", port: number, within: limit) { name, port in
        if port % 3 == 0 { usleep(3000) }
        return .found([])
      }
    precondition(number % 3 == 2 ? found.allSatisfy(\\.isLoopback) : found.isEmpty)
  } catch {
    precondition(number % 3 == 0 && error.reason.hasPrefix("cannot find mx: no answer"))
  }
}
// The late ones have answered by now, or never will.
usleep(200_000)
print("done")
"""


def sanitized(directory: Path, sources: list[Path]) -> subprocess.CompletedProcess:
    """Builds a program of some sources with the thread sanitizer, and runs it."""
    (directory / "main.swift").write_text("import Glibc\n" + MAIN)
    program = directory / "program"
    features = [word for feature in FEATURES for word in ("-enable-upcoming-feature", feature)]
    line = ["swiftc", "-swift-version", "6", "-package-name", "regctl", "-sanitize=thread", "-g", *features]
    built = subprocess.run(
        [*line, *sources, directory / "main.swift", "-o", program], capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr
    return subprocess.run([program], capture_output=True, text=True, timeout=120)


def specialized() -> str:
    """The source of the thread for answers of one type: the sanitizer sees no access to a generic one."""
    source = (SMTP / "LookupThread.swift").read_text()
    assert "LookupThread<Answer: Sendable>" in source
    source = source.replace("LookupThread<Answer: Sendable>", "LookupThread")
    source = source.replace("internal import System\n", "")
    return re.sub(r"\bAnswer\b", "Resolver.Answer", source).replace("package ", "")


def with_thread(directory: Path, source: str) -> list[Path]:
    path = directory / "LookupThread.swift"
    path.write_text(source)
    return [*[SMTP / name for name in FILES], THREAD_START, path]


def test_a_lookup_passes_its_answer_without_a_race(tmp_path):
    run = sanitized(tmp_path, with_thread(tmp_path, specialized()))
    assert (run.returncode, run.stdout) == (0, "done\n"), run.stderr
    assert "WARNING: ThreadSanitizer" not in run.stderr


def test_the_sanitizer_sees_a_race(tmp_path):
    """The control: the same program with the answer in a field that no lock guards."""
    racy = specialized()
    for locked, bare in [
        ("let result = Mutex<Resolver.Answer?>(nil)", "nonisolated(unsafe) var result: Resolver.Answer?"),
        ("result.withLock { $0 = answer }", "result = answer"),
        ("result.withLock { $0 }", "result"),
    ]:
        assert locked in racy
        racy = racy.replace(locked, bare)
    run = sanitized(tmp_path, with_thread(tmp_path, racy))
    assert "WARNING: ThreadSanitizer: " in run.stderr

import Glibc
import TestSupport
import Testing

@testable import System

@Suite("ChildProcess") struct ChildProcessTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    // As regctl does at start: writing to a program that has ended is an error, not fatal.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Runs a shell script.
  private func run(
    _ script: String, input: [UInt8] = [], outputLimit: Int = 1000,
    within limit: Duration = .seconds(10)
  ) throws -> ChildProcess.Ending {
    try ChildProcess.run(
      "/bin/sh", ["/bin/sh", "-c", script], input: input, outputLimit: outputLimit, within: limit)
  }

  private func text(_ ending: ChildProcess.Ending) -> String {
    String(decoding: ending.output, as: UTF8.self)
  }

  // MARK: Exit status

  @Test(arguments: [0, 1, 75, 127, 255] as [Int32])
  func `a program that ends has an exit code`(_ code: Int32) throws {
    #expect(try run("exit \(code)").status == .exited(code))
  }

  @Test(arguments: [SIGTERM, SIGKILL, SIGINT, SIGPIPE, SIGHUP])
  func `a program that dies has a signal`(_ signal: Int32) throws {
    #expect(try run("kill -\(signal) $$; exit 0").status == .signalled(signal))
  }

  @Test func `blocked signals reach the program`() throws {
    var signals = sigset_t()
    var previous = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
    #expect(try run("kill -TERM $$; exit 0").status == .signalled(SIGTERM))
  }

  @Test func `a missing program cannot be run`() {
    let path = "\(directory.path)/nothing"
    #expect(throws: FileError(operation: "run", path: path, code: ENOENT)) {
      try ChildProcess.run(path, [path], input: [], outputLimit: 10, within: .seconds(10))
    }
  }

  @Test func `a file that is not a program cannot be run`() throws {
    let path = try directory.write("file", "text")
    #expect(throws: FileError(operation: "run", path: path, code: EACCES)) {
      try ChildProcess.run(path, [path], input: [], outputLimit: 10, within: .seconds(10))
    }
  }

  @Test func `the program gets its arguments unchanged`() throws {
    let words = ["a b", "", "$HOME", "-x", "é", "'\"\\"]
    let ending = try ChildProcess.run(
      "/bin/sh", ["/bin/sh", "-c", #"printf '%s\n' "$@""#, "sh"] + words, input: [],
      outputLimit: 1000,
      within: .seconds(10))
    #expect(text(ending) == words.map { "\($0)\n" }.joined())
  }

  // MARK: Input

  @Test(arguments: [0, 1, 4096, 65_536, 65_537, 300_000])
  func `the program reads all of its input, and its end`(_ count: Int) throws {
    let ending = try run("wc -c", input: [UInt8](repeating: 0x78, count: count))
    #expect(Int(text(ending).filter { $0.isNumber }) == count)
  }

  @Test func `a program that does not read is not waited for`() throws {
    #expect(try run("exit 3", input: [UInt8](repeating: 0, count: 1_000_000)).status == .exited(3))
  }

  @Test func `a program may read only a part of its input`() throws {
    let ending = try run(
      "exec head -c 10", input: Array(repeating: UInt8(ascii: "x"), count: 1_000_000))
    #expect(ending.status == .exited(0))
    #expect(text(ending) == "xxxxxxxxxx")
  }

  @Test func `a program may read and write at once`() throws {
    let input = [UInt8](repeating: UInt8(ascii: "x"), count: 300_000)
    #expect(try run("cat", input: input, outputLimit: .max).output == input)
  }

  // MARK: Output

  @Test func `both of its outputs are kept in their order`() throws {
    #expect(try text(run("echo a; echo b >&2; echo c")) == "a\nb\nc\n")
  }

  @Test(arguments: [(0, 0), (1, 1), (500, 500), (100_000, 100_000), (1_000_000, 300_000)])
  func `its output is kept up to a limit`(_ limit: Int, kept: Int) throws {
    let ending = try run("head -c 300000 /dev/zero", outputLimit: limit)
    #expect(ending.output.count == kept)
    #expect(ending.status == .exited(0))
  }

  @Test func `a program may close its output before it ends`() throws {
    #expect(try run("exec >/dev/null 2>&1; sleep 0.1; exit 4").status == .exited(4))
  }

  @Test func `processes left by a program are not waited for`() throws {
    let start = ContinuousClock.now
    #expect(try run("sleep 5 & echo done").status == .exited(0))
    #expect(ContinuousClock.now - start < .seconds(4))
  }

  // MARK: Time limit

  private static let limit = Duration.milliseconds(200)

  /// Scripts that never end: idle, ignoring SIGTERM, writing endlessly, not reading.
  @Test(arguments: [
    "exec sleep 30", "trap '' TERM; sleep 30", "exec yes", "exec cat /dev/zero >&2",
    "exec >/dev/null 2>&1; sleep 30",
  ])
  func `a program past its time limit is killed`(_ script: String) throws {
    let start = ContinuousClock.now
    let ending = try run(
      script, input: [UInt8](repeating: 0, count: 1_000_000), within: Self.limit)
    #expect(ending.status == .timedOut)
    #expect(ContinuousClock.now - start < .seconds(4))
  }

  @Test func `its output until then is kept`() throws {
    #expect(try text(run("echo so far; exec sleep 30", within: Self.limit)) == "so far\n")
  }

  @Test func `its whole process group is killed`() throws {
    let fifo = "\(directory.path)/fifo"
    try #require(mkfifo(fifo, 0o600) == 0)
    let reader = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    defer { close(reader) }
    #expect(try run("(sleep 30 & sleep 30) > \(fifo)", within: Self.limit).status == .timedOut)
    // The other end is closed when the last process that has it ends.
    var end = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
    poll(&end, 1, 2000)
    #expect(Int32(end.revents) & Int32(POLLHUP) != 0)
  }
}

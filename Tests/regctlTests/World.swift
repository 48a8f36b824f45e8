import Glibc
import RegctlCore
import System
import TestSupport
import Testing

@testable import regctl

/// A file that is removed when its descriptor is closed.
private func unnamedFile() -> Int32 {
  var template = Array("\(TemporaryDirectory.parent)/regctl-test.XXXXXX".utf8CString)
  let descriptor = mkstemp(&template)
  unlink(template)
  return descriptor
}

/// A stream whose bytes can be read back, in an unnamed file.
final class Capture {
  private let descriptor = unnamedFile()

  deinit { close(descriptor) }

  func stream(named name: String = "standard output") -> OutputStream {
    OutputStream(descriptor: descriptor, name: name)
  }

  /// All bytes written so far.
  var bytes: [UInt8] {
    var content = [UInt8](repeating: 0, count: Int(lseek(descriptor, 0, SEEK_END)))
    let count = pread(descriptor, &content, content.count, 0)
    return Array(content.prefix(count))
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Standard input with given bytes.
final class TypedInput {
  private let descriptor = unnamedFile()

  init(_ bytes: [UInt8]) {
    write(descriptor, bytes, bytes.count)
    lseek(descriptor, 0, SEEK_SET)
  }

  deinit { close(descriptor) }

  var source: InputSource { InputSource(descriptor: descriptor) }
}

extension Environment {
  /// Environment variables from a table.
  init(_ variables: [String: String]) {
    self.init(variables.map { (name: $0.key, value: $0.value) })
  }
}

/// A test environment: a directory, a database of the engine that the tests run for, a frozen clock,
/// captured streams and a scripted terminal.
final class World {
  let directory: String

  /// The database on a server; `nil` for a file.
  let server: TemporaryDatabase?
  let output = Capture()
  let errorOutput = Capture()
  var now = Instant(seconds: 1_795_424_400)  // 2026-11-23 09:00 UTC
  var environment: Environment = [:]
  var uid: UInt32 = geteuid()
  var input = TypedInput([])
  var outputIsTerminal = false
  var errorIsTerminal = false
  var errorIsJournal = false

  /// How much time passes between two looks at it; `nil` for as much as does.
  var pace: Duration?
  private var elapsed = Duration.zero

  /// The size of the terminal; `nil` where nothing is fitted to it.
  var terminalSize: (columns: Int, lines: Int)?

  /// The answers typed at the terminal's prompts; without any there is no terminal.
  var answers: [String] = []
  private(set) var questions: [String] = []

  /// A directory with a configuration, and optionally a database.
  init(hasDatabase: Bool = true, settings: String = "") throws {
    var template = Array("\(TemporaryDirectory.parent)/regctl-test.XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    switch TestEngine.current {
    case .sqlite: server = nil
    case .postgresql:
      server = try TemporaryDatabase(copying: hasDatabase ? Self.original.get() : nil)
      environment["STATE_DIRECTORY"] = directory
    }
    let configuration = """
      db = \(server?.address ?? "\(directory)/regctl.db")
      confirm_url = https://app.example/confirm/{token}
      mail_transport = maildir
      maildir_path = \(directory)/Maildir
      mail_default_sender = accounts@app.example
      bcrypt_cost = 4
      \(settings)

      """
    try FileSystem.create("\(directory)/regctl.conf", content: Array(configuration.utf8))
    environment["REGCTL_CONFIG"] = "\(directory)/regctl.conf"
    if hasDatabase, server == nil { #expect(run("create-db --quiet") == .ok) }
    if hasDatabase, server != nil {
      #expect(try SecretFile.createKey("\(directory)/secret.key", uid: geteuid()))
    }
  }

  /// The database on the server that each world copies.
  private static let original = Result {
    let database = try TemporaryDatabase()
    try Store.create(
      DatabaseLocation(database.address), journalMode: .wal,
      at: Instant(seconds: 1_795_424_400), by: Actor(name: "tester", uid: geteuid()))
    return database
  }

  deinit { FileSystem.removeTree(directory) }

  var context: Context {
    var context = Context(
      environment: environment, identity: ProcessIdentity(uid: uid), userName: { "tester" },
      clock: { self.now },
      input: input.source, output: output.stream(),
      errorOutput: errorOutput.stream(named: "standard error"),
      terminal: Terminal(
        outputIsTerminal: outputIsTerminal, errorIsTerminal: errorIsTerminal,
        errorIsJournal: errorIsJournal, size: terminalSize,
        readSecret: { prompt in
          self.questions.append(prompt)
          guard !self.answers.isEmpty else { return .noTerminal }
          return .entered(Array(self.answers.removeFirst().utf8))
        },
        confirm: { question in
          self.questions.append(question)
          return self.answers.isEmpty ? nil : self.answers.removeFirst() == "y"
        }))
    if let pace {
      let start = ContinuousClock.now
      context.stopwatch = {
        self.elapsed += pace
        return start + self.elapsed
      }
    }
    return context
  }

  /// The lines of progress that a command shows if each of its steps lasts some seconds.
  func progress(of line: String, endingWith exitCode: ExitCode = .ok) -> [String] {
    errorIsTerminal = true
    pace = .seconds(2)
    let before = errorOutput.bytes.count
    #expect(run(line) == exitCode, "\(errorOutput.text)")
    (errorIsTerminal, pace) = (false, nil)
    let text = String(decoding: errorOutput.bytes[before...], as: UTF8.self)
    let parts = text.split(separator: "\r\u{1B}[K", omittingEmptySubsequences: false)
    // What is before the first line and behind the last erasure was said otherwise.
    return parts.dropFirst().dropLast().map(String.init).filter { !$0.isEmpty }
  }

  /// Runs words separated by spaces.
  @discardableResult
  func run(_ line: String) -> ExitCode {
    Regctl.run(ArgumentBytes(line.split(separator: " ").map(String.init)), in: context)
  }

  /// Runs words and returns their standard output.
  func printed(_ line: String, endingWith exitCode: ExitCode = .ok) -> String {
    let before = output.bytes.count
    #expect(run(line) == exitCode, "\(errorOutput.text)")
    return String(decoding: output.bytes[before...], as: UTF8.self)
  }
}

/// The error for a command line.
func fault(of line: String) throws -> UsageError.Fault {
  let words = line.split(separator: " ").map(String.init)
  let outcome = CommandLineParser(environment: [:]).parse(ArgumentBytes(words))
  return try #require(throws: UsageError.self) { try outcome.result.get() }.fault
}

import Foundation
import Testing

/// A line of a source file.
private struct SourceLine: Sendable {
  let file: String
  let number: Int
  let text: String

  /// The module that the line imports: `internal import Glibc`, `import struct SMTP.Mailbox`.
  let importedModule: String?

  init(file: String, number: Int, text: String) {
    self.file = file
    self.number = number
    self.text = text
    let words = text.split(separator: " ")
    let modifiers = words.prefix { $0 != "import" }
    let isImport = modifiers.allSatisfy {
      $0.hasPrefix("@") || ["public", "package", "internal", "private"].contains($0)
    }
    let name = isImport ? words.dropFirst(modifiers.count + 1).last : nil
    importedModule = name.map { String($0.prefix { $0 != "." }) }
  }

  /// The directory that makes up the module, the first in the file's path.
  var module: String { String(file.prefix { $0 != "/" }) }

  /// The words of the line in lower case; a name such as `TokenSigner` has two.
  var words: [String] {
    var words = [""]
    var isAfterCapital = false
    for character in text {
      let isCapital = character.isUppercase
      if !character.isLetter || (isCapital && !isAfterCapital) { words.append("") }
      if character.isLetter { words[words.count - 1] += character.lowercased() }
      isAfterCapital = isCapital
    }
    return words.filter { !$0.isEmpty }
  }

  /// Whether the line, comment or not, contains one of several words.
  func contains(_ words: String...) -> Bool {
    words.contains { Array(text.utf8).firstRange(of: Array($0.utf8)) != nil }
  }
}

@Suite("Layering") struct LayeringTests {
  private static let lines: [SourceLine] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources").standardizedFileURL
    let paths = FileManager.default.enumerator(atPath: root.path())?.compactMap { $0 as? String }
    return (paths ?? []).filter { $0.hasSuffix(".swift") }.sorted().flatMap { path in
      let text = (try? String(contentsOf: root.appending(path: path), encoding: .utf8)) ?? ""
      return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        .map { SourceLine(file: path, number: $0.offset + 1, text: String($0.element)) }
    }
  }()

  /// Expects that no line violates the rule.
  private func expectNone(_ reason: Comment, where isWrong: (SourceLine) -> Bool) {
    let wrong = Self.lines.filter(isWrong).map { "\($0.file):\($0.number): \($0.text)" }
    #expect(wrong.isEmpty, reason)
  }

  @Test func `the sources are found`() {
    #expect(
      Set(Self.lines.map(\.module)).isSuperset(
        of: ["Base", "System", "SQLite", "PostgreSQL", "SMTP", "RegctlCore", "regctl"]))
    #expect(Self.lines.contains { $0.importedModule == "CSQLite" })
  }

  /// Figures of speech and vague subjects that names, comments and messages once had.
  private static let retiredWords: Set<String> = [
    "voice", "tally", "ailment", "desk", "courier", "steering", "rehearsal", "fate", "outcome",
    "bond", "whoever", "nobody", "somebody", "everybody",
  ]

  @Test func `names, comments and messages contain no retired words`() {
    expectNone("use the field's word") { line in
      line.words.contains(where: Self.retiredWords.contains)
    }
  }

  @Test(arguments: ["  let tokenDesk = 1", "/// Whoever asks.", "  case .ailment:", "DeskTop"])
  func `a retired word is found in names and sentences`(_ text: String) {
    let line = SourceLine(file: "", number: 1, text: text)
    #expect(line.words.contains(where: Self.retiredWords.contains))
  }

  @Test(arguments: [
    ("CGlibc", "System/"), ("CSQLite", "SQLite/"), ("COpenSSL", "OpenSSL/"),
    ("CPQ", "PostgreSQL/"), ("CIDN2", "IDN2/"),
    ("CCrypt", "RegctlCore/Accounts/Bcrypt.swift"),
    ("CZlib", "RegctlCore/Tokens/Deflate.swift"),
  ])
  func `a C library has one importer`(_ library: String, place: String) {
    expectNone("\(library) belongs to \(place)") {
      $0.importedModule == library && !$0.file.hasPrefix(place)
    }
  }

  @Test(arguments: [
    ("Base", []), ("System", ["Base", "CGlibc", "Glibc"]), ("SQL", []),
    ("SQLite", ["Base", "System", "SQL", "CSQLite", "Glibc", "Synchronization"]),
    ("PostgreSQL", ["Base", "System", "SQL", "CPQ", "Glibc"]),
    ("OpenSSL", ["Base", "System", "COpenSSL", "Glibc"]),
    ("IDN2", ["Base", "System", "CIDN2"]),
    ("SMTP", ["Base", "System", "OpenSSL", "Glibc", "Synchronization"]),
    (
      "RegctlCore",
      [
        "Base", "System", "SQL", "SQLite", "PostgreSQL", "OpenSSL", "IDN2", "SMTP", "CCrypt",
        "CZlib", "Glibc",
        // The standard library, by name where it is asked for what it does not promise.
        "Synchronization", "Swift",
      ]
    ),
    ("regctl", ["Base", "System", "RegctlCore", "Glibc"]),
  ])
  func `a module imports only permitted modules`(_ module: String, allowed: [String]) {
    expectNone("\(module) may import \(allowed.joined(separator: ", "))") { line in
      line.module == module && !(line.importedModule.map(allowed.contains) ?? true)
    }
  }

  /// The words by which an engine, its tools and its files are recognized, in lower case.
  private static let engineWords = [
    "sqlite", "postgres", "libpq", "pragma", "-wal", "-shm", "-journal",
  ]

  /// What may mention an engine outside the engine's modules and the store: a file, or its lines
  /// with some words.
  private static let engineExceptions = [
    (
      file: "RegctlCore/Configuration/DatabaseLocation.swift", words: nil,
      reason: "the setting names an engine by the scheme of a URL"
    ),
    (
      file: "RegctlCore/Configuration/ServerAddress.swift", words: nil,
      reason: "an address has the form that the client's library reads"
    ),
    (
      file: "RegctlCore/Configuration/Setting.swift", words: "postgresql://host/name",
      reason: "the example of an address has its scheme"
    ),
    (
      file: "regctl/Output/DatabaseAdvice.swift", words: String?.none,
      reason: "hints name the tool that repairs the database"
    ),
    (
      file: "regctl/Commands/MigrateDB.swift", words: "--db dev.sqlite",
      reason: "the example is the usual name of a Flask application's file"
    ),
    (
      file: "regctl/Commands/MoveDB.swift", words: "postgresql://",
      reason: "the examples name a server"
    ),
  ]

  private static func isException(_ line: SourceLine) -> Bool {
    engineExceptions.contains { file, words, _ in
      line.file == file && words.map { line.text.contains($0) } ?? true
    }
  }

  /// Whether a line outside the modules of engines and the store mentions an engine.
  private static func mentionsEngine(_ line: SourceLine) -> Bool {
    if ["SQL", "SQLite", "PostgreSQL"].contains(line.module) { return false }
    if line.file.hasPrefix("RegctlCore/Store/") { return false }
    let text = line.text.lowercased()
    return engineWords.contains { text.contains($0) }
  }

  @Test func `no use case and no command mentions an engine`() {
    expectNone("what depends on the engine belongs to the store") { line in
      Self.mentionsEngine(line) && !Self.isException(line)
    }
  }

  @Test func `each exception for the name of an engine is used`() {
    let used = Self.lines.filter { Self.mentionsEngine($0) && Self.isException($0) }.map(\.file)
    #expect(Set(used) == Set(Self.engineExceptions.map(\.file)))
  }

  @Test(arguments: [
    ("RegctlCore/Accounts/Check.swift", "  /// As SQLAlchemy stores it in SQLite.", true),
    ("RegctlCore/Outbox/Deliverer.swift", "    let log = path + \"-wal\"", true),
    ("regctl/Commands/Backup.swift", "    // A PRAGMA would do.", true),
    ("RegctlCore/Accounts/Check.swift", "  /// As SQLAlchemy writes a date.", false),
    ("RegctlCore/Store/Store+File.swift", "internal import SQLite", false),
  ])
  func `an engine is recognized in code and in comments`(
    _ file: String, text: String, isMention: Bool
  ) {
    let line = SourceLine(file: file, number: 1, text: text)
    #expect(Self.mentionsEngine(line) == isMention)
  }

  @Test func `Foundation is not imported`() {
    expectNone("it costs 58 MB and 3 ms") { $0.importedModule?.hasPrefix("Foundation") ?? false }
  }

  @Test func `nothing is public`() {
    expectNone("the product is an executable") { $0.contains("public ") }
  }

  @Test func `every trap has a reason`() {
    expectNone("a bug is a precondition with a reason") {
      $0.contains("try!", "fatalError", "as!")
    }
  }

  @Test func `one file ends the process`() {
    expectNone("everything else can be called from a test") { line in
      line.file != "regctl/Regctl.swift" && line.contains("exit(")
    }
  }

  @Test func `a command knows no format`() {
    expectNone("the sink prints what a command pushes") { line in
      line.file.hasPrefix("regctl/Commands/")
        && line.contains("OutputFormat", "globals.format", "JSONRenderer.append(", "TSVRenderer")
        && !line.file.hasSuffix("StoredAccountRow.swift")
    }
  }

  @Test func `output code does not read the store`() {
    expectNone("work is done by the time that it is printed") { line in
      line.file.hasPrefix("regctl/Output/")
        && line.contains("Store.open", "try store.", "context.store(", "transaction {")
    }
  }

  @Test func `tests use Swift Testing`() {
    expectNone("XCTest is not linked") { $0.importedModule == "XCTest" }
  }
}

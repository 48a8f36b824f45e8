import Foundation
import TestSupport

/// Runs the lines of a script in a new directory with its own environment.
///
/// `regctl WORDS` must succeed and `! regctl WORDS` fail; `status N` says with which exit code;
/// `stdout REGEX` and `stderr REGEX` look at what the last command printed, `!` before them
/// denies it; `stdin FILE` is for the next command, with `$NAME` in it replaced; `exec COMMAND`
/// runs anything else; `exists FILE`, `chmod MODE FILE`, `env NAME=VALUE`, `unset NAME`;
/// `capture NAME REGEX [FILE]` keeps what a group matched as `$NAME`.
///
/// The configuration's database is `regctl.db`; in runs for another engine it is a database on a
/// server. `$DB` is the value of its setting. `sql STATEMENTS` runs SQL in it, and `sql ENGINE STATEMENTS` only in runs for the engine;
/// `@FILE` in place of the statements is a file of them. `keep` remembers what is in it, and
/// `unchanged` compares.
struct ScriptRunner: ~Copyable {
  private let script: Script
  private let directory: URL
  private var environment: [String: String]
  private var variables: [String: String]
  private var input: Data?
  private var kept: Data?

  /// The database on a server; `nil` for the file `regctl.db`.
  private let database: TemporaryDatabase?
  private(set) var status: Int32 = 0
  private(set) var output = ""
  private(set) var errorOutput = ""

  /// The program under test: the value of `REGCTL_BINARY`, or the one built beside the test bundle.
  private static let binary =
    ProcessInfo.processInfo.environment["REGCTL_BINARY"].map { URL(filePath: $0) }
    ?? URL(filePath: CommandLine.arguments[0])
    .deletingLastPathComponent().appending(path: "regctl")

  init(_ script: Script) throws {
    let database = TestEngine.current == .postgresql ? try TemporaryDatabase() : nil
    let directory = try Self.directory(of: script, database)
    let work = directory.path(percentEncoded: false)
    let hasConfiguration = script.files.contains { $0.name == "regctl.conf" }
    let binaries = Self.binary.deletingLastPathComponent().path(percentEncoded: false)
    self.script = script
    self.database = database
    self.directory = directory
    environment = [
      "PATH": "\(binaries):/usr/bin:/bin",
      "REGCTL_CONFIG": hasConfiguration ? "\(work)/regctl.conf" : "none",
      // Otherwise a script without a configuration would use the machine's own accounts.
      "STATE_DIRECTORY": work,
    ]
    if let database, !hasConfiguration { environment["REGCTL_DB"] = database.address }
    variables = ["WORK": work, "DB": database?.address ?? "regctl.db"]
  }

  /// A new directory with the files of a script.
  private static func directory(of script: Script, _ database: TemporaryDatabase?) throws -> URL {
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "regctl-\(script.name)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    for file in script.files {
      let path = directory.appending(path: file.name)
      try FileManager.default.createDirectory(
        at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      let content =
        database.map { file.content.replacing("db = regctl.db", with: "db = \($0.address)") }
        ?? file.content
      try Data(content.utf8).write(to: path)
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o600], ofItemAtPath: path.path(percentEncoded: false))
    }
    return directory
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  /// Runs one line; throws when it fails.
  mutating func run(_ line: String) throws {
    if line.isEmpty || line.hasPrefix("#") { return }
    var words = try Script.words(of: line, variables: variables)
    let isNegated = words[0] == "!"
    if isNegated { words.removeFirst() }
    guard let verb = words.first else { throw ScriptFailure("nothing behind the !") }
    let operands = Array(words.dropFirst())
    switch verb {
    case "regctl":
      try execute(Self.binary, operands, succeeds: !isNegated)
    case "exec":
      try execute(URL(filePath: "/usr/bin/env"), operands, succeeds: !isNegated)
    case "sql":
      if operands.count == 2, operands[0] != TestEngine.current.rawValue { return }
      try runSQL(operands.last ?? "", succeeds: !isNegated)
    case "stdout":
      try match(output, operands, isNegated)
    case "stderr":
      try match(errorOutput, operands, isNegated)
    case "exists":
      for name in operands where FileManager.default.fileExists(atPath: path(name)) == isNegated {
        throw ScriptFailure("\(name) \(isNegated ? "exists" : "does not exist")")
      }
    default:
      if isNegated { throw ScriptFailure("\(verb) cannot be denied") }
      try arrange(verb, operands)
    }
  }

  /// Runs a line without negation.
  private mutating func arrange(_ verb: String, _ operands: [String]) throws {
    switch (verb, operands.count) {
    case ("status", 1):
      guard Int32(operands[0]) == status else { throw ScriptFailure("exit code \(status)") }
    case ("stdin", 1):
      let text = operands[0] == "stdout" ? output : try content(of: operands[0])
      input = Data(try Script.expand(text, variables).utf8)
    case ("chmod", 2):
      guard let mode = Int(operands[0], radix: 8) else { throw ScriptFailure("no mode") }
      try FileManager.default.setAttributes(
        [.posixPermissions: mode], ofItemAtPath: path(operands[1]))
    case ("env", 1):
      let parts = operands[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw ScriptFailure("no value") }
      environment[String(parts[0])] = String(parts[1])
    case ("unset", 1):
      environment[operands[0]] = nil
    case ("keep", 0):
      kept = try databaseContent()
    case ("unchanged", 0):
      guard try databaseContent() == kept else { throw ScriptFailure("the database has changed") }
    case ("capture", 2):
      variables[operands[0]] = try group(operands[1], in: output)
    case ("capture", 3):
      variables[operands[0]] = try group(
        operands[1], in: Self.withoutQuotedPrintable(content(of: operands[2])))
    default:
      throw ScriptFailure("'\(verb)' with \(operands.count) operands is no command of a script")
    }
  }

  /// Runs SQL in the database.
  private mutating func runSQL(_ text: String, succeeds: Bool = true) throws {
    let file = text.hasPrefix("@") ? String(text.dropFirst()) : nil
    let words =
      database.map { database in
        let address = database.address + "&options=-csearch_path%3Dpublic,regctl"
        return ["psql", "-XAtqv", "ON_ERROR_STOP=1", address]
          + (file.map { ["-f", $0] } ?? ["-c", text])
      } ?? ["sqlite3", "regctl.db", file.map { ".read \($0)" } ?? text]
    try execute(URL(filePath: "/usr/bin/env"), words, succeeds: succeeds)
  }

  /// What is in the database: the bytes of the file, or a hash of all rows on a server.
  private mutating func databaseContent() throws -> Data {
    guard let database else { return try Data(contentsOf: URL(filePath: path("regctl.db"))) }
    return Data(try database.contentHash().utf8)
  }

  /// The text of a mail with its lines joined and its ASCII decoded.
  private static func withoutQuotedPrintable(_ text: String) -> String {
    text.replacing("=\n", with: "").replacing(/=([0-7][0-9A-F])/) { match in
      UInt8(match.1, radix: 16).map { String(Unicode.Scalar($0)) } ?? ""
    }
  }

  private func path(_ name: String) -> String {
    name.hasPrefix("/") ? name : directory.appending(path: name).path(percentEncoded: false)
  }

  /// The content of a file; for `DIRECTORY/*`, of the only file in it.
  private func content(of name: String) throws -> String {
    var file = path(name)
    if name.hasSuffix("/*") {
      file.removeLast(2)
      let names = try FileManager.default.contentsOfDirectory(atPath: file)
      guard names.count == 1 else { throw ScriptFailure("\(names.count) files in \(name)") }
      file += "/\(names[0])"
    }
    return try String(contentsOf: URL(filePath: file), encoding: .utf8)
  }

  private func match(_ text: String, _ operands: [String], _ isNegated: Bool) throws {
    guard operands.count == 1 else { throw ScriptFailure("one regular expression is needed") }
    let isMatching = try firstMatch(of: operands[0], in: text) != nil
    if isMatching == isNegated { throw ScriptFailure("\(isNegated ? "a" : "no") match") }
  }

  private func group(_ pattern: String, in text: String) throws -> String {
    guard let match = try firstMatch(of: pattern, in: text), match.count == 2,
      let range = match[1].range
    else { throw ScriptFailure("no match") }
    return String(text[range])
  }

  private func firstMatch(of pattern: String, in text: String) throws -> AnyRegexOutput? {
    try Regex(pattern).anchorsMatchLineEndings().matchingSemantics(.unicodeScalar)
      .firstMatch(in: text)?.output
  }

  /// Runs a program to completion; its output goes to files, so that no pipe can be full.
  private mutating func execute(_ program: URL, _ words: [String], succeeds: Bool) throws {
    let streams = directory.appendingPathExtension("streams")
    try FileManager.default.createDirectory(at: streams, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: streams) }
    let paths = ["in", "out", "err"].map { streams.appending(path: $0) }
    for path in paths { try Data().write(to: path) }
    try (input ?? Data()).write(to: paths[0])
    input = nil
    let process = Process()
    process.executableURL = program
    process.arguments = words
    process.environment = environment
    process.currentDirectoryURL = directory
    process.standardInput = try FileHandle(forReadingFrom: paths[0])
    process.standardOutput = try FileHandle(forWritingTo: paths[1])
    process.standardError = try FileHandle(forWritingTo: paths[2])
    try process.run()
    process.waitUntilExit()
    status = process.terminationStatus
    output = String(decoding: try Data(contentsOf: paths[1]), as: UTF8.self)
    errorOutput = String(decoding: try Data(contentsOf: paths[2]), as: UTF8.self)
    if process.terminationReason == .uncaughtSignal { throw ScriptFailure("died of \(status)") }
    if (status == 0) != succeeds { throw ScriptFailure("exit code \(status)") }
  }
}

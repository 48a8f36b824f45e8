import SQL
import SQLite
import System
import TestSupport
import Testing

@testable import regctl

/// The database of a world, as another program sees it.
extension World {
  /// Where the database is.
  var database: String { "\(directory)/regctl.db" }

  /// The first column of each row of a query, as text.
  func rows(_ query: Statement) throws -> [String] {
    try SQLiteDatabase(path: database, access: .readOnly, busyTimeout: .zero)
      .rows(query) { $0.optionalText(0) ?? "NULL" }
  }

  /// Runs statements on the database.
  func execute(_ statements: Statement) throws {
    try SQLiteDatabase(path: database, access: .readWrite, busyTimeout: .zero).execute(statements)
  }

  /// Whether a file of the world's directory exists.
  func exists(_ name: String) throws -> Bool {
    try FileSystem.status(of: "\(directory)/\(name)") != nil
  }

  /// Registers accounts at example.org without a password, and with a queued mail if one is wanted.
  func register(_ names: String..., queuesMail: Bool = false) {
    for name in names {
      let mail = queuesMail ? "" : " --no-mail"
      #expect(run("register \(name)@example.org --no-password -q\(mail)") == .ok)
    }
  }

  /// Runs words that are refused and returns what they print on standard error.
  ///
  /// Nothing is printed on standard output, and no byte of the database changes.
  func refusal(
    of line: String, endingWith exitCode: ExitCode,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let before = try FileSystem.read(database, atMost: 1 << 24)
    let printed = (output.bytes.count, errorOutput.bytes.count)
    #expect(run(line) == exitCode, sourceLocation: sourceLocation)
    #expect(output.bytes.count == printed.0, sourceLocation: sourceLocation)
    // Compared outside of the expectation, which would print every byte.
    let isUnchanged = try FileSystem.read(database, atMost: 1 << 24) == before
    #expect(isUnchanged, "the database was changed", sourceLocation: sourceLocation)
    return String(decoding: errorOutput.bytes[printed.1...], as: UTF8.self)
  }
}

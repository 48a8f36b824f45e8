import PostgreSQL
import RegctlCore
import SQL
import SQLite
import System
import TestSupport
import Testing

@testable import regctl

/// The database of a world, as another program sees it.
extension World {
  /// The path of the database, for tests of files.
  var database: String { "\(directory)/regctl.db" }

  /// The value of the setting `db`.
  var address: String { server?.address ?? database }

  /// What messages call the database.
  var databaseName: String { get throws { try DatabaseLocation(address).text } }

  /// A connection to the database.
  func connect(_ access: SQLiteDatabase.Access) throws -> any Database {
    if let server { return try server.connect() }
    return try SQLiteDatabase(path: database, access: access, busyTimeout: .zero)
  }

  /// The first column of each row of a query, as text.
  func rows(_ query: Statement) throws -> [String] {
    try connect(.readOnly).rows(query) { $0.optionalText(0) ?? "NULL" }
  }

  /// Runs statements on the database.
  func execute(_ statements: Statement) throws { try connect(.readWrite).execute(statements) }

  /// What is in the database: every byte of a file, a hash of all rows on a server.
  func content() throws -> [UInt8] {
    if let server { return try Array(server.contentHash().utf8) }
    return try FileSystem.read(database, atMost: 1 << 24)
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
  /// Nothing is printed on standard output, and nothing in the database changes.
  func refusal(
    of line: String, endingWith exitCode: ExitCode,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let before = try content()
    let printed = (output.bytes.count, errorOutput.bytes.count)
    #expect(run(line) == exitCode, sourceLocation: sourceLocation)
    #expect(output.bytes.count == printed.0, sourceLocation: sourceLocation)
    // Compared outside of the expectation, which would print every byte.
    let isUnchanged = try content() == before
    #expect(isUnchanged, "the database was changed", sourceLocation: sourceLocation)
    return String(decoding: errorOutput.bytes[printed.1...], as: UTF8.self)
  }
}

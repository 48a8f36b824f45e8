internal import Glibc
internal import SQLite
internal import System

/// The database of accounts, mail and audit; the only place where SQL is written.
///
/// A store belongs to one thread. Every commit is on the disk when it returns.
package final class Store {
  let connection: Connection

  /// The path as it was given.
  package let path: String

  /// The path without symbolic links, so that every name of a database has one lock and one journal.
  package let location: String

  private init(_ connection: consuming Connection, path: String, location: String) {
    self.connection = connection
    self.path = path
    self.location = location
  }

  /// What is asked of a database that is opened.
  package enum Access: Sendable {
    /// Changes no byte: not of the database, nor of a log that is there.
    case strictlyReadOnly
    /// Changes no row; a log that another process left behind may be tidied.
    case reading
    case writing
  }

  /// Opens a database that has the present schema.
  ///
  /// A reader that may write completes a change that was interrupted.
  package static func open(
    _ path: String, for access: Access, busyTimeout: Duration
  ) throws(RegctlError) -> Store {
    do throws(RegctlError) {
      return try openChecked(path, for: access, busyTimeout: busyTimeout)
    } catch .store(.readOnly(let refusal))
      where refusal.cause == .interruptedChange && access == .reading
      && FileSystem.isWritable(path)
    {
      return try openChecked(path, for: access, completing: true, busyTimeout: busyTimeout)
    }
  }

  private static func openChecked(
    _ path: String, for access: Access, completing: Bool = false, busyTimeout: Duration
  ) throws(RegctlError) -> Store {
    let store = try openUnchecked(
      path, for: access, completing: completing, busyTimeout: busyTimeout)
    guard let version = try store.schemaVersion() else {
      throw try .store(.schemaMissing(path: path, hasUsers: store.hasTable("users")))
    }
    guard version <= Schema.version else {
      throw .store(.schemaTooNew(found: version, supported: Schema.version))
    }
    return store
  }

  /// Opens a database whatever its schema.
  static func openUnchecked(
    _ path: String, for access: Access, completing: Bool = false, busyTimeout: Duration
  ) throws(RegctlError) -> Store {
    let way = try fileAccess(ResolvedPath(path))
    guard let status = way.status else { throw .store(.missing(path: path)) }
    guard status.isRegularFile else { throw .store(.notADatabase(path: path)) }
    // Root has become the owner before (`ProcessIdentity`): this came into other hands since.
    guard geteuid() != 0 || way.places.allSatisfy({ $0.status.user == 0 }) else {
      throw .file(FileError(operation: "open", path: path, code: EPERM))
    }
    let location = way.path
    let hasLog = try fileAccess(FileSystem.status(of: location + "-wal")) != nil
    let usesLog = try saysItUsesLog(location, shownAs: path) || hasLog
    let mode = try completing ? .readWrite : mode(location, for: access, usesLog: usesLog)
    let store = try Store(
      translating { () throws(SQLiteError) in
        try Connection(path: location, access: mode, busyTimeout: busyTimeout)
      }, path: path, location: location)
    try store.perform { connection throws(SQLiteError) in
      switch access {
      case .writing:
        // SQLite's own default loses acknowledged commits when the power fails. A cache of 8 MB
        // keeps the index of a few hundred thousand addresses from batch to batch.
        try connection.execute(
          "PRAGMA synchronous=EXTRA; PRAGMA cell_size_check=ON; PRAGMA cache_size=-8192")
      case .reading:
        try connection.execute("PRAGMA query_only=ON")
      case .strictlyReadOnly:
        try connection.execute("PRAGMA query_only=ON")
        if hasLog { connection.keepLog() }
      }
    }
    return store
  }

  /// Whether the header of a database says that changes go to a write-ahead log.
  ///
  /// See the file format write version in <https://www.sqlite.org/fileformat.html>.
  private static func saysItUsesLog(
    _ location: String, shownAs path: String
  ) throws(RegctlError) -> Bool {
    // Whether it may be read at all is SQLite's to find out, but in words that name no file.
    let file = try fileAccess(
      File(
        path: location, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK, shownAs: path))
    let header = try fileAccess(file.read(atMost: 20))
    return header.count >= 20 && header[18] == 2
  }

  private static func mode(
    _ path: String, for access: Access, usesLog: Bool
  ) throws(RegctlError) -> Connection.Access {
    if access == .writing { return .readWrite }
    guard usesLog else { return .readOnly }
    if access == .strictlyReadOnly {
      if try fileAccess(FileSystem.status(of: path + "-shm")) != nil { return .readOnlyIndex }
      // A connection that may write would complete a change that was interrupted.
      if let journal = try fileAccess(FileSystem.status(of: path + "-journal")),
        journal.byteCount > 0
      {
        return .readOnly
      }
    }
    // Beside a log a reader that may write opens for writing: SQLite needs the log's index, which
    // reading creates too, and tidies both up at the end.
    return FileSystem.isWritable(path) ? .readWrite : .readOnly
  }

  /// A store over a file that is being made, by a path without symbolic links.
  static func creating(_ path: String) throws(RegctlError) -> Store {
    try Store(
      translating { () throws(SQLiteError) in
        try Connection(path: path, access: .create, busyTimeout: .zero)
      }, path: path, location: path)
  }

  /// The version of regctl's tables, or `nil` when there are none.
  func schemaVersion() throws(RegctlError) -> Int64? {
    do throws(RegctlError) {
      return try perform { connection throws(SQLiteError) in
        try connection.first("SELECT max(version) FROM regctl_schema") { $0.optionalInteger(0) }
      } ?? nil
    } catch .store(.schemaChanged) {
      // Asked only now, because nearly always the table is there.
      if try hasTable("regctl_schema") { throw .store(.corrupt(detail: "regctl_schema")) }
      return nil
    }
  }

  func hasTable(_ name: String) throws(RegctlError) -> Bool {
    try perform { connection throws(SQLiteError) in
      try connection.first(
        "SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND lower(name) = ?",
        .text(name)
      ) { _ in true }
    } ?? false
  }

  /// Runs statements, naming what SQLite refuses.
  func perform<Result>(
    _ body: (borrowing Connection) throws(SQLiteError) -> Result
  ) throws(RegctlError) -> Result {
    do throws(SQLiteError) {
      return try body(connection)
    } catch {
      throw .store(named(error))
    }
  }

  /// Takes 64 MB for pages, for work on so many accounts that their indexes fit no smaller cache.
  func enlargeCache() throws(RegctlError) {
    try perform { connection throws(SQLiteError) in
      try connection.execute("PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY")
    }
  }

  /// Runs a body in a transaction that holds the write lock from its beginning.
  package func transaction<Result>(
    _ body: () throws(RegctlError) -> Result
  ) throws(RegctlError) -> Result {
    try connection.transaction(translating: { RegctlError.store(named($0)) }, body)
  }

  /// The error with what only the store knows.
  private func named(_ error: SQLiteError) -> StoreError {
    switch StoreError(error) {
    case .notADatabase: return .notADatabase(path: path)
    case .ignored(let table, _): return .ignored(table: table, triggers: triggers(of: table))
    case .readOnly(let refusal): return .readOnly(named(refusal))
    case .inputOutput(let detail)
    where error.code.primary == .cannotOpen && !FileSystem.isWritable(location):
      // The database itself was opened before: it is a file beside it.
      return .readOnly(named(ReadOnlyRefusal(.log, detail: detail)))
    case let named: return named
    }
  }

  private func named(_ refusal: ReadOnlyRefusal) -> ReadOnlyRefusal {
    var refusal = refusal
    refusal.path = path
    // An error of this has nothing to add.
    refusal.owner = (try? FileSystem.status(of: location)).flatMap { $0.map { User(uid: $0.user) } }
    return refusal
  }

  /// The failure of a table that took a change and did not make it.
  func ignoredChange(of table: String) -> RegctlError { .store(named(.ignored(table: table))) }

  /// The triggers of a table that are not of regctl.
  private func triggers(of table: String) -> [String] {
    // Without the names the failure is told all the same.
    let names = try? connection.rows(
      "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = ? ORDER BY name",
      .text(table)
    ) { $0.text(0) }
    return (names ?? []).filter { !$0.utf8.starts(with: "regctl_".utf8) }
  }

  private static func translating<Result: ~Copyable>(
    _ body: () throws(SQLiteError) -> Result
  ) throws(RegctlError) -> Result {
    do throws(SQLiteError) {
      return try body()
    } catch {
      throw .store(StoreError(error))
    }
  }

  /// The version of the SQLite library in use.
  package static var libraryVersion: String { Connection.libraryVersion }
}

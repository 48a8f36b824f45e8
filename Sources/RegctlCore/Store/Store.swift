internal import Glibc
internal import SQL
internal import SQLite
internal import System

/// The database of accounts, mail and audit entries; SQL is written only here.
///
/// A store is used by one thread. Every commit is durable when it returns.
package final class Store {
  let database: any Database

  /// The path as given.
  package let path: String

  /// The path without symbolic links, so that a database always has the same lock and journal.
  package let location: String

  private init(_ database: any Database, path: String, location: String) {
    self.database = database
    self.path = path
    self.location = location
  }

  /// The access with which a database is opened.
  package enum Access: Sendable {
    /// Changes no byte, neither of the database nor of an existing log.
    case strictlyReadOnly
    /// Changes no row; may clean up a log that another process left behind.
    case reading
    case writing
  }

  /// Opens a database that has the current schema.
  ///
  /// A reader with write permission completes an interrupted change.
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

  /// Opens a database with any schema.
  static func openUnchecked(
    _ path: String, for access: Access, completing: Bool = false, busyTimeout: Duration
  ) throws(RegctlError) -> Store {
    let way = try fileAccess(ResolvedPath(path))
    guard let status = way.status else { throw .store(.missing(path: path)) }
    guard status.isRegularFile else { throw .store(.notADatabase(path: path)) }
    // Root has already become the owner (`ProcessIdentity`): the owner changed since then.
    guard geteuid() != 0 || way.places.allSatisfy({ $0.status.user == 0 }) else {
      throw .file(FileError(operation: "open", path: path, code: EPERM))
    }
    let location = way.path
    let hasLog = try fileAccess(FileSystem.status(of: location + "-wal")) != nil
    let usesLog = try saysItUsesLog(location, shownAs: path) || hasLog
    let mode = try completing ? .readWrite : mode(location, for: access, usesLog: usesLog)
    do throws(DatabaseError) {
      let database = try SQLiteDatabase(path: location, access: mode, busyTimeout: busyTimeout)
      let store = Store(database, path: path, location: location)
      switch access {
      case .writing: try database.commitDurably()
      case .reading: try database.refuseChanges()
      case .strictlyReadOnly:
        try database.refuseChanges()
        if hasLog { database.keepLog() }
      }
      return store
    } catch {
      throw .store(StoreError(error))
    }
  }

  /// Whether the header of a database says that it uses a write-ahead log.
  ///
  /// See the file format write version in <https://www.sqlite.org/fileformat.html>.
  private static func saysItUsesLog(
    _ location: String, shownAs path: String
  ) throws(RegctlError) -> Bool {
    // SQLite would also find out that the file is unreadable, but its message names no file.
    let file = try fileAccess(
      File(
        path: location, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK, shownAs: path))
    let header = try fileAccess(file.read(atMost: 20))
    return header.count >= 20 && header[18] == 2
  }

  private static func mode(
    _ path: String, for access: Access, usesLog: Bool
  ) throws(RegctlError) -> SQLiteDatabase.Access {
    if access == .writing { return .readWrite }
    guard usesLog else { return .readOnly }
    if access == .strictlyReadOnly {
      if try fileAccess(FileSystem.status(of: path + "-shm")) != nil { return .readOnlyIndex }
      // A connection that may write would complete an interrupted change.
      if let journal = try fileAccess(FileSystem.status(of: path + "-journal")),
        journal.byteCount > 0
      {
        return .readOnly
      }
    }
    // With a log, a reader that may write opens for writing: SQLite needs the log's index, which
    // reading creates too, and cleans up both at the end.
    return FileSystem.isWritable(path) ? .readWrite : .readOnly
  }

  /// A store for a file that is being created, by a path without symbolic links.
  static func creating(_ path: String) throws(RegctlError) -> Store {
    do throws(DatabaseError) {
      let database = try SQLiteDatabase(path: path, access: .create, busyTimeout: .zero)
      return Store(database, path: path, location: path)
    } catch {
      throw .store(StoreError(error))
    }
  }

  /// The version of regctl's schema, or `nil` when it is not installed.
  func schemaVersion() throws(RegctlError) -> Int64? {
    do throws(RegctlError) {
      return try first("SELECT max(version) FROM regctl_schema") { $0.optionalInteger(0) } ?? nil
    } catch .store(.schemaChanged) {
      // Checked only now, because the table nearly always exists.
      if try hasTable("regctl_schema") { throw .store(.corrupt(detail: "regctl_schema")) }
      return nil
    }
  }

  func hasTable(_ name: String) throws(RegctlError) -> Bool {
    try first(
      Statement(
        sqlite: "SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND lower(name) = $1"),
      .text(name)
    ) { _ in true } ?? false
  }

  /// Enlarges the page cache for work on many accounts, whose indexes fit no smaller cache.
  func enlargeCache() throws(RegctlError) {
    try naming { () throws(DatabaseError) in try database.enlargeCache() }
  }

  /// Runs database calls and translates their errors.
  @discardableResult
  func naming<Result>(
    _ body: () throws(DatabaseError) -> Result
  ) throws(RegctlError) -> Result {
    do throws(DatabaseError) {
      return try body()
    } catch {
      throw .store(named(error))
    }
  }

  /// The error, with details that only the store knows.
  func named(_ error: DatabaseError) -> StoreError {
    switch error {
    case .notADatabase: .notADatabase(path: path)
    case .ignored(let table): .ignored(table: table, triggers: triggers(of: table))
    case .readOnly(let cause, let detail): .readOnly(named(ReadOnlyRefusal(cause, detail)))
    // The database itself is already open, so this is a file beside it.
    case .cannotOpen(let detail) where !FileSystem.isWritable(location):
      .readOnly(named(ReadOnlyRefusal(.log, detail: detail)))
    default: StoreError(error)
    }
  }

  private func named(_ refusal: ReadOnlyRefusal) -> ReadOnlyRefusal {
    var refusal = refusal
    refusal.path = path
    // If this fails too, there is no owner to report.
    refusal.owner = (try? FileSystem.status(of: location)).flatMap { $0.map { User(uid: $0.user) } }
    return refusal
  }

  /// The error of a table that accepted a change without making it.
  func ignoredChange(of table: String) -> RegctlError { .store(named(.ignored(table: table))) }

  /// The triggers of a table that do not belong to regctl.
  private func triggers(of table: String) -> [String] {
    // If this fails, the error is reported without the names.
    let names = try? rows(
      Statement(
        sqlite: """
          SELECT name FROM sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = $1
          ORDER BY name
          """), .text(table)
    ) { $0.text(0) }
    return (names ?? []).filter { !$0.utf8.starts(with: "regctl_".utf8) }
  }

  /// The version of the SQLite library in use.
  package static var libraryVersion: String { SQLiteDatabase.libraryVersion }
}

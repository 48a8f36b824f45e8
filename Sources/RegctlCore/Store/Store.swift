internal import Glibc
internal import SQL
internal import SQLite
internal import System

/// The database of accounts, mail and audit; the only place where SQL is written.
///
/// A store belongs to one thread. Every commit is on the disk when it returns.
package final class Store {
  let database: any Database

  /// The path as it was given.
  package let path: String

  /// The path without symbolic links, so that every name of a database has one lock and one journal.
  package let location: String

  private init(_ database: any Database, path: String, location: String) {
    self.database = database
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
  ) throws(RegctlError) -> SQLiteDatabase.Access {
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
    do throws(DatabaseError) {
      let database = try SQLiteDatabase(path: path, access: .create, busyTimeout: .zero)
      return Store(database, path: path, location: path)
    } catch {
      throw .store(StoreError(error))
    }
  }

  /// The version of regctl's tables, or `nil` when there are none.
  func schemaVersion() throws(RegctlError) -> Int64? {
    do throws(RegctlError) {
      return try first("SELECT max(version) FROM regctl_schema") { $0.optionalInteger(0) } ?? nil
    } catch .store(.schemaChanged) {
      // Asked only now, because nearly always the table is there.
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

  /// Takes memory for work on so many accounts that their indexes fit no smaller cache.
  func enlargeCache() throws(RegctlError) {
    try naming { () throws(DatabaseError) in try database.enlargeCache() }
  }

  /// Runs what the database may refuse, and names what it refuses.
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

  /// The error with what only the store knows.
  func named(_ error: DatabaseError) -> StoreError {
    switch error {
    case .notADatabase: .notADatabase(path: path)
    case .ignored(let table): .ignored(table: table, triggers: triggers(of: table))
    case .readOnly(let cause, let detail): .readOnly(named(ReadOnlyRefusal(cause, detail)))
    // The database itself was opened before: it is a file beside it.
    case .cannotOpen(let detail) where !FileSystem.isWritable(location):
      .readOnly(named(ReadOnlyRefusal(.log, detail: detail)))
    default: StoreError(error)
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

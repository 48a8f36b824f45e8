internal import Glibc
internal import SQL
internal import SQLite
internal import System

/// Stores in files, which are SQLite databases.
extension Store {
  /// Opens a file with any schema.
  static func openFile(
    _ path: String, _ mapping: UsersMapping = .original, for access: Access, completing: Bool,
    busyTimeout: Duration
  ) throws(RegctlError) -> Store {
    let way = try fileAccess(ResolvedPath(path))
    guard let status = way.status else { throw .store(.missing(path: path)) }
    guard status.isRegularFile else { throw .store(.notADatabase(path: path)) }
    // Root has already become the owner (`ProcessIdentity`): the owner changed since then.
    guard geteuid() != 0 || way.places.allSatisfy({ $0.status.user == 0 }) else {
      throw .file(FileError(operation: "open", path: path, code: EPERM))
    }
    let hasLog = try fileAccess(FileSystem.status(of: way.path + "-wal")) != nil
    let usesLog = try saysItUsesLog(way.path, shownAs: path) || hasLog
    let mode = try completing ? .readWrite : mode(way.path, for: access, usesLog: usesLog)
    do throws(DatabaseError) {
      let database = try SQLiteDatabase(path: way.path, access: mode, busyTimeout: busyTimeout)
      if access == .writing { try database.commitDurably() }
      if access == .strictlyReadOnly, hasLog { database.keepLog() }
      return Store(database, at: .file(path), resolved: .file(way.path), mapping: mapping)
    } catch {
      throw .store(StoreError(error))
    }
  }

  /// Whether the header of a database says that it uses a write-ahead log.
  ///
  /// See the file format write version in <https://www.sqlite.org/fileformat.html>.
  private static func saysItUsesLog(
    _ resolved: String, shownAs path: String
  ) throws(RegctlError) -> Bool {
    // SQLite would also find out that the file is unreadable, but its message names no file.
    let file = try fileAccess(
      File(path: resolved, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK, shownAs: path))
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

  /// Creates a file with regctl's schema, completely or not at all, and the directories above it.
  static func createFile(
    _ path: String, journalMode: JournalMode, at now: Instant, by actor: Actor
  ) throws(RegctlError) {
    guard try fileAccess(FileSystem.isFree(path)) else { throw .store(.exists(path: path)) }
    try fileAccess(FileSystem.makeDirectories(FileSystem.directory(of: path)))
    try publish(path) { temporary throws(RegctlError) in
      let database = try openNew(temporary)
      let store = Store(database, at: .file(path), resolved: .file(temporary))
      try store.naming { () throws(DatabaseError) in try database.commitDurably() }
      try store.installSchema(at: now, by: actor)
      // Last, so that every page is in the file by then: pages left in a log when the connection
      // closes would be lost with it, without an error.
      if journalMode == .wal {
        try store.naming { () throws(DatabaseError) in try database.useLog() }
      }
    }
  }

  /// Copies a consistent snapshot of the database to a new file, completely or not at all, and
  /// verifies the copy: a copy of a damaged database is an error.
  ///
  /// A database on a server becomes a file with the same tables of regctl's and the table of accounts.
  package func backUp(
    to path: String, at now: Instant, reporting report: CopyProgress.Report? = nil
  ) throws(RegctlError) {
    guard try fileAccess(FileSystem.isFree(path)) else { throw .store(.exists(path: path)) }
    guard try fileAccess(FileSystem.status(of: FileSystem.directory(of: path))) != nil else {
      throw .file(FileError(operation: "create", path: path, code: FileError.missing))
    }
    try Self.publish(path) { temporary throws(RegctlError) in
      guard let file = database as? SQLiteDatabase else {
        let copy = try newFile(temporary, for: path)
        _ = try inOneState { () throws(RegctlError) in
          try copy.fill(from: self, at: now, reporting: report)
        }
        return
      }
      try backUp(file, to: temporary, reporting: report)
    }
  }

  /// Copies the pages of the file to an empty one, and verifies the copy.
  func backUp(
    _ file: SQLiteDatabase, to path: String, reporting report: CopyProgress.Report?
  ) throws(RegctlError) {
    try naming { () throws(DatabaseError) in
      try file.backUp(
        to: path, reporting: { report?(.copying(CopyProgress.Count(pages: $0, of: $1))) },
        checking: { report?(.checking) })
    }
  }

  /// Creates a file under a temporary name and links it to the final one when it is complete, so
  /// that a kill or a power failure leaves either nothing or a complete database.
  @discardableResult
  static func publish<Result>(
    _ path: String, making make: (_ temporary: String) throws(RegctlError) -> Result
  ) throws(RegctlError) -> Result {
    let directory = try fileAccess(Directory(of: path))
    let temporary = Directory.temporaryName(for: path)
    // Created here, because SQLite does not report why it cannot create a file. It stays open until
    // it has its final name, so that a file put in its place meanwhile is detected.
    let file = try fileAccess(directory.create(temporary, shownAs: path))
    do throws(RegctlError) {
      let result = try make(directory.path(of: temporary))
      try fileAccess(directory.publish(file, from: temporary, as: FileSystem.name(of: path)))
      return result
    } catch {
      remove(temporary, in: directory)
      if case .file(let failure) = error, failure.isExisting, failure.path == path {
        throw .store(.exists(path: path))
      }
      throw error
    }
  }

  /// Runs a body with a new file beside a database, which is removed at the end.
  static func withTemporaryFile(
    for path: String, _ body: (_ temporary: String) throws(RegctlError) -> Void
  ) throws(RegctlError) {
    let directory = try fileAccess(Directory(of: ResolvedPath(path).path))
    let temporary = Directory.temporaryName(for: path)
    _ = try fileAccess(directory.create(temporary, shownAs: path))
    defer { remove(temporary, in: directory) }
    try body(directory.path(of: temporary))
  }

  private static func remove(_ temporary: String, in directory: borrowing Directory) {
    for suffix in ["", "-wal", "-shm", "-journal"] { directory.remove(temporary + suffix) }
  }

  /// A store with only the accounts table, in an unnamed temporary file that is deleted on close.
  static func scratch() throws(RegctlError) -> Store {
    let database = try openNew("")
    let store = Store(database, at: .file(""), resolved: .file(""))
    try store.naming { () throws(DatabaseError) in try database.forgoDurability() }
    try store.execute(Schema.users)
    try store.execute(Schema.uniqueEmail.sql)
    try store.execute(Schema.languages.sql)
    try store.execute(Schema.languagesAccount.sql)
    try store.markNoPasswordByItself()
    return store
  }

  /// Opens a file that is being created, by a path without symbolic links.
  static func openNew(_ path: String) throws(RegctlError) -> SQLiteDatabase {
    do throws(DatabaseError) {
      return try SQLiteDatabase(path: path, access: .create, busyTimeout: .zero)
    } catch {
      throw .store(StoreError(error))
    }
  }
}

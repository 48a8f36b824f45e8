internal import Base
internal import CSQLite
package import SQL

/// An open SQLite database, closed on deinitialization.
///
/// Every connection enforces foreign keys, reports extended result codes, does not trust functions
/// used in the schema, and does not accept double-quoted string literals.
@safe package final class SQLiteDatabase: Database {
  /// The access mode of a connection.
  package enum Access: Sendable {
    case readOnly, readWrite
    /// Reads with a write-ahead log without writing a byte, not even to the log's index.
    ///
    /// See `readonly_shm` in `os_unix.c` of SQLite.
    case readOnlyIndex
    /// Reads and writes, and creates the file if it is missing.
    case create
  }

  let handle: OpaquePointer
  private let busyHandler: BusyHandler
  private var observer: WorkObserver?
  private let cache = StatementCache()

  /// What syncs the log while the connection goes on; made when it is needed.
  private var logSync: LogSync?
  package var names = Names([:])

  /// Turns SQLite's memory statistics off, which need a lock for each allocation.
  private static let hasCheapMemory =
    regctl_sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK

  /// Opens a database file by a path without symbolic links; any symbolic link is an error. The
  /// first statement reads the first page.
  ///
  /// The corresponding C function is `sqlite3_open_v2`.
  package init(path: String, access: Access, busyTimeout: Duration) throws(DatabaseError) {
    // Before any other call, because the configuration must precede SQLite's initialization.
    _ = Self.hasCheapMemory
    guard let files = VirtualFileSystem.name else {
      throw DatabaseError.inputOutput(detail: "no memory for the file system")
    }
    let mode =
      switch access {
      case .readOnly: SQLITE_OPEN_READONLY
      case .readOnlyIndex: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
      case .readWrite: SQLITE_OPEN_READWRITE
      case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    let name = access == .readOnlyIndex ? Self.address(of: path) + "?readonly_shm=1" : path
    var opened: OpaquePointer?
    // A connection is used by one thread, so it needs no mutex.
    let code = unsafe sqlite3_open_v2(
      name, &opened,
      mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW, files)
    guard code == SQLITE_OK, let handle = unsafe opened else {
      let error = unsafe DatabaseError(on: opened)
      unsafe sqlite3_close_v2(opened)  // SQLite hands back a handle even when opening fails.
      throw error
    }
    let busyHandler = BusyHandler(timeout: busyTimeout)
    unsafe busyHandler.install(on: handle)
    unsafe _ = regctl_sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0)
    unsafe _ = regctl_sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0)
    unsafe _ = regctl_sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1)
    unsafe _ = regctl_sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    self.busyHandler = busyHandler
    unsafe self.handle = handle
  }

  /// A path as a URI, with special characters escaped. See <https://www.sqlite.org/uri.html>.
  private static func address(of path: String) -> String {
    "file:"
      + path.unicodeScalars.map { scalar in
        switch scalar {
        case "%": "%25"
        case "?": "%3f"
        case "#": "%23"
        default: String(scalar)
        }
      }.joined()
  }

  /// Leaves the write-ahead log unchanged when the last connection closes.
  package func keepLog() {
    unsafe _ = regctl_sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
  }

  package func observeWork(_ body: @escaping () -> Void) {
    let observer = WorkObserver(body)
    unsafe observer.install(on: handle)
    self.observer = observer
  }

  deinit {
    logSync?.end()
    cache.removeAll()
    unsafe sqlite3_close_v2(handle)
  }

  package func execute(_ statements: Statement) throws(DatabaseError) {
    let text = names.fill(statements.sqlite)
    guard unsafe sqlite3_exec(handle, text, nil, nil, nil) == SQLITE_OK else {
      throw unsafe DatabaseError(on: handle)
    }
  }

  package func begin() throws(DatabaseError) { try execute(Statement(sqlite: "BEGIN IMMEDIATE")) }

  package func commit() throws(DatabaseError) { try execute("COMMIT") }

  package func beginCommit(
    _ statement: Statement, each lists: [[Value]]
  ) throws(DatabaseError) -> any PendingCommit {
    if logSync == nil { logSync = try makeLogSync() }
    guard let sync = logSync else {
      return FinishedCommit(counts: try commit(statement, each: lists))
    }
    let counts = try leavingSyncOut { () throws(DatabaseError) in
      try commit(statement, each: lists)
    }
    sync.start()
    return UnsyncedCommit(counts: counts, sync: sync)
  }

  private func commit(
    _ statement: Statement, each lists: [[Value]]
  ) throws(DatabaseError) -> [Int] {
    try begin()
    do throws(DatabaseError) {
      var counts: [Int] = []
      for values in lists { counts.append(try step(statement, values) { _ in true }) }
      try commit()
      return counts
    } catch {
      rollBack()
      throw error
    }
  }

  /// What syncs the log, of a database that has one.
  private func makeLogSync() throws(DatabaseError) -> LogSync? {
    guard try hasLog, let log = unsafe log else { return nil }
    return unsafe LogSync(of: log)
  }

  /// The file of the log. See <https://www.sqlite.org/c3ref/c_fcntl_begin_atomic_write.html>.
  private var log: UnsafeMutablePointer<sqlite3_file>? {
    var file: UnsafeMutablePointer<sqlite3_file>?
    let code = unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file)
    guard code == SQLITE_OK, unsafe file?.pointee.pMethods != nil else { return nil }
    return unsafe file
  }

  package func rollBack() {
    // Fails if SQLite has already rolled back, as it does on a full disk; that is harmless.
    try? execute("ROLLBACK")
  }

  @discardableResult
  package func step(
    _ statement: Statement, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(DatabaseError) -> Int {
    let statement = unsafe try cache.statement(for: statement.sqlite, naming: names, on: handle)
    // Reset before this returns, so that no lock outlives the call.
    defer { unsafe sqlite3_reset(statement.handle) }
    return try step(statement, values, body)
  }

  @discardableResult
  package func step(
    _ text: SQLText, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(DatabaseError) -> Int {
    try step(prepare(text), values, body)
  }

  @discardableResult
  package func step(
    _ statement: AssembledStatement, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(DatabaseError) -> Int {
    let prepared: PreparedStatement
    if let compiled = statement.compiled as? PreparedStatement,
      unsafe sqlite3_db_handle(compiled.handle) == handle
    {
      prepared = compiled
    } else {
      prepared = try prepare(statement.text)
      statement.compiled = prepared
    }
    // Reset before this returns, so that no lock outlives the call.
    defer { unsafe sqlite3_reset(prepared.handle) }
    return try step(prepared, values, body)
  }

  private func prepare(_ text: SQLText) throws(DatabaseError) -> PreparedStatement {
    var prepared: OpaquePointer?
    let sql = text.text(with: names) { $0.sqlite }
    let code = unsafe sqlite3_prepare_v2(handle, sql, -1, &prepared, nil)
    guard code == SQLITE_OK, let statement = unsafe prepared else {
      throw unsafe DatabaseError(on: handle)
    }
    return unsafe PreparedStatement(statement)
  }

  private func step(
    _ statement: PreparedStatement, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(DatabaseError) -> Int {
    precondition(
      unsafe Int(sqlite3_bind_parameter_count(statement.handle)) == values.count,
      "a value for each parameter")
    var index: Int32 = 0
    for value in values {
      index += 1
      guard unsafe Self.bind(value, to: index, of: statement.handle) == SQLITE_OK else {
        throw unsafe DatabaseError(on: handle)
      }
    }
    while true {
      switch unsafe sqlite3_step(statement.handle) {
      case SQLITE_ROW:
        let goesOn = body(Row(statement))
        if let fault = statement.fault {
          statement.fault = nil
          throw .malformed(fault)
        }
        if !goesOn { return changedRows }
      case SQLITE_DONE:
        return changedRows
      default:
        throw unsafe DatabaseError(on: handle)
      }
    }
  }

  private var changedRows: Int { unsafe Int(sqlite3_changes64(handle)) }

  private static func bind(
    _ value: Value, to index: Int32, of statement: OpaquePointer
  ) -> Int32 {
    switch value {
    case .null:
      return unsafe sqlite3_bind_null(statement, index)
    case .real(let number):
      return unsafe sqlite3_bind_double(statement, index, number)
    case .blob(let bytes):
      return unsafe regctl_sqlite3_bind_blob(statement, index, bytes, Int64(bytes.count))
    case .integer(let integer):
      return unsafe sqlite3_bind_int64(statement, index, integer)
    case .boolean(let boolean):
      return unsafe sqlite3_bind_int64(statement, index, boolean ? 1 : 0)
    case .integers(let numbers):
      return unsafe bind(.text(JSONWriter.array(of: numbers)), to: index, of: statement)
    case .texts(let texts):
      return unsafe bind(.text(JSONWriter.array(of: texts)), to: index, of: statement)
    case .text(var text):
      return text.withUTF8 { unsafe bind(text: $0, to: index, of: statement) }
    case .malformedText(let bytes):
      return unsafe bytes.withUnsafeBufferPointer {
        unsafe bind(text: $0, to: index, of: statement)
      }
    }
  }

  private static func bind(
    text: UnsafeBufferPointer<UInt8>, to index: Int32, of statement: OpaquePointer
  ) -> Int32 {
    // An empty string may have a null address, which SQLite would store as NULL.
    guard let start = text.baseAddress, !text.isEmpty else {
      return unsafe regctl_sqlite3_bind_text(statement, index, "", 0)
    }
    return unsafe regctl_sqlite3_bind_text(
      statement, index, UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self),
      Int64(text.count))
  }

  /// The version of the SQLite library in use, such as `3.40.1`.
  package static var libraryVersion: String { unsafe String(cString: sqlite3_libversion()) }

  /// The options that the library in use was compiled with, such as `THREADSAFE=1`; see
  /// <https://www.sqlite.org/compile.html>.
  package static var compileOptions: [String] {
    var options: [String] = []
    while let option = unsafe sqlite3_compileoption_get(Int32(options.count)) {
      options.append(unsafe String(cString: option))
    }
    return options
  }
}

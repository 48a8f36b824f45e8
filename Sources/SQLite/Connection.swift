internal import CSQLite

/// An open database, closed when its owner goes away.
///
/// Every connection enforces foreign keys, reports extended result codes, trusts no function that a
/// schema names and takes no double-quoted string for a literal.
@safe package struct Connection: ~Copyable {
  /// What a connection may do to the file.
  package enum Access: Sendable {
    case readOnly, readWrite
    /// Reads beside a write-ahead log without a byte written, not even to the log's index.
    ///
    /// See `readonly_shm` in `os_unix.c` of SQLite.
    case readOnlyIndex
    /// Reads and writes, and makes the file if there is none.
    case create
  }

  let handle: OpaquePointer
  private let busyHandler: BusyHandler
  private let cache = StatementCache()

  /// Has SQLite not count its memory, for which it would take a lock at each allocation.
  private static let countsNoMemory =
    regctl_sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK

  /// Opens a database file; the pages are first read by the first statement.
  ///
  /// The corresponding C function is `sqlite3_open_v2`.
  package init(path: String, access: Access, busyTimeout: Duration) throws(SQLiteError) {
    _ = Self.countsNoMemory
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
      name, &opened, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard code == SQLITE_OK, let handle = unsafe opened else {
      let error = unsafe SQLiteError(on: opened)
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
    unsafe self.handle = handle  // Set last: a noncopyable value cannot be half initialised.
  }

  /// A path as an address in which nothing has a meaning. See <https://www.sqlite.org/uri.html>.
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

  /// Leaves the write-ahead log as it is when the last connection closes.
  package borrowing func keepLog() {
    unsafe _ = regctl_sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
  }

  deinit {
    cache.removeAll()
    unsafe sqlite3_close_v2(handle)
  }

  /// Runs statements that return nothing, several separated by semicolons.
  ///
  /// The corresponding C function is `sqlite3_exec`.
  package borrowing func execute(_ sql: StaticString) throws(SQLiteError) {
    let text = unsafe UnsafeRawPointer(sql.utf8Start).assumingMemoryBound(to: CChar.self)
    guard unsafe sqlite3_exec(handle, text, nil, nil, nil) == SQLITE_OK else {
      throw unsafe SQLiteError(on: handle)
    }
  }

  /// Runs one statement to its end and returns how many rows it inserted, updated or deleted.
  @discardableResult
  package borrowing func run(
    _ sql: StaticString, _ values: Value...
  ) throws(SQLiteError) -> Int {
    try step(sql, values) { _ in true }
    return unsafe Int(sqlite3_changes64(handle))
  }

  /// Runs one statement that was put together at run time; it is compiled anew each time.
  @discardableResult
  package borrowing func run(_ sql: SQLText, _ values: [Value]) throws(SQLiteError) -> Int {
    unsafe try withStatement(sql) { (statement) throws(SQLiteError) in
      unsafe try step(statement, values) { _ in true }
    }
    return unsafe Int(sqlite3_changes64(handle))
  }

  /// The rowid of the row inserted last.
  package borrowing func lastInsertedRow() -> Int64 {
    unsafe sqlite3_last_insert_rowid(handle)
  }

  /// Transforms the first row of a query, or returns `nil` when it has none.
  package borrowing func first<Element>(
    _ sql: StaticString, _ values: Value..., transform: (borrowing Row) -> Element
  ) throws(SQLiteError) -> Element? {
    var found: Element?
    try step(sql, values) { row in
      found = transform(row)
      return false
    }
    return found
  }

  /// Transforms every row of a query.
  package borrowing func rows<Element>(
    _ sql: StaticString, _ values: Value..., transform: (borrowing Row) -> Element
  ) throws(SQLiteError) -> [Element] {
    try rows(sql, values, transform: transform)
  }

  /// Transforms every row of a query whose values were collected before.
  package borrowing func rows<Element>(
    _ sql: StaticString, _ values: [Value], transform: (borrowing Row) -> Element
  ) throws(SQLiteError) -> [Element] {
    var elements: [Element] = []
    try step(sql, values) { row in
      elements.append(transform(row))
      return true
    }
    return elements
  }

  /// Runs a query for what is done with each row, which takes less than to collect them.
  package borrowing func forEachRow(
    _ sql: StaticString, _ values: Value..., body: (borrowing Row) -> Void
  ) throws(SQLiteError) {
    try step(sql, values) { row in
      body(row)
      return true
    }
  }

  /// Runs a query that was put together at run time for what is done with each row.
  package borrowing func forEachRow(
    _ sql: SQLText, _ values: [Value], body: (borrowing Row) -> Void
  ) throws(SQLiteError) {
    unsafe try withStatement(sql) { (statement) throws(SQLiteError) in
      unsafe try step(statement, values) { row in
        body(row)
        return true
      }
    }
  }

  private borrowing func withStatement(
    _ sql: SQLText, _ body: (OpaquePointer) throws(SQLiteError) -> Void
  ) throws(SQLiteError) {
    var prepared: OpaquePointer?
    let code = unsafe sqlite3_prepare_v2(handle, sql.text, -1, &prepared, nil)
    guard code == SQLITE_OK, let statement = unsafe prepared else {
      throw unsafe SQLiteError(on: handle)
    }
    defer { unsafe sqlite3_finalize(statement) }
    unsafe try body(statement)
  }

  /// Steps a statement, calling `body` for each row until it returns `false`.
  ///
  /// The statement is reset before this returns, so that no lock outlives the call.
  private borrowing func step(
    _ sql: StaticString, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(SQLiteError) {
    let statement = unsafe try cache.statement(for: sql, on: handle)
    defer { unsafe sqlite3_reset(statement) }
    unsafe try step(statement, values, body)
  }

  private borrowing func step(
    _ statement: OpaquePointer, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(SQLiteError) {
    precondition(
      unsafe Int(sqlite3_bind_parameter_count(statement)) == values.count,
      "a value for each parameter")
    var index: Int32 = 0
    for value in values {
      index += 1
      guard unsafe Self.bind(value, to: index, of: statement) == SQLITE_OK else {
        throw unsafe SQLiteError(on: handle)
      }
    }
    while true {
      switch unsafe sqlite3_step(statement) {
      case SQLITE_ROW:
        guard unsafe body(Row(statement: statement)) else { return }
      case SQLITE_DONE:
        return
      default:
        throw unsafe SQLiteError(on: handle)
      }
    }
  }

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
    case .text(var text):
      return text.withUTF8 { bytes in
        // An empty string may have no address, which SQLite would take for NULL.
        guard let start = bytes.baseAddress, !bytes.isEmpty else {
          return unsafe regctl_sqlite3_bind_text(statement, index, "", 0)
        }
        return unsafe regctl_sqlite3_bind_text(
          statement, index, UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self),
          Int64(bytes.count))
      }
    }
  }

  /// The version of the SQLite library in use, as `3.40.1`.
  package static var libraryVersion: String { unsafe String(cString: sqlite3_libversion()) }
}

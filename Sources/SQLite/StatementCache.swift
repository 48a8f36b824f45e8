internal import CSQLite

/// The prepared statements of one connection, each compiled once and kept until it closes.
///
/// SQL is a `StaticString`: its address is its identity, and nothing can be interpolated into it.
@safe final class StatementCache {
  private var statements: [(identity: UInt, statement: OpaquePointer)] = unsafe []

  /// The statement for this SQL, reset and without bindings.
  func statement(
    for sql: StaticString, on connection: OpaquePointer
  ) throws(SQLiteError) -> OpaquePointer {
    let identity = unsafe UInt(bitPattern: sql.utf8Start)
    // A command has a handful of statements, and asks most often for the one it asked for last.
    if let index = unsafe statements.lastIndex(where: { unsafe $0.identity == identity }) {
      return unsafe statements[index].statement
    }
    var prepared: OpaquePointer?
    let code = unsafe sqlite3_prepare_v3(
      connection, UnsafeRawPointer(sql.utf8Start).assumingMemoryBound(to: CChar.self),
      Int32(sql.utf8CodeUnitCount), UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let statement = unsafe prepared else {
      throw unsafe SQLiteError(on: connection)
    }
    unsafe statements.append((identity, statement))
    return unsafe statement
  }

  /// Finalizes every statement; the connection is about to close.
  func removeAll() {
    while let (_, statement) = unsafe statements.popLast() { unsafe sqlite3_finalize(statement) }
  }
}

extension SQLiteError {
  /// The error that the last call on this connection left behind; read it on the very next line.
  init(on connection: OpaquePointer?) {
    self.init(
      code: ResultCode(rawValue: unsafe sqlite3_extended_errcode(connection)),
      message: unsafe String(cString: sqlite3_errmsg(connection)))
  }
}

internal import CSQLite
internal import Glibc
internal import SQL

extension DatabaseError {
  /// The error of the last call on a connection; read it on the very next line.
  ///
  /// See <https://www.sqlite.org/rescode.html>; the least significant eight bits of an extended
  /// code are the primary code.
  init(on connection: OpaquePointer?) {
    let code = unsafe sqlite3_extended_errcode(connection)
    let detail = unsafe String(cString: sqlite3_errmsg(connection))
    self =
      switch code & 0xff {
      // The last is what locks of a log's index that cannot be had for ten seconds end in.
      // See <https://www.sqlite.org/rescode.html#protocol>.
      case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: .busy
      case SQLITE_CORRUPT: .corrupt(detail: detail)
      case SQLITE_FULL: .full
      case SQLITE_READONLY: .readOnly(Self.readOnlyCause(code), detail: detail)
      case SQLITE_CANTOPEN: .cannotOpen(detail: detail)
      case SQLITE_NOTADB: .notADatabase
      case SQLITE_CONSTRAINT: .constraint(detail: detail)
      // A log's index that cannot grow because the disk is full is not an I/O error.
      case SQLITE_IOERR where unsafe Self.isDiskFull(sqlite3_system_errno(connection)): .full
      case SQLITE_IOERR, SQLITE_NOMEM, SQLITE_PERM: .inputOutput(detail: detail)
      case SQLITE_ERROR, SQLITE_SCHEMA, SQLITE_MISMATCH, SQLITE_TOOBIG:
        .schemaChanged(detail: detail)
      default: .unexpected(code: "SQLite result code \(code)", detail: detail)
      }
  }

  /// The cause of an extended result code.
  ///
  /// The macros of these codes are expressions, which Swift does not import.
  private static func readOnlyCause(_ code: Int32) -> ReadOnlyCause {
    switch code {
    // SQLITE_READONLY_RECOVERY and SQLITE_READONLY_ROLLBACK: a log needs recovery, or a journal
    // needs to be rolled back.
    case SQLITE_READONLY | 1 << 8, SQLITE_READONLY | 3 << 8: .interruptedChange
    case SQLITE_READONLY | 5 << 8: .log  // SQLITE_READONLY_CANTINIT
    case SQLITE_READONLY | 6 << 8: .directory  // SQLITE_READONLY_DIRECTORY
    default: .database
    }
  }

  private static func isDiskFull(_ code: Int32) -> Bool { code == ENOSPC || code == EDQUOT }
}

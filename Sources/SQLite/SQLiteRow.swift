internal import CSQLite
internal import SQL

/// The present row of the statement that a connection is running.
@safe final class SQLiteRow: RowSource {
  /// The statement, as long as one runs.
  var statement: OpaquePointer?
  var fault: MalformedValue?

  func kind(of column: Int32) -> Value.Kind {
    switch unsafe sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: .integer
    case SQLITE_FLOAT: .real
    case SQLITE_TEXT: .text
    case SQLITE_BLOB: .blob
    default: .null
    }
  }

  func integer(_ column: Int32) -> Int64? {
    guard unsafe sqlite3_column_type(statement, column) == SQLITE_INTEGER else { return nil }
    return unsafe sqlite3_column_int64(statement, column)
  }

  func real(_ column: Int32) -> Double { unsafe sqlite3_column_double(statement, column) }

  func bytes(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
    // The pointer must be asked for before the count: https://www.sqlite.org/c3ref/column_blob.html
    let start = unsafe sqlite3_column_text(statement, column)
    let count = unsafe Int(sqlite3_column_bytes(statement, column))
    return unsafe UnsafeBufferPointer(start: start, count: start == nil ? 0 : count)
  }

  func name(of column: Int32) -> String {
    unsafe sqlite3_column_name(statement, column).map { unsafe String(cString: $0) } ?? ""
  }

  func table(of column: Int32) -> String? {
    unsafe regctl_sqlite3_column_table_name(statement, column).map { unsafe String(cString: $0) }
  }
}

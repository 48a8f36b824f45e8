internal import CSQLite
internal import SQL

/// A prepared statement and, while it runs, its current row; finalized on deinitialization.
@safe final class PreparedStatement: RowSource {
  let handle: OpaquePointer
  var fault: MalformedValue?

  init(_ handle: OpaquePointer) { unsafe self.handle = handle }

  deinit { unsafe sqlite3_finalize(handle) }

  func kind(of column: Int32) -> Value.Kind {
    switch unsafe sqlite3_column_type(handle, column) {
    case SQLITE_INTEGER: .integer
    case SQLITE_FLOAT: .real
    case SQLITE_TEXT: .text
    case SQLITE_BLOB: .blob
    default: .null
    }
  }

  func integer(_ column: Int32) -> Int64? {
    guard unsafe sqlite3_column_type(handle, column) == SQLITE_INTEGER else { return nil }
    return unsafe sqlite3_column_int64(handle, column)
  }

  func real(_ column: Int32) -> Double { unsafe sqlite3_column_double(handle, column) }

  func bytes(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
    // The text must be requested before the length: https://www.sqlite.org/c3ref/column_blob.html
    let start = unsafe sqlite3_column_text(handle, column)
    let count = unsafe Int(sqlite3_column_bytes(handle, column))
    // An empty blob has no address either.
    if unsafe start == nil && sqlite3_column_type(handle, column) != SQLITE_NULL {
      return unsafe UnsafeBufferPointer(start: UnsafePointer(bitPattern: 1), count: 0)
    }
    return unsafe UnsafeBufferPointer(start: start, count: start == nil ? 0 : count)
  }

  func name(of column: Int32) -> String {
    unsafe sqlite3_column_name(handle, column).map { unsafe String(cString: $0) } ?? ""
  }

  func table(of column: Int32) -> String? {
    unsafe regctl_sqlite3_column_table_name(handle, column).map { unsafe String(cString: $0) }
  }
}
